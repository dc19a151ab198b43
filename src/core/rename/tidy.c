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
#include "ledger/lease.h"

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

/* --- a file that had one name at a time --- */

/* Intent and fact at once: it is there. */
static enum err_kind write_down(struct rename *rename, const struct rename_file *file,
    const char *path, struct err *err)
{
	const struct dq *dq = rename->dq;
	struct lease lease = { .id = file->id };
	struct asset_known known = { .submit_id = file->id, .index = file->index };
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);

	if (ledger_lease(dq->ledger, dq->profile, &lease, 1, clock_unix_ms(), err) ||
	    ledger_find_assets(dq->ledger, dq->profile, &known, 1, &arena, err))
		return err->kind;
	if (!lease.token || !known.is_known || !known.asset.path ||
	    strcmp(known.asset.path, file->from) != 0)
		return ERR_OK; /* somebody is at work on it */
	known.asset.path = path;
	if (ledger_asset_fetched(dq->ledger, dq->profile, file->id, &known.asset, err) ||
	    ledger_asset_stored(
		dq->ledger, dq->profile, file->id, file->index, clock_unix_ms(), err))
		return err->kind;
	return ledger_lease_release(dq->ledger, dq->profile, &lease.id, 1, err);
}

ANALYZER_LOSES_SIGHT
static enum err_kind find_again(struct rename *rename, struct rename_file *file,
    const struct past *past, struct err *err)
{
	const char *last = NULL;
	bool matches = false;
	char *path;

	if (stored_size(rename->sinks, file->from, file->bytes) >= 0)
		return ERR_OK;
	for (size_t i = 0; i < past->n; i++)
		if (past->places[i].index == file->index)
			last = past->places[i].path;
	if (!last || strcmp(last, file->from) == 0 || texts_have(&rename->froms, last) ||
	    texts_have(&rename->others, last))
		return ERR_OK;
	if (stored_settle(
		rename->sinks, last, (uint64_t)file->bytes, file->sha256, &matches, err))
		return err->kind;
	if (!matches)
		return ERR_OK;
	path = strdup(last);
	if (!path || !texts_add(&rename->froms, strdup(last))) {
		free(path);
		return rename_no_memory(err);
	}
	texts_sort(&rename->froms);
	if (write_down(rename, file, path, err)) {
		free(path);
		return err->kind;
	}
	rename_follow_beside(rename, file->from, path);
	free(file->from);
	file->from = path;
	rename_rank(rename, file);
	return ERR_OK;
}

ANALYZER_SEES_AGAIN

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

static void tidy_places(
    struct rename *rename, const struct rename_file *file, const struct past *past)
{
	for (size_t i = 0; i < past->n; i++) {
		const char *path = past->places[i].path;

		if (past->places[i].index == file->index &&
		    location_below(rename->root, path) &&
		    !texts_have(&rename->froms, path) &&
		    !texts_have(&rename->others, path))
			tidy_place(rename, file, path);
	}
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
			if (find_again(rename, &rename->files[end], &past, err))
				return err->kind;
			tidy_places(rename, &rename->files[end], &past);
		}
	}
	return ERR_OK;
}
