/* A file of any bytes: the walks end, agree with the sniffer, and allow a trailer. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/media/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char tail[9] = { 0 };
	_cleanup_(closep) int fd = memfd_create("media", MFD_CLOEXEC);
	const struct media_type *type = NULL, *again = NULL;
	struct err err;
	enum err_kind kind;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	kind = media_check(fd, size, &type, &err);
	must(kind == ERR_OK || kind == ERR_CONTRACT);
	must((kind == ERR_OK) == (type != NULL));
	if (kind)
		return 0;
	must(type == media_sniff(data, size));
	must(type->format && type->extension && type->kind != MEDIA_UNKNOWN);
	/* A claim of more than there is never passes. */
	must(media_check(fd, size + 1, &again, &err) == ERR_CONTRACT);
	if (write(fd, tail, sizeof(tail)) == sizeof(tail))
		must(media_check(fd, size + sizeof(tail), &again, &err) == ERR_OK);
	return 0;
}
