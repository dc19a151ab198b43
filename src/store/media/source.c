#include "store/media/source.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_BYTES = 4096 };

void source_begin(struct source *source, int fd, uint64_t size_bytes)
{
	source->fd = fd;
	source->size_bytes = size_bytes;
	source->format = "file";
	source->has_no_end = false;
	source->window_at = 0;
	source->window_len = 0;
}

static enum err_kind fail_cut(
    const struct source *source, uint64_t offset, struct err *err)
{
	return err_set(err, ERR_CONTRACT,
	    "the %s is cut off: it goes on at byte %" PRIu64 ", but there are %" PRIu64,
	    source->format, offset, source->size_bytes);
}

enum err_kind source_fail(
    const struct source *source, uint64_t offset, const char *why, struct err *err)
{
	return err_set(err, ERR_CONTRACT, "the %s is damaged at byte %" PRIu64 ": %s",
	    source->format, offset, why);
}

/* Little where the walk jumps to; all that fits where it goes on, or where that is all.
 */
static size_t want_bytes(const struct source *source, uint64_t offset)
{
	return offset == source->window_at + source->window_len ||
		source->size_bytes <= sizeof(source->window)
	    ? sizeof(source->window)
	    : LOOK_BYTES;
}

/* Fills the window from `offset` on, with as much as there is. */
static enum err_kind fill(struct source *source, uint64_t offset, struct err *err)
{
	ssize_t n;

	if (offset >= source->size_bytes || offset > INT64_MAX)
		return fail_cut(source, offset, err);
	do {
		n = pread(source->fd, source->window, want_bytes(source, offset),
		    (off_t)offset);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, ERR_IO, "can't read the %s", source->format);
	source->window_at = offset;
	source->window_len = (size_t)n;
	if (source->window_len > source->size_bytes - offset)
		source->window_len = (size_t)(source->size_bytes - offset);
	return n ? ERR_OK : fail_cut(source, offset, err);
}

enum err_kind source_view(struct source *source, uint64_t offset,
    const unsigned char **ret_bytes, size_t *ret_len, struct err *err)
{
	const bool is_inside = offset >= source->window_at &&
	    offset - source->window_at < source->window_len;
	size_t skip;

	if (!is_inside && fill(source, offset, err))
		return err->kind;
	skip = (size_t)(offset - source->window_at);
	*ret_bytes = source->window + skip;
	*ret_len = source->window_len - skip;
	return ERR_OK;
}

enum err_kind source_get(
    struct source *source, uint64_t offset, void *into, size_t n, struct err *err)
{
	const unsigned char *bytes = source->window;
	unsigned char *to = into;
	size_t len = 0;

	while (n) {
		if (source_view(source, offset, &bytes, &len, err))
			return err->kind;
		len = len < n ? len : n;
		memcpy(to, bytes, len);
		to += len;
		offset += len;
		n -= len;
	}
	return ERR_OK;
}

enum err_kind source_be32(
    struct source *source, uint64_t offset, uint32_t *ret_value, struct err *err)
{
	unsigned char b[4];

	if (source_get(source, offset, b, 4, err))
		return err->kind;
	*ret_value =
	    (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return ERR_OK;
}

enum err_kind source_le32(
    struct source *source, uint64_t offset, uint32_t *ret_value, struct err *err)
{
	unsigned char b[4];

	if (source_get(source, offset, b, 4, err))
		return err->kind;
	*ret_value =
	    (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
	return ERR_OK;
}

enum err_kind source_need(
    const struct source *source, uint64_t offset, uint64_t len, struct err *err)
{
	if (offset > source->size_bytes || len > source->size_bytes - offset)
		return fail_cut(source, source->size_bytes, err);
	return ERR_OK;
}
