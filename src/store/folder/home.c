/*
 * home.c - from a sealed partial to its final name.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/folder/digest.h"
#include "store/folder/place.h"
#include "store/folder/sink_impl.h"
#include "store/name.h"

enum { CHOICES_MAX = 10000 };

/* May the name be used: nothing is there, or the very same bytes? */
static enum err_kind is_usable(const struct fs_name *at, const struct sealed *sealed,
    bool *ret_is_usable, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;

	if (fstatat(at->folder_fd, at->name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT)
			return err_errno(err, ERR_IO, "can't look at '%s'", at->path);
		*ret_is_usable = true;
		return ERR_OK;
	}
	if (digest_open_same(at, sealed->size_bytes, sealed->sha256, &fd, err))
		return err->kind;
	*ret_is_usable = fd >= 0;
	return ERR_OK;
}

/* Candidate `n` (1: the name itself) as an absolute path. */
static char *candidate(const struct sink *sink, const char *name, unsigned n)
{
	_cleanup_free_ char *other = n > 1 ? name_alternative(name, n) : strdup(name);

	return other ? fs_join(sink->root, other) : NULL;
}

enum err_kind partial_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_path, struct err *err)
{
	const struct sink *sink = partial->sink;
	_cleanup_(closep) int folder_fd = -1;
	bool is_usable_now = false;

	if (place_open(sink->fd, sink->root, name, false, &folder_fd, err))
		return err->kind;
	for (unsigned n = 1; n <= CHOICES_MAX; n++) {
		_cleanup_free_ char *path = candidate(sink, name, n);
		struct fs_name at = { folder_fd, path ? place_base(path) : "", path };

		if (!path)
			return sink_no_memory(err);
		if (is_usable(&at, sealed, &is_usable_now, err))
			return err->kind;
		if (is_usable_now) {
			*ret_path = TAKE_PTR(path);
			return ERR_OK;
		}
	}
	return err_set(err, ERR_IO,
	    "'%s' and %d names like it are taken in '%s'; choose another folder or name",
	    name, CHOICES_MAX - 1, sink->root);
}

static struct fs_name partial_at(const struct partial *p)
{
	return (struct fs_name){ p->sink->fd, p->name, p->path };
}

/* The name is taken. By the same bytes? Once those are durable our copy can go. */
static enum err_kind give_way(struct partial *partial, const struct fs_name *at,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	_cleanup_(closep) int fd = -1;

	if (digest_open_same(at, sealed->size_bytes, sealed->sha256, &fd, err))
		return err->kind;
	*ret_taken = fd < 0;
	if (fd < 0)
		return ERR_OK;
	if (fsync(fd))
		return err_errno(err, ERR_IO, "can't write '%s'", at->path);
	if (fs_sync_folder(at->folder_fd, at->path, err))
		return err->kind;
	if (unlinkat(partial->sink->fd, partial->name, 0))
		return err_errno(err, ERR_IO, "can't remove '%s'", partial->path);
	partial->has_name = false;
	return ERR_OK;
}

static enum err_kind fail_replaced(struct partial *partial, struct err *err)
{
	partial->has_name = false;
	return err_set(err, ERR_IO,
	    "somebody put another file in the place of '%s' while it was written",
	    partial->path);
}

/* Only the file that we wrote may get the name; another goes back to where it was. */
static enum err_kind rename_ours(
    struct partial *partial, const struct fs_name *to, bool *ret_exists, struct err *err)
{
	const struct fs_name from = partial_at(partial);
	bool is_in_the_way = false;

	if (!fs_is_name_of(from.folder_fd, from.name, partial->fd))
		return fail_replaced(partial, err);
	if (fs_rename_new_at(&from, to, ret_exists, err))
		return err->kind;
	if (*ret_exists || fs_is_name_of(to->folder_fd, to->name, partial->fd))
		return ERR_OK;
	if (fs_rename_new_at(to, &from, &is_in_the_way, err))
		return err->kind;
	return fail_replaced(partial, err);
}

/* Who goes by the path finds it there? */
static enum err_kind check_arrival(
    const struct partial *partial, const char *path, bool gave_way, struct err *err)
{
	if (sink_check_path(partial->sink, err))
		return err->kind;
	if (!gave_way && !fs_is_name_of(AT_FDCWD, path, partial->fd))
		return err_set(err, ERR_IO,
		    "'%s' was moved away while it got its name; run this again", path);
	return ERR_OK;
}

static enum err_kind commit(struct partial *partial, const struct fs_name *to,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	const struct sink *sink = partial->sink;
	bool exists = false, taken = false;

	if (fchmod(partial->fd, sink->file_mode))
		return err_errno(
		    err, ERR_IO, "can't set the mode of '%s'", partial->path);
	if (rename_ours(partial, to, &exists, err))
		return err->kind;
	if (!exists)
		partial->has_name = false;
	else if (give_way(partial, to, sealed, &taken, err))
		return err->kind;
	if (!taken &&
	    (fs_sync_folder(to->folder_fd, to->path, err) ||
		fs_sync_folder(sink->fd, sink->root, err) ||
		check_arrival(partial, to->path, exists, err)))
		return err->kind;
	*ret_taken = taken;
	return ERR_OK;
}

enum err_kind partial_commit(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	const struct sink *sink = partial->sink;
	const char *name = fs_below(sink->root, path);
	struct fs_name to = { -1, place_base(path), path };
	_cleanup_(closep) int folder_fd = -1;

	if (!name) { /* of an earlier run with another folder */
		*ret_taken = true;
		return ERR_OK;
	}
	if (sink_check_path(sink, err) ||
	    place_open(sink->fd, sink->root, name, true, &folder_fd, err))
		return err->kind;
	to.folder_fd = folder_fd;
	return commit(partial, &to, sealed, ret_taken, err);
}
