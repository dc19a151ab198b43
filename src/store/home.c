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
#include "store/name.h"
#include "store/place.h"
#include "store/sink_impl.h"

enum { CHOICES_MAX = 10000 };

/* May `path` be used: nothing is there, or the very same bytes? */
static enum err_kind is_usable(
    const char *path, const struct sealed *sealed, bool *ret_is_usable, struct err *err)
{
	struct stat st;

	if (!lstat(path, &st))
		return file_matches(
		    path, sealed->size_bytes, sealed->sha256, ret_is_usable, err);
	if (errno != ENOENT)
		return err_errno(err, ERR_IO, "can't look at '%s'", path);
	*ret_is_usable = true;
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
	bool is_usable_now = false;

	if (place_make_folders(sink->fd, sink->root, name, err))
		return err->kind;
	for (unsigned n = 1; n <= CHOICES_MAX; n++) {
		_cleanup_free_ char *path = candidate(sink, name, n);

		if (!path)
			return sink_no_memory(err);
		if (is_usable(path, sealed, &is_usable_now, err))
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

/* `path` as a name below the root; NULL when it lies elsewhere. */
static const char *below(const struct sink *sink, const char *path)
{
	const size_t len = strlen(sink->root);

	if (strncmp(path, sink->root, len) != 0)
		return NULL;
	if (len == 1) /* "/" */
		return path + 1;
	return path[len] == '/' ? path + len + 1 : NULL;
}

/* The name is taken. By the same bytes? Then our copy can go. */
static enum err_kind give_way(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	bool matches = false;

	if (file_matches(path, sealed->size_bytes, sealed->sha256, &matches, err))
		return err->kind;
	if (matches && unlinkat(partial->sink->fd, partial->name, 0))
		return err_errno(err, ERR_IO, "can't remove '%s'", partial->path);
	partial->has_name = !matches;
	*ret_taken = !matches;
	return ERR_OK;
}

enum err_kind partial_commit(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	const struct sink *sink = partial->sink;
	const char *name = below(sink, path);
	bool exists = false, taken = false;

	if (!name) { /* of an earlier run with another folder */
		*ret_taken = true;
		return ERR_OK;
	}
	if (place_make_folders(sink->fd, sink->root, name, err))
		return err->kind;
	if (fchmod(partial->fd, sink->file_mode))
		return err_errno(
		    err, ERR_IO, "can't set the mode of '%s'", partial->path);
	if (fs_rename_new(partial->path, path, &exists, err))
		return err->kind;
	if (!exists)
		partial->has_name = false;
	else if (give_way(partial, path, sealed, &taken, err))
		return err->kind;
	if (!taken &&
	    (fs_sync_folder_of(path, err) || fs_sync_folder_of(partial->path, err)))
		return err->kind;
	*ret_taken = taken;
	return ERR_OK;
}
