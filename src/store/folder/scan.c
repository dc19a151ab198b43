/*
 * scan.c - what lies on the disk: is a file what it was, and what else is in a folder?
 * Nothing here changes anything but folder_remove().
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "store/folder/sink_impl.h"

enum { CHUNK_BYTES = 1 << 20, INDEX_MAX = 1000000 };

/* The names that sink.c, fs.c and their like give to what is not finished. */
static const char prefix[] = ".dreamq-", partial_end[] = ".part", probe[] = "probe-";

/* --- one file ------------------------------------------------------------------- */

static bool is_stopped(const struct file_watch *watch)
{
	return watch->is_stopped && atomic_load(watch->is_stopped);
}

static enum err_kind add_bytes(int fd, const struct file_watch *watch, struct hash *hash,
    int64_t *bytes, struct err *err)
{
	_cleanup_free_ char *chunk = malloc(CHUNK_BYTES);

	if (!chunk)
		return err_set(err, ERR_NOMEM, "out of memory for a checksum");
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	for (*bytes = 0;;) {
		const ssize_t n = read(fd, chunk, CHUNK_BYTES);

		if (is_stopped(watch))
			return err_set(err, ERR_CANCELLED, "interrupted");
		if (n == 0)
			return ERR_OK;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't read it");
		hash_add(hash, chunk, (size_t)n);
		*bytes += n;
		if (watch->bytes_read)
			atomic_fetch_add(watch->bytes_read, (uint64_t)n);
	}
}

/* As long as found->bytes says, and as it should be: the bytes decide. */
static enum err_kind compare(int fd, const char *sha256, const struct file_watch *watch,
    struct file_found *found, struct err *err)
{
	_cleanup_(hash_freep) struct hash *hash = NULL;
	const int64_t size_bytes = found->bytes;

	if (hash_new(HASH_SHA256, &hash, err) ||
	    add_bytes(fd, watch, hash, &found->bytes, err))
		return err->kind;
	hash_finish(hash, found->sha256);
	if (found->bytes != size_bytes) /* somebody writes there */
		found->state = FILE_OTHER_SIZE;
	else
		found->state =
		    strcmp(found->sha256, sha256) != 0 ? FILE_OTHER_BYTES : FILE_GOOD;
	return ERR_OK;
}

static enum file_state state_of_mode(mode_t mode)
{
	if (S_ISLNK(mode))
		return FILE_IS_LINK;
	return S_ISDIR(mode) ? FILE_IS_FOLDER : FILE_IS_SPECIAL;
}

enum err_kind folder_inspect(struct sink *sink, const char *path,
    const struct synced *want, const struct file_watch *watch,
    struct file_found *ret_found, struct err *err)
{
	struct file_found found = { .state = FILE_MISSING, .bytes = -1 };
	_cleanup_(closep) int fd = -1;
	struct stat st;
	const bool is_there = !lstat(path, &st);

	(void)sink;
	if (!is_there && errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, ERR_IO, "can't look at '%s'", path);
	if (is_there && S_ISREG(st.st_mode)) {
		fd =
		    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
		if (fd < 0 || fstat(fd, &st))
			return err_errno(err, ERR_IO, "can't open '%s'", path);
	}
	if (is_there && !S_ISREG(st.st_mode)) {
		found.state = state_of_mode(st.st_mode);
	} else if (fd >= 0) {
		found.bytes = st.st_size;
		found.state = FILE_OTHER_SIZE;
		if ((uint64_t)found.bytes == want->size_bytes &&
		    compare(fd, want->sha256, watch, &found, err))
			return err_note(err, "'%s'", path);
	}
	*ret_found = found;
	return ERR_OK;
}

/* --- a folder ------------------------------------------------------------------- */

/* ".dreamq-<id>.<index>.part" */
static bool read_partial(const char *name, struct scan_entry *entry)
{
	char key[TASKID_MAX + 16];
	const size_t n = strlen(name), around = sizeof(prefix) + sizeof(partial_end) - 2;
	uint64_t index;
	char *dot;

	if (n <= around || n - around >= sizeof(key) ||
	    strcmp(name + n - sizeof(partial_end) + 1, partial_end) != 0)
		return false;
	(void)stpcpy(mempcpy(key, name + sizeof(prefix) - 1, n - around), "");
	dot = strrchr(key, '.');
	if (!dot || !text_uint(dot + 1, 0, INDEX_MAX, &index))
		return false;
	*dot = '\0';
	if (!taskid_is_valid(key))
		return false;
	(void)stpcpy(entry->id, key);
	entry->index = (int)index;
	entry->kind = SCAN_PARTIAL;
	return true;
}

/* Is it ".dreamq-XXXXXX" or ".dreamq-probe-<pid>"? */
static bool is_temporary(const char *name)
{
	const char *end = name + sizeof(prefix) - 1;
	size_t n = 0;

	if (strncmp(end, probe, sizeof(probe) - 1) == 0)
		return true;
	while (isalnum((unsigned char)end[n]))
		n++;
	return n == 6 && !end[n];
}

static bool is_stale(const struct stat *st)
{
	return st->st_mtime < time(NULL) - SCAN_STALE_S;
}

/* False: nobody needs to know of it. */
static bool read_entry(const FTSENT *at, struct scan_entry *entry)
{
	*entry = (struct scan_entry){ .kind = SCAN_FILE,
		.location = at->fts_path,
		.bytes = at->fts_statp->st_size,
		.index = -1 };
	if (*at->fts_name != '.')
		return true;
	if (strncmp(at->fts_name, prefix, sizeof(prefix) - 1) != 0)
		return false;
	if (read_partial(at->fts_name, entry))
		return true;
	entry->kind = SCAN_TEMPORARY;
	return is_temporary(at->fts_name) && is_stale(at->fts_statp);
}

static void note_trouble(const FTSENT *at, struct err *trouble)
{
	errno = at->fts_errno;
	if (!trouble->kind && errno != ENOENT)
		err_errno(trouble, ERR_IO, "can't look at '%s'", at->fts_path);
}

static bool is_to_be_entered(const FTSENT *at, bool is_deep)
{
	return at->fts_level == FTS_ROOTLEVEL || (is_deep && *at->fts_name != '.');
}

static void walk(
    FTS *fts, bool is_deep, scan_on_entry *on_entry, void *payload, struct err *trouble)
{
	struct scan_entry entry;
	FTSENT *at;

	while ((at = fts_read(fts))) {
		switch (at->fts_info) {
		case FTS_D:
			if (!is_to_be_entered(at, is_deep))
				(void)fts_set(fts, at, FTS_SKIP);
			break;
		case FTS_F:
			if (read_entry(at, &entry) && !on_entry(payload, &entry))
				return;
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			note_trouble(at, trouble);
			break;
		default:
			break;
		}
	}
}

/* Links are not followed, but `folder` may be one. */
enum err_kind folder_scan(struct sink *sink, const char *folder, bool is_deep,
    scan_on_entry *on_entry, void *payload, struct err *err)
{
	_cleanup_free_ char *copy = strdup(folder);
	struct err trouble = { .kind = ERR_OK };
	FTS *fts;

	(void)sink;
	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory at '%s'", folder);
	fts = fts_open((char *const[]){ copy, NULL },
	    FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	if (!fts)
		return err_errno(err, ERR_IO, "can't look into '%s'", folder);
	walk(fts, is_deep, on_entry, payload, &trouble);
	(void)fts_close(fts);
	if (trouble.kind)
		*err = trouble;
	return trouble.kind;
}

/* --- leftovers ------------------------------------------------------------------- */

static int take_fd(int *fd)
{
	const int taken = *fd;

	*fd = -1;
	return taken;
}

/* Open with its lock, while the name still means it; -1: held, or gone. */
static int grab(const char *path, struct err *err)
{
	_cleanup_(closep) int fd =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	struct stat st, named;

	if (fd < 0 && errno != ENOENT)
		err_errno(err, ERR_IO, "can't open '%s'", path);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st) ||
	    lstat(path, &named) || st.st_ino != named.st_ino || st.st_dev != named.st_dev)
		return -1;
	return take_fd(&fd);
}

bool folder_is_held(struct sink *sink, const char *path)
{
	struct err ignored = { .kind = ERR_OK };
	_cleanup_(closep) int fd = grab(path, &ignored);

	(void)sink;
	return fd < 0;
}

enum err_kind folder_remove(struct sink *sink, const char *path,
    bool (*may_go)(void *payload), void *payload, bool *ret_removed, struct err *err)
{
	struct err trouble = { .kind = ERR_OK };
	_cleanup_(closep) int fd = grab(path, &trouble);

	(void)sink;
	if (trouble.kind) {
		*err = trouble;
		return err->kind;
	}
	if (fd < 0 || !may_go(payload)) {
		*ret_removed = false;
		return ERR_OK;
	}
	if (unlink(path))
		return err_errno(err, ERR_IO, "can't remove '%s'", path);
	*ret_removed = true;
	return ERR_OK;
}
