/*
 * commit.c - from a partial to its final name: what one visit to the disk does.
 *
 *   names ──► bytes and names reach the disk (seal.h) ──► do the paths lead there?
 *
 * A name is given to what an earlier visit sealed, and counts only after the sync that
 * follows. Killed in between, the name is there or not; under either the bytes are whole.
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
#include "store/folder/seal.h"
#include "store/folder/sink_impl.h"
#include "store/name.h"

enum { CHOICES_MAX = 10000 };

/* Is nothing there, or the very same bytes? */
static enum err_kind is_free(const struct fs_name *at, const struct sealed *sealed,
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

/* May the name be used? Then it is promised from now on. */
static enum err_kind is_usable(struct folder_partial *p, const struct fs_name *at,
    const struct sealed *sealed, bool *ret_is_usable, struct err *err)
{
	*ret_is_usable = false;
	if (is_free(at, sealed, ret_is_usable, err))
		return err->kind;
	return *ret_is_usable ? promise_make(&p->folder->promises, &p->promise, at->path,
				    sealed->sha256, ret_is_usable, err)
			      : ERR_OK;
}

/* Makes candidate `n` (1: the name itself) as an absolute path. */
static char *candidate(const struct folder *folder, const char *name, unsigned n)
{
	_cleanup_free_ char *other = name_alternative(name, n);

	return other ? fs_join(folder->root, other) : NULL;
}

static enum err_kind choose_in(int folder_fd, struct folder_partial *partial,
    const char *name, const struct sealed *sealed, char **ret_location, struct err *err)
{
	const struct folder *folder = partial->folder;
	bool is_usable_now = false;

	for (unsigned n = 1; n <= CHOICES_MAX; n++) {
		_cleanup_free_ char *path = candidate(folder, name, n);
		struct fs_name at = { folder_fd, path ? place_base(path) : "", path };

		if (!path)
			return folder_no_memory(err);
		if (is_usable(partial, &at, sealed, &is_usable_now, err))
			return err->kind;
		if (is_usable_now) {
			*ret_location = TAKE_PTR(path);
			return ERR_OK;
		}
	}
	return err_set(err, ERR_IO,
	    "'%s' and %d names like it are taken in '%s'; choose another folder or name",
	    name, CHOICES_MAX - 1, folder->root);
}

enum err_kind folder_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_location, struct err *err)
{
	const struct folder *folder = folder_partial(partial)->folder;
	enum err_kind kind;
	int fd = -1;

	if (place_open(folder->fd, folder->root, name, false, &fd, err))
		return err->kind;
	kind = choose_in(fd, folder_partial(partial), name, sealed, ret_location, err);
	place_close(folder->fd, &fd);
	return kind;
}

static struct fs_name partial_at(const struct folder_partial *p)
{
	return (struct fs_name){ p->folder->fd, p->name, p->path };
}

/* The name is taken. By the same bytes? Once those are durable our copy can go. */
static enum err_kind give_way(struct folder_partial *partial, const struct fs_name *at,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	_cleanup_(closep) int fd = -1;

	if (digest_open_same(at, sealed->size_bytes, sealed->sha256, &fd, err))
		return err->kind;
	*ret_taken = fd < 0;
	if (fd < 0)
		return ERR_OK;
	if (!partial->folder->never_syncs && fsync(fd))
		return err_errno(err, ERR_IO, "can't write '%s'", at->path);
	if (!partial->folder->never_syncs && fs_sync_folder(at->folder_fd, at->path, err))
		return err->kind;
	if (unlinkat(partial->folder->fd, partial->name, 0))
		return err_errno(err, ERR_IO, "can't remove '%s'", partial->path);
	partial->has_name = false;
	return ERR_OK;
}

static enum err_kind fail_replaced(struct folder_partial *partial, struct err *err)
{
	partial->has_name = false;
	return err_set(err, ERR_IO,
	    "somebody put another file in the place of '%s' while it was written",
	    partial->path);
}

/* Only the file that we wrote may get the name; another goes back to where it was. */
static enum err_kind rename_ours(struct folder_partial *partial, const struct fs_name *to,
    bool *ret_exists, struct err *err)
{
	const struct fs_name from = partial_at(partial);
	bool is_in_the_way = false;

	if (!fs_is_name_of(from.folder_fd, from.name, &partial->file))
		return fail_replaced(partial, err);
	if (fs_rename_new_at(&from, to, ret_exists, err))
		return err->kind;
	if (*ret_exists || fs_is_name_of(to->folder_fd, to->name, &partial->file))
		return ERR_OK;
	if (fs_rename_new_at(to, &from, &is_in_the_way, err))
		return err->kind;
	return fail_replaced(partial, err);
}

/* --- many at once --------------------------------------------------------------- */

/* One of several: where it shall go, until its name is on the disk. */
struct arrival {
	struct commit *commit;
	struct folder_partial *partial;
	struct fs_name to; /* folder_fd -1: not open */
	bool gave_way; /* the same bytes were there */
};

/* Of one visit. */
struct visit {
	struct folder *folder;
	const struct flush *flush;
	struct arrival *all; /* as the flush's commits */
	bool is_shared; /* one sync for all */
};

static bool goes_on(const struct arrival *a)
{
	return !a->commit->err.kind && !a->commit->is_taken;
}

/* Its name, which only a sync makes durable. */
static enum err_kind give_name(const struct visit *visit, struct arrival *a)
{
	const struct folder *folder = visit->folder;
	const char *name = fs_below(folder->root, a->to.path);
	struct folder_partial *p = a->partial;
	struct err *err = &a->commit->err;

	if (!name) { /* of an earlier run with another folder */
		a->commit->is_taken = true;
		return ERR_OK;
	}
	if (place_open(
		folder->fd, folder->root, name, !visit->is_shared, &a->to.folder_fd, err))
		return err->kind;
	if (fchmod(p->fd, folder->file_mode))
		return err_errno(err, ERR_IO, "can't set the mode of '%s'", p->path);
	if (rename_ours(p, &a->to, &a->gave_way, err))
		return err->kind;
	if (!a->gave_way) {
		p->has_name = false;
		return ERR_OK;
	}
	return give_way(p, &a->to, a->commit->sealed, &a->commit->is_taken, err);
}

/* None gets a name while the path that people see leads elsewhere. */
static void give_names(const struct visit *visit)
{
	struct err of_path = { .kind = ERR_OK };

	if (visit->flush->n_commits > 0)
		(void)folder_check_path(visit->folder, &of_path);
	for (size_t i = 0; i < visit->flush->n_commits; i++) {
		struct commit *commit = &visit->flush->commits[i];

		visit->all[i] = (struct arrival){ .commit = commit,
			.partial = folder_partial(commit->partial),
			.to = { -1, place_base(commit->location), commit->location } };
		commit->err = of_path;
		if (!of_path.kind)
			(void)give_name(visit, &visit->all[i]);
		if (visit->is_shared) /* else it is synced */
			place_close(visit->folder->fd, &visit->all[i].to.folder_fd);
	}
}

/* Does an earlier one of them sync this one's folder, too? */
static bool is_in_folder_of(const struct arrival *a, const struct arrival *earlier)
{
	const size_t n = (size_t)(a->to.name - a->to.path);

	return goes_on(earlier) && n == (size_t)(earlier->to.name - earlier->to.path) &&
	    memcmp(a->to.path, earlier->to.path, n) == 0;
}

static bool is_in_root(const struct folder *folder, const struct arrival *a)
{
	const char *name = fs_below(folder->root, a->to.path);

	return name == a->to.name;
}

static enum err_kind sync_folder(
    const struct visit *visit, const struct arrival *a, struct err *err)
{
	if (is_in_root(visit->folder, a))
		return ERR_OK; /* follows, once for all */
	for (const struct arrival *earlier = visit->all; earlier < a; earlier++)
		if (is_in_folder_of(a, earlier))
			return ERR_OK;
	return fs_sync_folder(a->to.folder_fd, a->to.path, err);
}

/* The folders of those that have got their names, each once; the root last. */
static void sync_folders(const struct visit *visit)
{
	struct err of_root = { .kind = ERR_OK };
	bool is_root_synced = false;

	for (size_t i = 0; i < visit->flush->n_commits; i++) {
		struct arrival *a = &visit->all[i];

		if (goes_on(a))
			(void)sync_folder(visit, a, &a->commit->err);
	}
	for (size_t i = 0; i < visit->flush->n_commits; i++) {
		struct arrival *a = &visit->all[i];

		if (!goes_on(a))
			continue;
		if (!is_root_synced)
			(void)fs_sync_folder(
			    visit->folder->fd, visit->folder->root, &of_root);
		is_root_synced = true;
		a->commit->err = of_root;
	}
}

/* Names and bytes, all in one. */
static void sync_shared(const struct visit *visit)
{
	const struct flush *flush = visit->flush;
	struct err why = { .kind = ERR_OK };

	if (!seal_shared(visit->folder, &why))
		return;
	seal_spoil(flush->seals, flush->n_seals, &why);
	for (size_t i = 0; i < flush->n_commits; i++)
		if (goes_on(&visit->all[i]))
			flush->commits[i].err = why;
}

/* Who goes by the paths finds them there? */
static void check_arrivals(const struct visit *visit)
{
	struct err of_path = { .kind = ERR_OK };
	bool is_checked = false;

	for (size_t i = 0; i < visit->flush->n_commits; i++) {
		const struct arrival *a = &visit->all[i];
		struct err *err = &a->commit->err;

		if (!goes_on(a))
			continue;
		if (!is_checked)
			(void)folder_check_path(visit->folder, &of_path);
		is_checked = true;
		*err = of_path;
		if (!err->kind && !a->gave_way &&
		    !fs_is_name_of(AT_FDCWD, a->to.path, &a->partial->file))
			(void)err_set(err, ERR_IO,
			    "'%s' was moved away while it got its name; run this again",
			    a->to.path);
	}
}

static void no_memory(const struct flush *flush)
{
	for (size_t i = 0; i < flush->n_seals; i++)
		(void)folder_no_memory(&flush->seals[i].err);
	for (size_t i = 0; i < flush->n_commits; i++)
		(void)folder_no_memory(&flush->commits[i].err);
}

void folder_flush(struct sink *sink, const struct flush *flush)
{
	struct folder *folder = (struct folder *)sink;
	_cleanup_free_ struct arrival *all = calloc(flush->n_commits + 1, sizeof(*all));
	const struct visit visit = { folder, flush, all,
		seal_shares(folder, flush->n_seals + flush->n_commits) };

	if (!all) {
		no_memory(flush);
		return;
	}
	seal_set_times(flush->seals, flush->n_seals);
	give_names(&visit);
	if (visit.is_shared) {
		sync_shared(&visit);
	} else {
		seal_each(flush->seals, flush->n_seals);
		sync_folders(&visit);
	}
	check_arrivals(&visit);
	for (size_t i = 0; i < flush->n_commits; i++)
		place_close(folder->fd, &all[i].to.folder_fd);
}
