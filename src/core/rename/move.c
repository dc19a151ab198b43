/*
 * move.c - in which order files move: each when its new name is free. Those that wait for
 * each other in a circle: one of them steps aside, under a name that nobody wants.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/rename/parts.h"

enum { ASIDE_MAX = 1000 };

static const char *place_of(const struct rename_file *file)
{
	return file->away ? file->away : file->from;
}

static bool is_still_there(const struct rename_file *file, const char *path)
{
	return file->state != RENAME_DONE && !file->away && file->from &&
	    strcmp(file->from, path) == 0;
}

/* Finds the first of those whose place this was. */
static const struct rename_file *find(const struct rename *rename, const char *path)
{
	size_t low = 0, high = rename->n_files;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(rename->files[middle].from, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return rename->files + low;
}

/* Who is there now; NULL: nobody. */
static const struct rename_file *holder(const struct rename *rename, const char *path)
{
	const struct rename_file *end = rename->files + rename->n_files;

	for (const struct rename_file *file = find(rename, path);
	     file < end && strcmp(file->from, path) == 0; file++)
		if (is_still_there(file, path))
			return file;
	return NULL;
}

bool rename_is_from(const struct rename *rename, const char *path)
{
	return holder(rename, path) != NULL;
}

/* --- in passes --- */

struct pass {
	struct rename *rename;
	struct rename_step steps[RENAME_BATCH_MAX];
	size_t n, n_moved;
};

static enum err_kind flush(struct pass *pass, struct err *err)
{
	struct rename *rename = pass->rename;

	if (atomic_load(&rename->dq->is_interrupted))
		return rename_interrupted(err);
	if (pass->n > 0 && rename_run_batch(rename, pass->steps, pass->n, err))
		return err->kind;
	for (size_t i = 0; i < pass->n; i++) {
		const struct rename_file *file = pass->steps[i].file;

		if (file->state == RENAME_FAILED)
			rename_note(rename, &file->err);
	}
	pass->n_moved += pass->n;
	pass->n = 0;
	return ERR_OK;
}

static enum err_kind add_step(
    struct pass *pass, struct rename_file *file, const char *to, struct err *err)
{
	pass->steps[pass->n++] = (struct rename_step){ file, place_of(file), to };
	return pass->n == RENAME_BATCH_MAX ? flush(pass, err) : ERR_OK;
}

static enum err_kind move_free(struct pass *pass, struct err *err)
{
	struct rename *rename = pass->rename;

	pass->n_moved = 0;
	for (size_t i = 0; i < rename->n_files; i++) {
		struct rename_file *file = &rename->files[i];

		if (file->state == RENAME_OPEN && !holder(rename, file->to) &&
		    add_step(pass, file, file->to, err))
			return err->kind;
	}
	return flush(pass, err);
}

/* What waits for one that can't go away can't go, either. */
static bool give_up_behind_failed(struct rename *rename)
{
	bool has_any = false;

	for (size_t i = 0; i < rename->n_files; i++) {
		struct rename_file *file = &rename->files[i];
		const struct rename_file *other;

		if (file->state != RENAME_OPEN)
			continue;
		other = holder(rename, file->to);
		if (!other || other->state != RENAME_FAILED)
			continue;
		file->state = RENAME_FAILED;
		err_set(&file->err, ERR_RUNNING,
		    "'%s' is still taken by a file that could not be renamed; run this "
		    "again",
		    file->to);
		rename_note(rename, &file->err);
		has_any = true;
	}
	return has_any;
}

/* A name beside the old one that no template makes, and that nothing has. */
static char *name_aside(const struct rename *rename, const char *path)
{
	for (unsigned n = 1; n <= ASIDE_MAX; n++) {
		_cleanup_free_ char *base = NULL;

		if (asprintf(&base, "%s.renaming-%u", path, n) < 0) {
			base = NULL;
			return NULL;
		}
		if (stored_look(rename->sinks, base, NULL) == STORED_NOTHING)
			return TAKE_PTR(base);
	}
	return NULL;
}

static enum err_kind step_aside(struct pass *pass, struct err *err)
{
	struct rename *rename = pass->rename;
	struct rename_file *file = rename->files;

	while (file->state != RENAME_OPEN)
		file++;
	file->away = name_aside(rename, file->from);
	if (!file->away)
		return err_set(
		    err, ERR_IO, "there is no free name beside '%s'", file->from);
	pass->steps[pass->n++] = (struct rename_step){ file, file->from, file->away };
	if (flush(pass, err))
		return err->kind;
	if (file->state == RENAME_FAILED) {
		free(file->away);
		file->away = NULL;
	}
	return ERR_OK;
}

static bool has_open(const struct rename *rename)
{
	for (size_t i = 0; i < rename->n_files; i++)
		if (rename->files[i].state == RENAME_OPEN)
			return true;
	return false;
}

enum err_kind rename_move_all(struct rename *rename, struct err *err)
{
	struct pass *pass = calloc(1, sizeof(*pass));
	enum err_kind kind = ERR_OK;

	if (!pass)
		return rename_no_memory(err);
	pass->rename = rename;
	while (!kind && has_open(rename)) {
		kind = move_free(pass, err);
		if (!kind && pass->n_moved == 0 && !give_up_behind_failed(rename))
			kind = step_aside(pass, err);
	}
	free(pass);
	return kind;
}
