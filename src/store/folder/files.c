/*
 * files.c - files that lie in folders, by their paths.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "store/folder/capitals.h"
#include "store/folder/digest.h"
#include "store/folder/sink_impl.h"

enum { COPY_CHUNK = 1 << 20, NOTE_MAX = 1 << 20 };

static bool is_in_folder_of(const char *path, const char *other)
{
	const char *slash = strrchr(path, '/'), *end = other ? strrchr(other, '/') : NULL;

	return slash && end && slash - path == end - other &&
	    strncmp(path, other, (size_t)(slash - path)) == 0;
}

int64_t folder_size(struct sink *sink, const char *path, int64_t believed_bytes)
{
	(void)sink;
	(void)believed_bytes;
	return fs_size(path);
}

enum err_kind folder_settle(struct sink *sink, const char *path, uint64_t size_bytes,
    const char *sha256, bool *ret_matches, struct err *err)
{
	_cleanup_(closep) int fd = -1;

	(void)sink;
	if (digest_open_same(
		&(struct fs_name){ AT_FDCWD, path, path }, size_bytes, sha256, &fd, err))
		return err->kind;
	if (fd >= 0 && fsync(fd))
		return err_errno(err, ERR_IO, "can't write '%s'", path);
	if (fd >= 0 && fs_sync_way(path, err))
		return err->kind;
	*ret_matches = fd >= 0;
	return ERR_OK;
}

enum err_kind folder_copy(
    struct sink *sink, const char *path, struct partial *into, struct err *err)
{
	_cleanup_(closep) int fd =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	_cleanup_free_ char *chunk = malloc(COPY_CHUNK);

	(void)sink;
	if (fd < 0)
		return err_errno(err, ERR_IO, "can't read '%s'", path);
	if (!chunk)
		return folder_no_memory(err);
	for (;;) {
		const ssize_t n = read(fd, chunk, COPY_CHUNK);

		if (n == 0)
			return ERR_OK;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, "can't read '%s'", path);
		if (into->sink->ops->write(into, chunk, (size_t)n, err))
			return err->kind;
	}
}

enum err_kind folder_path(
    struct sink *sink, const char *path, char **ret_path, struct err *err)
{
	(void)sink;
	*ret_path = strdup(path);
	return *ret_path ? ERR_OK : folder_no_memory(err);
}

/* --- notes beside them ------------------------------------------------------------ */

/* What has the name: nothing, a note of ours, or something of somebody else. */
static bool may_write(const char *path, const char *mark, struct buf *there)
{
	struct stat st;
	struct err ignored;

	if (lstat(path, &st))
		return true; /* what else is in the way is found when it is written */
	return S_ISREG(st.st_mode) && !fs_read_all(path, there, &ignored) &&
	    there->data && strstr(there->data, mark) != NULL;
}

enum err_kind folder_note(
    struct sink *sink, const struct note *note, struct err *ret_taken, struct err *err)
{
	const size_t len = strlen(note->text);
	const char *synced = NULL;
	enum err_kind worst = ERR_OK;

	(void)sink;
	for (size_t i = 0; i < note->n; i++) {
		_cleanup_(buf_release) struct buf there = buf_make(NOTE_MAX);
		const char *path = note->locations[i];
		enum err_kind kind = ERR_OK;

		if (!may_write(path, note->mark, &there)) {
			err_set(ret_taken, ERR_IO, "'%s' is another file", path);
		} else if (!there.data || strcmp(there.data, note->text) != 0) {
			kind = fs_write_atomic(path, note->text, len, 0644, err);
		} else if (!is_in_folder_of(path, synced)) {
			/* Who wrote it may have been killed before he came to that. */
			kind = fs_sync_folder_of(path, err);
			synced = path;
		}
		if (kind)
			worst = kind;
	}
	return worst;
}

/* --- for whoever looks them through ------------------------------------------------- */

enum err_kind folder_tells_end(struct sink *sink, const char *path, uint64_t size_bytes,
    const struct media_type **ret_type, bool *ret_tells, struct err *err)
{
	_cleanup_(closep) int fd =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);

	(void)sink;
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "'%s' is gone", path);
	return media_tells_end(fd, size_bytes, ret_type, ret_tells, err);
}

bool folder_place_is_gone(struct sink *sink, const char *path)
{
	_cleanup_free_ char *folder = location_place(path);

	(void)sink;
	return folder && !fs_exists(folder);
}

enum err_kind folder_move(struct sink *sink, const char *from, const char *to,
    bool *ret_exists, struct err *err)
{
	bool exists = true;

	(void)sink;
	*ret_exists = false;
	if (capitals_are_one(from, to))
		return capitals_change(from, to, err);
	if (fs_rename_new(from, to, &exists, err) ||
	    (!exists &&
		(fs_sync_folder_of(to, err) ||
		    (!is_in_folder_of(from, to) && fs_sync_folder_of(from, err)))))
		return err->kind;
	*ret_exists = exists;
	return ERR_OK;
}

/* A second name for the same bytes: free, at once, and it replaces nothing. */
enum err_kind folder_duplicate(
    struct sink *sink, const char *from, const char *to, struct err *err)
{
	(void)sink;
	if (fs_make_parent(to, 0777, err))
		return err->kind;
	if (link(from, to))
		return err_errno(err, ERR_IO, "can't give '%s' a second name", from);
	return fs_sync_folder_of(to, err);
}

/* --- folders ---------------------------------------------------------------------- */

char *folder_true_place(struct sink *sink, const char *folder)
{
	char *real = realpath(folder, NULL);

	(void)sink;
	return real ? real : strdup(folder);
}

/* What is there of it: itself, or the folder that it will be made in. */
static bool stat_nearest(const char *folder, struct stat *ret_st)
{
	_cleanup_free_ char *at = strdup(folder);
	char *slash;

	while (at && lstat(at, ret_st)) {
		slash = strrchr(at, '/');
		if (errno != ENOENT || !slash || slash == at)
			return false;
		*slash = '\0';
	}
	return at && !stat(at, ret_st) && S_ISDIR(ret_st->st_mode) &&
	    access(at, W_OK | X_OK) == 0;
}

/* Ours to write, on one disk, no link on the way: a sink follows none. */
bool folder_reaches(struct sink *sink, const char *root, const char *folder)
{
	_cleanup_free_ char *part = NULL;
	size_t len = strlen(root);
	struct stat top, st;

	(void)sink;
	if (len <= 1 || !stat_nearest(root, &top))
		return false;
	while (folder[len]) {
		len += 1 + strcspn(folder + len + 1, "/");
		free(part);
		part = strndup(folder, len);
		if (!part)
			return false;
		if (lstat(part, &st))
			return errno == ENOENT;
		if (!S_ISDIR(st.st_mode) || st.st_dev != top.st_dev)
			return false;
	}
	return true;
}
