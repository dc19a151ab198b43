#include "pictures/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "thumb/protocol.h"

enum { HEX = 64, DAY_S = 24 * 60 * 60, RIFF_HEAD = 8, NOTE_MAX = 128 };

/* As https://bford.info/cachedir/ has it: backups pass over the folder. */
static const char tag[] =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Small pictures, made by dreamq. They can be removed at any time.\n";

struct cache cache_make(const char *folder)
{
	return (struct cache){ .folder = folder ? strdup(folder) : NULL };
}

void cache_release(struct cache *cache)
{
	free(cache->folder);
	cache->folder = NULL;
}

bool cache_is_key(const char *sha256)
{
	return sha256 && strlen(sha256) == HEX &&
	    strspn(sha256, "0123456789abcdef") == HEX;
}

/* Returns the path of an entry, malloc'ed; NULL: it can't have one. */
static char *path_of(const struct cache *cache, const char *sha256, const char *ending)
{
	char *path;

	if (!cache->folder || !cache_is_key(sha256) ||
	    asprintf(
		&path, "%s/v1/%.2s/%s.320.%s", cache->folder, sha256, sha256, ending) < 0)
		return NULL;
	return path;
}

/* Read it as it is; what is wanted is young again, at most once a day. */
static bool read_entry(const char *path, struct buf *into)
{
	_cleanup_(closep) int fd =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char part[16 * 1024];
	struct timespec now;
	struct stat about;
	ssize_t got;

	if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		return false;
	while ((got = read(fd, part, sizeof(part))) > 0)
		buf_add(into, part, (size_t)got);
	if (clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	    now.tv_sec - about.st_mtim.tv_sec > DAY_S)
		(void)futimens(fd, NULL);
	return got == 0 && !buf_failed(into);
}

/* Is it all of a WebP file? A cut one would be shown as a broken picture for ever. */
static bool is_whole(const struct buf *file)
{
	const unsigned char *bytes = (const unsigned char *)file->data;
	size_t length;

	if (file->len < (size_t)2 * RIFF_HEAD || memcmp(bytes, "RIFF", 4) != 0)
		return false;
	length = (size_t)bytes[4] | (size_t)bytes[5] << 8 | (size_t)bytes[6] << 16 |
	    (size_t)bytes[7] << 24;
	return length + RIFF_HEAD == file->len && !memcmp(bytes + RIFF_HEAD, "WEBP", 4);
}

bool cache_get(const struct cache *cache, const char *sha256, struct buf *into)
{
	_cleanup_free_ char *path = path_of(cache, sha256, "webp");

	return path && read_entry(path, into) && is_whole(into);
}

/* The folder that the entry lies in, and the tag beside all of them. */
static bool make_room(const struct cache *cache, const char *path)
{
	_cleanup_free_ char *name = fs_join(cache->folder, "CACHEDIR.TAG");
	_cleanup_(closep) int fd = -1;
	struct err err;

	if (!name || fs_make_parent(path, 0700, &err))
		return false;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 || write(fd, tag, sizeof(tag) - 1) > 0;
}

/* Without fsync: it can be made again. */
static void write_entry(
    const struct cache *cache, const char *path, const void *bytes, size_t length)
{
	_cleanup_free_ char *temporary = NULL;
	_cleanup_(closep) int fd = -1;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0 && make_room(cache, path)) {
		memcpy(temporary + strlen(temporary) - 6, "XXXXXX", 6);
		fd = mkostemp(temporary, O_CLOEXEC);
	}
	if (fd < 0)
		return;
	if (write(fd, bytes, length) != (ssize_t)length || rename(temporary, path) != 0)
		(void)unlink(temporary);
}

void cache_put(
    const struct cache *cache, const char *sha256, const void *bytes, size_t length)
{
	_cleanup_free_ char *path = path_of(cache, sha256, "webp");

	if (path)
		write_entry(cache, path, bytes, length);
}

/* Reads "VERSION WHY INODE CHANGED MADE". */
static bool read_failure(char *note, struct failure *ret_failure)
{
	uint64_t version = 0;
	struct failure failure = { 0 };
	uint64_t *const numbers[] = { &version, &failure.why, &failure.inode,
		&failure.changed_ns, &failure.made_unix_s };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *word = strsep(&note, " ");

		if (!word || !text_uint(word, 0, UINT64_MAX, numbers[i]))
			return false;
	}
	if (note || version != THUMB_VERSION)
		return false;
	*ret_failure = failure;
	return true;
}

struct failure cache_failure(const struct cache *cache, const char *sha256)
{
	_cleanup_free_ char *path = path_of(cache, sha256, "fail");
	_cleanup_(buf_release) struct buf note = buf_make(NOTE_MAX);
	struct failure failure = { 0 };

	if (path && read_entry(path, &note))
		(void)read_failure(note.data, &failure);
	return failure;
}

void cache_put_failure(
    const struct cache *cache, const char *sha256, const struct failure *failure)
{
	_cleanup_free_ char *path = path_of(cache, sha256, "fail");
	char note[NOTE_MAX];
	const int length = snprintf(note, sizeof(note),
	    "%d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, THUMB_VERSION,
	    failure->why, failure->inode, failure->changed_ns, failure->made_unix_s);

	if (path && length > 0 && length < NOTE_MAX)
		write_entry(cache, path, note, (size_t)length);
}

static void clean_folder(const char *path, int64_t before_unix_s)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	struct stat about;

	if (!folder)
		return;
	/* One thread, one folder. */
	while ((entry = readdir(folder))) /* NOLINT(concurrency-mt-unsafe): as said */
		if (fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISREG(about.st_mode) && about.st_mtim.tv_sec < before_unix_s)
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	(void)closedir(folder);
}

void cache_clean(const struct cache *cache, int64_t now_unix_s, int64_t older_s)
{
	_cleanup_free_ char *name =
	    cache->folder ? fs_join(cache->folder, "CACHEDIR.TAG") : NULL;
	struct stat about;

	if (!name || stat(name, &about) != 0 || now_unix_s - about.st_mtim.tv_sec < DAY_S)
		return;
	if (utimensat(AT_FDCWD, name, NULL, 0) != 0)
		return;
	for (unsigned i = 0; i < 256; i++) {
		_cleanup_free_ char *folder = NULL;

		if (asprintf(&folder, "%s/v1/%02x", cache->folder, i) >= 0)
			clean_folder(folder, now_unix_s - older_s);
		else
			folder = NULL;
	}
}
