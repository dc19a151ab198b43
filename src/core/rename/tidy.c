/*
 * tidy.c - what a run has left behind that was killed. The events of a task name each
 * place that a file was put to, or was meant for; what is found there is judged by what
 * it is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "core/rename/parts.h"

/* The places of the files of one task. */
struct past {
	struct place {
		int index;
		char *path;
	} * places; /* the oldest first */
	size_t n, room;
	bool has_failed;
};

static void past_release(struct past *past)
{
	for (size_t i = 0; i < past->n; i++)
		free(past->places[i].path);
	free(past->places);
}

ANALYZER_LOSES_SIGHT
static bool on_place(void *payload, const struct ledger_place *place)
{
	struct past *past = payload;
	char *path = strdup(place->path);

	past->has_failed |=
	    !path || !ARRAY_RESERVE(past->places, past->room, past->n + 1);
	if (past->has_failed) {
		free(path);
		return false;
	}
	past->places[past->n++] = (struct place){ place->index, path };
	return true;
}

ANALYZER_SEES_AGAIN

/* Nobody else's place, and a past one of this file. */
static bool is_past_place(const struct rename *rename, const struct rename_file *file,
    const struct place *place)
{
	return place->index == file->index && strcmp(place->path, file->from) != 0 &&
	    !texts_have(&rename->froms, place->path) &&
	    !texts_have(&rename->others, place->path);
}

/* --- a file that had one name at a time --- */

/* Intent and fact at once: it is there. */
static enum err_kind write_down(const struct rename *rename,
    const struct rename_file *file, const struct asset *asset, struct err *err)
{
	const struct dq *dq = rename->dq;

	if (ledger_asset_fetched(dq->ledger, dq->profile, file->id, asset, err) ||
	    ledger_asset_stored(
		dq->ledger, dq->profile, file->id, file->index, clock_unix_ms(), err))
		return err->kind;
	return ERR_OK;
}

ANALYZER_LOSES_SIGHT
/* It is at `path`. */
static enum err_kind take_place(struct rename *rename, struct rename_file *file,
    struct asset *asset, const char *path, struct err *err)
{
	char *from = strdup(path);

	if (!from || !texts_add(&rename->froms, strdup(path))) {
		free(from);
		return rename_no_memory(err);
	}
	texts_sort(&rename->froms);
	asset->path = path;
	if (write_down(rename, file, asset, err)) {
		free(from);
		return err->kind;
	}
	rename_follow_beside(rename, file->from, from);
	free(file->from);
	file->from = from;
	rename_rank(rename, file);
	return ERR_OK;
}

ANALYZER_SEES_AGAIN

/* The newest of its places where these bytes are. */
static enum err_kind find_again(struct rename *rename, struct rename_file *file,
    struct asset *asset, const struct past *past, struct err *err)
{
	bool matches = false;

	for (size_t i = past->n; i-- > 0;) {
		const struct place *place = &past->places[i];

		if (!is_past_place(rename, file, place) ||
		    stored_size(rename->sinks, place->path, file->bytes) != file->bytes)
			continue;
		if (stored_settle(rename->sinks, place->path, (uint64_t)file->bytes,
			file->sha256, &matches, err))
			return err->kind;
		if (matches)
			return take_place(rename, file, asset, place->path, err);
	}
	return ERR_OK;
}

/* --- what is left at a place that it had --- */

static void tidy_place(
    struct rename *rename, const struct rename_file *file, const char *path)
{
	struct relocation second = { .from = path, .to = file->from };
	const enum stored_what what = stored_look(rename->sinks, path, file->from);

	if (what == STORED_OTHER)
		return;
	rename_follow_beside(rename, path, file->from);
	if (what == STORED_NOTHING)
		return;
	stored_take(rename->sinks, rename->root, &second, 1);
	if (second.err.kind)
		rename_note(rename, &second.err);
}

static bool is_tidied(const struct rename *rename, const struct rename_file *file,
    const struct place *place)
{
	return location_below(rename->root, place->path) &&
	    is_past_place(rename, file, place);
}

static bool is_lost(const struct rename *rename, const struct rename_file *file)
{
	return stored_size(rename->sinks, file->from, file->bytes) < 0;
}

static enum err_kind tidy_file(struct rename *rename, struct rename_file *file,
    struct asset *asset, const struct past *past, struct err *err)
{
	if (is_lost(rename, file) && find_again(rename, file, asset, past, err))
		return err->kind;
	for (size_t i = 0; i < past->n; i++)
		if (is_tidied(rename, file, &past->places[i]))
			tidy_place(rename, file, past->places[i].path);
	return ERR_OK;
}

/* --- all of them --- */

/* Without a lease: most have nothing, and what is seen here is seen again under one. */
static bool has_traces(
    const struct rename *rename, const struct rename_file *file, const struct past *past)
{
	bool has_any = is_lost(rename, file);

	for (size_t i = 0; i < past->n && !has_any; i++) {
		const char *path = past->places[i].path;

		has_any = is_tidied(rename, file, &past->places[i]) &&
		    (stored_look(rename->sinks, path, file->from) == STORED_SAME ||
			rename_has_beside(rename, path));
	}
	return has_any;
}

/* A file that lies elsewhere by now, or of a task that is not ours, is left alone. */
static enum err_kind tidy_held(struct rename *rename, struct rename_file *file,
    const struct past *past, struct err *err)
{
	struct rename_hold *hold = calloc(1, sizeof(*hold));
	const struct rename_step step = { .file = file, .from = file->from };
	enum err_kind kind;

	if (!hold)
		return rename_no_memory(err);
	kind = rename_hold(rename, &step, 1, hold, err);
	if (!kind) {
		if (!hold->why[0].kind)
			kind = tidy_file(rename, file, &hold->known[0].asset, past, err);
		rename_let_go(rename, &step, 1, hold);
	}
	free(hold);
	return kind;
}

enum err_kind rename_tidy(struct rename *rename, struct err *err)
{
	const struct dq *dq = rename->dq;
	size_t end;

	for (size_t i = 0; i < rename->n_files; i = end) {
		_cleanup_(past_release) struct past past = { 0 };
		const char *id = rename->files[i].id;

		if (atomic_load(&dq->is_interrupted))
			return rename_interrupted(err);
		if (ledger_places(dq->ledger, dq->profile, id, on_place, &past, err))
			return err->kind;
		if (past.has_failed)
			return rename_no_memory(err);
		for (end = i;
		     end < rename->n_files && strcmp(rename->files[end].id, id) == 0;
		     end++) {
			struct rename_file *file = &rename->files[end];

			if (has_traces(rename, file, &past) &&
			    tidy_held(rename, file, &past, err))
				return err->kind;
		}
	}
	return ERR_OK;
}
