/*
 * relocate.c - files get other names: a second one first, and the first one goes when the
 * ledger has the second. In between nobody who goes by either fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/folder/capitals.h"
#include "store/folder/place.h"
#include "store/folder/sink_impl.h"

/* Those that lie in one folder, one behind the other: it is opened and synced once. */
struct run {
	const char *place;
	int place_fd, folder_fd; /* -1: not open */
	struct relocation *all;
	size_t first, n; /* in the folder that is open */
};

static const char *folder_end(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash : path;
}

static bool are_neighbours(const char *a, const char *b)
{
	const size_t len = (size_t)(folder_end(a) - a);

	return len == (size_t)(folder_end(b) - b) && memcmp(a, b, len) == 0;
}

static bool is_same_file(const char *one, const char *other, struct stat *ret_st)
{
	struct stat st;

	return !lstat(one, ret_st) && !lstat(other, &st) && S_ISREG(st.st_mode) &&
	    st.st_dev == ret_st->st_dev && st.st_ino == ret_st->st_ino;
}

enum stored_what folder_look(struct sink *sink, const char *path, const char *file)
{
	struct stat st;

	(void)sink;
	if (lstat(path, &st))
		return errno == ENOENT || errno == ENOTDIR ? STORED_NOTHING
							   : STORED_OTHER;
	if (!file)
		return STORED_OTHER;
	return is_same_file(path, file, &st) || capitals_are_one(file, path)
	    ? STORED_SAME
	    : STORED_OTHER;
}

/* --- the new name --- */

/* What was named in it is on the disk, or all of it failed. */
static void end_run(struct run *run)
{
	struct err err = { .kind = ERR_OK };

	if (run->folder_fd < 0)
		return;
	(void)fs_sync_folder(run->folder_fd, run->all[run->first].to, &err);
	for (size_t i = run->first; i < run->first + run->n; i++)
		if (!run->all[i].err.kind && !run->all[i].is_taken)
			run->all[i].err = err;
	place_close(run->place_fd, &run->folder_fd);
	run->n = 0;
}

static enum err_kind open_folder(struct run *run, struct relocation *r)
{
	const char *name = fs_below(run->place, r->to);

	if (!name)
		return err_set(&r->err, ERR_USAGE, "'%s' does not name a file below '%s'",
		    r->to, run->place);
	if (run->folder_fd >= 0 && are_neighbours(run->all[run->first].to, r->to))
		return ERR_OK;
	end_run(run);
	run->first = (size_t)(r - run->all);
	return place_open(
	    run->place_fd, run->place, name, true, &run->folder_fd, &r->err);
}

/* FAT and some shares give a file one name only. */
static bool has_no_links(int error)
{
	return error == EPERM || error == EOPNOTSUPP || error == ENOSYS ||
	    error == EMLINK;
}

static void move(
    struct relocation *r, const struct fs_name *from, const struct fs_name *to)
{
	if (fs_rename_new_at(from, to, &r->is_taken, &r->err) || r->is_taken)
		return;
	r->has_moved = true;
	(void)fs_sync_folder_of(r->from, &r->err);
}

/* By an earlier try, or as one that is found under this name, too, and not listed. */
static void look_who_has_it(struct relocation *r)
{
	struct stat st;

	if (capitals_are_one(r->from, r->to))
		r->has_moved = !capitals_change(r->from, r->to, &r->err);
	else
		r->is_taken = !is_same_file(r->from, r->to, &st);
}

static void give(struct run *run, struct relocation *r)
{
	const struct fs_name from = { AT_FDCWD, r->from, r->from };
	const struct fs_name to = { run->folder_fd, place_base(r->to), r->to };
	struct stat st;

	if (lstat(r->from, &st) || !S_ISREG(st.st_mode))
		(void)err_set(&r->err, ERR_IO, "there is no file '%s'", r->from);
	else if (!linkat(AT_FDCWD, r->from, to.folder_fd, to.name, 0))
		return;
	else if (errno == EEXIST)
		look_who_has_it(r);
	else if (errno == EXDEV)
		(void)err_set(&r->err, ERR_IO,
		    "'%s' would have to go to another disk, as '%s': files are renamed "
		    "on one disk only",
		    r->from, r->to);
	else if (has_no_links(errno))
		move(r, &from, &to);
	else
		(void)err_errno(
		    &r->err, ERR_IO, "can't give '%s' the name '%s'", r->from, r->to);
}

void folder_give(struct sink *sink, const char *place, struct relocation *all, size_t n)
{
	struct run run = { .place = place, .folder_fd = -1, .all = all };
	struct err err = { .kind = ERR_OK };

	(void)sink;
	run.place_fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run.place_fd < 0)
		(void)err_errno(&err, ERR_IO, "can't open the folder '%s'", place);
	for (size_t i = 0; i < n; i++) {
		all[i].err = err;
		all[i].is_taken = all[i].has_moved = false;
		if (!err.kind && !open_folder(&run, &all[i]))
			give(&run, &all[i]);
		run.n = i + 1 - run.first;
	}
	end_run(&run);
	closep(&run.place_fd);
}

/* --- the old one --- */

static void take(struct relocation *r)
{
	struct stat st;

	if (r->has_moved || !is_same_file(r->from, r->to, &st) || st.st_nlink < 2 ||
	    !capitals_are_two(r->from, r->to))
		return;
	if (unlink(r->from) && errno != ENOENT)
		(void)err_errno(&r->err, ERR_IO, "can't remove '%s'", r->from);
}

static void prune(const char *place, const char *location)
{
	_cleanup_free_ char *folder = strdup(location);
	char *slash = folder ? strrchr(folder, '/') : NULL;

	while (slash) {
		*slash = '\0';
		if (!fs_below(place, folder) || rmdir(folder))
			return;
		slash = strrchr(folder, '/');
	}
}

void folder_take(struct sink *sink, const char *place, struct relocation *all, size_t n)
{
	(void)sink;
	for (size_t i = 0; i < n; i++) {
		all[i].err = (struct err){ .kind = ERR_OK };
		take(&all[i]);
	}
	for (size_t i = 0; i < n; i++) {
		const bool is_last =
		    i + 1 == n || !are_neighbours(all[i].from, all[i + 1].from);

		if (is_last && !all[i].err.kind)
			(void)fs_sync_folder_of(all[i].from, &all[i].err);
	}
	for (size_t i = 0; i < n; i++)
		prune(place, all[i].from);
}
