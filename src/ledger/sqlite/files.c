#include "ledger/sqlite/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/sqlite/mark.h"

/* In the order in which they go: never a ledger without its log behind a good mark. */
static const char *const suffixes[] = { "", "-wal", "-shm", "-mark" };

enum { N_FILES = sizeof(suffixes) / sizeof(*suffixes), MARK = N_FILES - 1 };
enum { NAME_TRIES = 1000 };

static char *with(const char *path, const char *suffix)
{
	char *name = NULL;

	return asprintf(&name, "%s%s", path, suffix) < 0 ? NULL : name;
}

bool files_exist(const char *path)
{
	for (size_t i = 0; i < N_FILES; i++) {
		_cleanup_free_ char *name = with(path, suffixes[i]);

		if (!name || fs_exists(name))
			return true;
	}
	return false;
}

void files_remove(const char *path)
{
	for (size_t i = 0; i < N_FILES; i++) {
		_cleanup_free_ char *name = with(path, suffixes[i]);

		if (name)
			(void)unlink(name);
	}
}

/* Returns "PATH.old-TIME", or with ".2" when there is one of this second; malloc'ed. */
static enum err_kind name_aside(const char *path, char **ret_aside, struct err *err)
{
	char when[40] = "unknown";
	const time_t now = time(NULL);
	struct tm local;

	if (localtime_r(&now, &local))
		(void)strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &local);
	for (int i = 1; i < NAME_TRIES; i++) {
		_cleanup_free_ char *name = NULL;
		const int len = i == 1 ? asprintf(&name, "%s.old-%s", path, when)
				       : asprintf(&name, "%s.old-%s.%d", path, when, i);

		if (len < 0) {
			name = NULL;
			break;
		}
		if (!files_exist(name)) {
			*ret_aside = TAKE_PTR(name);
			return ERR_OK;
		}
	}
	return err_set(
	    err, ERR_NOMEM, "out of memory for the name of what '%s' was", path);
}

/* *ret_moved: it was there. */
static enum err_kind move(const char *from, const char *to, const char *suffix,
    bool *ret_moved, struct err *err)
{
	_cleanup_free_ char *old = with(from, suffix);
	_cleanup_free_ char *new = with(to, suffix);

	*ret_moved = false;
	if (!old || !new)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (!rename(old, new))
		*ret_moved = true;
	else if (errno != ENOENT)
		return err_errno(err, ERR_LEDGER, "'%s' can't be moved", old);
	return ERR_OK;
}

enum err_kind files_put_aside(const char *path, struct err *err)
{
	_cleanup_free_ char *aside = NULL;

	if (name_aside(path, &aside, err))
		return err->kind;
	for (size_t i = 0; i < N_FILES; i++) {
		bool moved;

		if (move(path, aside, suffixes[i], &moved, err))
			return err->kind;
	}
	return fs_sync_folder_of(aside, err);
}

/* --- one for another ---------------------------------------------------------------- */

struct exchange {
	const char *path, *fresh;
	char *aside;
	struct mark before, after; /* of the old ledger and the new one */
	bool is_guarded, is_moved[MARK], has_come;
};

/* It is behind, and knows of a task: neither is paid with, nor begun anew. */
static enum err_kind guard(struct exchange *x, struct err *err)
{
	struct mark mark = { .tasks = 1, .is_behind = true };

	memcpy(mark.name, x->after.name, sizeof(mark.name));
	if (x->before.tasks > mark.tasks)
		mark.tasks = x->before.tasks;
	if (x->after.tasks > mark.tasks)
		mark.tasks = x->after.tasks;
	if (x->before.name[0] && mark_put(x->aside, &x->before, err))
		return err->kind;
	x->is_guarded = true;
	return mark_put(x->path, &mark, err);
}

static enum err_kind exchange(struct exchange *x, struct err *err)
{
	if (guard(x, err))
		return err->kind;
	for (size_t i = 0; i < MARK; i++)
		if (move(x->path, x->aside, suffixes[i], &x->is_moved[i], err))
			return err->kind;
	if (fs_sync_folder_of(x->path, err) ||
	    move(x->fresh, x->path, "", &x->has_come, err))
		return err->kind;
	if (!x->has_come)
		return err_set(err, ERR_LEDGER, "'%s' was removed", x->fresh);
	return mark_put(x->path, &x->after, err);
}

/* The old mark comes last, behind its ledger and the log of that. */
static bool undo(struct exchange *x)
{
	bool moved = true;
	struct err err;

	if (x->has_come && move(x->path, x->fresh, "", &moved, &err))
		return false;
	for (size_t i = MARK; i-- > 0;)
		if (x->is_moved[i] && move(x->aside, x->path, suffixes[i], &moved, &err))
			return false;
	if (fs_sync_folder_of(x->path, &err) ||
	    move(x->aside, x->path, suffixes[MARK], &moved, &err))
		return false;
	if (!moved && x->is_guarded) {
		_cleanup_free_ char *name = with(x->path, suffixes[MARK]);

		return name && (!unlink(name) || errno == ENOENT);
	}
	return true;
}

enum err_kind files_replace(const char *path, const char *fresh, struct err *err)
{
	struct exchange x = { .path = path, .fresh = fresh };
	_cleanup_free_ char *aside = NULL;

	mark_read(path, &x.before);
	mark_read(fresh, &x.after);
	if (!x.after.name[0])
		return err_set(err, ERR_LEDGER, "'%s-mark' can't be read", fresh);
	if (name_aside(path, &aside, err))
		return err->kind;
	x.aside = aside;
	if (exchange(&x, err)) {
		if (undo(&x))
			return err->kind;
		return err_more(err, "; what the ledger was until now is '%s'", x.aside);
	}
	files_remove(fresh);
	return ERR_OK;
}
