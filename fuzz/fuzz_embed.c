/*
 * A file of any bytes: what is one gets its texts or a reason why not, and is still one,
 * of the same kind; a second time adds to the XMP of the first.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/media/embed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool add_xmp(void *payload, const struct buf *old, struct buf *into)
{
	(void)payload;
	if (old)
		buf_add(into, old->data, old->len);
	buf_addf(into, "<rdf:RDF>");
	return true;
}

static enum err_kind add_bytes(
    void *payload, const void *bytes, size_t len, struct err *err)
{
	const int *fd = payload;

	return write(*fd, bytes, len) == (ssize_t)len ? ERR_OK
						      : err_errno(err, ERR_IO, "a copy");
}

/* Returns the copy's size; 0: there is none. */
static uint64_t embed(int from, uint64_t size, int into, const char *parameters)
{
	const struct embedding embedding = { parameters, add_xmp, add_bytes, &into };
	const struct media_type *before = NULL, *after = NULL;
	struct err err;
	const enum err_kind kind = media_embed(from, size, &embedding, &err);
	const off_t end = lseek(into, 0, SEEK_CUR);

	must(kind == ERR_OK || kind == ERR_CONTRACT || kind == ERR_FAILED);
	if (kind)
		return 0;
	must(end > (off_t)size - (1 << 20));
	must(!media_check(from, size, &before, &err));
	must(!media_check(into, (uint64_t)end, &after, &err) && before == after);
	return (uint64_t)end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(closep) int fd = memfd_create("media", MFD_CLOEXEC);
	_cleanup_(closep) int first = memfd_create("first", MFD_CLOEXEC);
	_cleanup_(closep) int second = memfd_create("second", MFD_CLOEXEC);
	uint64_t end;

	if (fd < 0 || first < 0 || second < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	end = embed(fd, size, first, "a cat\nSeed: 1, Size: 2x2, File: 0");
	if (end > 0)
		(void)embed(first, end, second, "一只猫 👩‍👩‍👧");
	return 0;
}
