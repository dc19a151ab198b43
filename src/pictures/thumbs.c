/*
 * thumbs.c - the door: which helper a file is for, what of it the cache knows, and what
 * is said when there is no picture.
 */
#include "dreamq/thumbs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "pictures/ask.h"
#include "pictures/cache.h"
#include "pictures/refuse.h"

enum {
	TIMEOUT_MS = 10000,
	DAY_S = 24 * 60 * 60,
	KEEP_S = 90 * DAY_S,
	NS_A_SECOND = 1000000000,
	HEAD = 12,
};

struct dq_thumbs {
	struct helper helpers[HELPER_COUNT];
	struct cache cache;
	int64_t timeout_ms;
};

/* As the sentence goes on behind "no picture can be made of this file: ". */
static const char *const reasons[ASK_END_COUNT] = {
	[THUMB_UNKNOWN] = N_("it is none of PNG, JPEG, WebP, MP4, MOV and WebM"),
	[THUMB_DAMAGED] = N_("it is damaged"),
	[THUMB_TOO_LARGE] = N_("it has too many pixels"),
	[THUMB_UNSUPPORTED] = N_("there is no picture in it of a form that is read"),
	[THUMB_NO_MEMORY] = N_("it needs too much memory"),
	[ASK_KILLED] = N_("the helper that reads it was killed"),
	[ASK_LATE] = N_("the helper that reads it took too long"),
	[ASK_LIED] = N_("the helper that reads it gave no sound answer"),
};

static enum dq_status no_memory(struct dq_error *to)
{
	struct err err;

	err_set(&err, ERR_NOMEM, "out of memory");
	return refuse_with(&err, DQ_STORAGE, to);
}

/* What lies behind the members that the caller knows counts as 0. */
static struct dq_thumbs_options taken(const struct dq_thumbs_options *given)
{
	struct dq_thumbs_options options = { .size_bytes = sizeof(options) };

	if (given && given->size_bytes > 0)
		memcpy(&options, given,
		    given->size_bytes < sizeof(options) ? given->size_bytes
							: sizeof(options));
	return options;
}

enum dq_status dq_thumbs_open(const struct dq_thumbs_options *given,
    struct dq_thumbs **ret_thumbs, struct dq_error *ret_error)
{
	const struct dq_thumbs_options options = taken(given);
	_cleanup_free_ char *usual = dq_default_path(DQ_PATH_THUMBS, NULL);
	struct dq_thumbs *thumbs = calloc(1, sizeof(*thumbs));

	if (!thumbs)
		return no_memory(ret_error);
	thumbs->timeout_ms = options.timeout_ms > 0 ? options.timeout_ms : TIMEOUT_MS;
	for (unsigned i = 0; i < HELPER_COUNT; i++)
		thumbs->helpers[i].kind = (enum helper_kind)i;
	if (!options.no_cache)
		thumbs->cache = cache_make(options.cache ? options.cache : usual);
	*ret_thumbs = thumbs;
	return DQ_OK;
}

void dq_thumbs_close(struct dq_thumbs *thumbs)
{
	if (!thumbs)
		return;
	for (int i = 0; i < HELPER_COUNT; i++)
		(void)helper_stop(&thumbs->helpers[i]);
	cache_clean(&thumbs->cache, clock_unix_ms() / 1000, KEEP_S);
	cache_release(&thumbs->cache);
	free(thumbs);
}

/* A film begins with a box 'ftyp', or as Matroska does. */
static enum helper_kind helper_for(int fd)
{
	char head[HEAD] = { 0 };

	if (pread(fd, head, sizeof(head), 0) < 0)
		return HELPER_THUMB;
	return !memcmp(head + 4, "ftyp", 4) || !memcmp(head, "\x1a\x45\xdf\xa3", 4)
	    ? HELPER_POSTER
	    : HELPER_THUMB;
}

/* Says why there is none. */
static enum dq_status refuse(
    unsigned why, enum helper_kind kind, const struct err *refused, struct dq_error *to)
{
	struct err err;

	if (why == ASK_REFUSED) /* without libav there are still pictures */
		return refuse_with(
		    refused, kind == HELPER_POSTER ? DQ_FAILED : DQ_STORAGE, to);
	if (why >= ASK_END_COUNT || !reasons[why])
		why = THUMB_DAMAGED;
	err_set(
	    &err, ERR_FAILED, "no picture can be made of this file: %s", reasons[why]);
	return refuse_with(&err, DQ_FAILED, to);
}

/* The mark of a failure: it is of this very file. */
static struct failure failure_of(int fd, unsigned why)
{
	struct failure failure = { .why = why,
		.made_unix_s = (uint64_t)clock_unix_ms() / 1000 };
	struct stat about;

	if (fstat(fd, &about) == 0) {
		failure.inode = about.st_ino;
		failure.changed_ns = (uint64_t)about.st_mtim.tv_sec * NS_A_SECOND +
		    (uint64_t)about.st_mtim.tv_nsec;
	}
	return failure;
}

/*
 * Why it need not be tried again; 0: it is. Where a file was damaged there may lie a good
 * one by now, and that a helper has died or was slow may have been the machine's fault.
 */
static unsigned failed_before(const struct dq_thumbs *thumbs, int fd, const char *sha256)
{
	const struct failure then = cache_failure(&thumbs->cache, sha256);
	const struct failure now = failure_of(fd, 0);
	const bool may_pass = then.why >= THUMB_RESULT_COUNT;

	if (then.inode != now.inode || then.changed_ns != now.changed_ns ||
	    (may_pass && now.made_unix_s >= then.made_unix_s + DAY_S))
		return 0;
	return (unsigned)then.why;
}

/* Asks a helper, and notes what would not become better by asking again. */
static enum dq_status make(struct dq_thumbs *thumbs, int fd, const char *sha256,
    const struct thumb_request *request, struct dq_picture *ret_picture,
    struct dq_error *ret_error)
{
	const enum helper_kind kind = helper_for(fd);
	struct failure failure;
	struct err err;
	unsigned why = failed_before(thumbs, fd, sha256);

	if (why)
		return refuse(why, kind, &err, ret_error);
	why = ask(
	    &thumbs->helpers[kind], fd, request, thumbs->timeout_ms, ret_picture, &err);
	if (why == THUMB_DONE)
		return DQ_OK;
	if (why != THUMB_NO_MEMORY && why != ASK_REFUSED) {
		failure = failure_of(fd, why);
		cache_put_failure(&thumbs->cache, sha256, &failure);
	}
	return refuse(why, kind, &err, ret_error);
}

enum dq_status dq_thumb(struct dq_thumbs *thumbs, int fd, const char *sha256,
    struct dq_picture *ret_picture, struct dq_error *ret_error)
{
	const struct thumb_request request = { THUMB_MAGIC, DQ_THUMB_SIDE, DQ_THUMB_SIDE,
		THUMB_WEBP };
	_cleanup_(buf_release) struct buf file = buf_make(THUMB_BYTES_MAX);
	struct dq_picture picture = { 0 };
	enum dq_status status;

	if (cache_get(&thumbs->cache, sha256, &file)) {
		picture.length = file.len;
		picture.bytes = buf_take(&file);
		*ret_picture = picture;
		return DQ_OK;
	}
	status = make(thumbs, fd, sha256, &request, &picture, ret_error);
	if (status)
		return status;
	cache_put(&thumbs->cache, sha256, picture.bytes, picture.length);
	*ret_picture = picture;
	return DQ_OK;
}

/* A file in memory, as the helpers take one. */
static int memory_file(const struct dq_picture *file)
{
	int fd = memfd_create("thumbnail", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, file->bytes, file->length) != (ssize_t)file->length)
		closep(&fd);
	return fd;
}

static bool is_size(const struct dq_picture_size *most, struct dq_error *to)
{
	struct err err;

	if (most->width > 0 && most->height > 0 && most->width <= DQ_PICTURE_SIDE_MAX &&
	    most->height <= DQ_PICTURE_SIDE_MAX)
		return true;
	err_set(&err, ERR_USAGE, "a picture of %u x %u pixels can't be asked for",
	    most->width, most->height);
	(void)refuse_with(&err, DQ_USAGE, to);
	return false;
}

enum dq_status dq_webp(struct dq_thumbs *thumbs, int fd, const char *sha256,
    const struct dq_picture_size *most, struct dq_picture *ret_picture,
    struct dq_error *ret_error)
{
	const struct thumb_request request = { THUMB_MAGIC, most->width, most->height,
		THUMB_WEBP };

	if (!is_size(most, ret_error))
		return DQ_USAGE;
	return make(thumbs, fd, sha256, &request, ret_picture, ret_error);
}

enum dq_status dq_pixels(struct dq_thumbs *thumbs, int fd, const char *sha256,
    const struct dq_picture_size *most, struct dq_picture *ret_picture,
    struct dq_error *ret_error)
{
	const struct thumb_request request = { THUMB_MAGIC, most->width, most->height,
		THUMB_RGBA };
	const bool is_small =
	    most->width <= DQ_THUMB_SIDE && most->height <= DQ_THUMB_SIDE;
	_cleanup_(dq_picture_release) struct dq_picture small = { 0 };
	_cleanup_(closep) int memory = -1;
	enum dq_status status;

	if (!is_size(most, ret_error))
		return DQ_USAGE;
	if (!is_small || !thumbs->cache.folder || !cache_is_key(sha256))
		return make(thumbs, fd, sha256, &request, ret_picture, ret_error);
	status = dq_thumb(thumbs, fd, sha256, &small, ret_error);
	if (status)
		return status;
	memory = memory_file(&small);
	if (memory < 0)
		return no_memory(ret_error);
	return make(thumbs, memory, NULL, &request, ret_picture, ret_error);
}

void dq_picture_release(struct dq_picture *picture)
{
	free(picture->bytes);
	*picture = (struct dq_picture){ 0 };
}
