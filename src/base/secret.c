#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/redact.h"

enum err_kind secret_make(const char *text, struct secret *ret_secret, struct err *err)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t len = strlen(text);
	const size_t room = (len / page + 1) * page;
	void *pages =
	    mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return err_set(err, ERR_NOMEM, "no memory for the login");
	/* Best effort: a limit on locked memory is no reason to stop. */
	(void)madvise(pages, room, MADV_DONTDUMP);
	(void)mlock(pages, room);
	memcpy(pages, text, len + 1);
	*ret_secret = (struct secret){ pages, room };
	return ERR_OK;
}

void secret_release(struct secret *secret)
{
	if (secret->text) {
		redact_wipe(secret->text, secret->room);
		(void)munmap(secret->text, secret->room);
	}
	*secret = (struct secret){ 0 };
}
