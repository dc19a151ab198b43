/*
 * batch.c - files on their way together, so that they share their waits for the disk:
 *
 *	leases ──► are they where they were? ──► ledger: intents ──► second names
 *	──► ledger: facts ──► what lies beside them ──► the old names go
 *
 * What fails of one is no other's fault. Killed in between, the ledger has the old place
 * or the new one, and the file is there; it may be at the other one, too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/rename/parts.h"

struct batch {
	struct rename *rename;
	struct rename_step *steps;
	size_t n;
	struct rename_hold hold;
	struct relocation moves[RENAME_BATCH_MAX];
	struct ledger_entry entries[RENAME_BATCH_MAX];
};

static void fail(struct rename_file *file, const struct err *why)
{
	file->state = RENAME_FAILED;
	file->err = *why;
}

static bool is_on(const struct batch *batch, size_t i)
{
	return batch->steps[i].file->state != RENAME_FAILED;
}

static int by_target(const void *a, const void *b)
{
	const struct rename_step *x = a, *y = b;

	return strcmp(x->to, y->to);
}

/* --- the ledger --- */

static enum err_kind write_down(struct batch *batch, enum asset_state to, struct err *err)
{
	const struct dq *dq = batch->rename->dq;
	size_t places[RENAME_BATCH_MAX], n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct asset *asset = &batch->hold.known[i].asset;

		if (!is_on(batch, i))
			continue;
		asset->path = batch->steps[i].to;
		batch->entries[n] = (struct ledger_entry){ .kind = ENTRY_MOVE,
			.move = { .submit_id = batch->steps[i].file->id,
			    .asset = asset,
			    .to = to } };
		places[n++] = i;
	}
	if (n > 0 &&
	    ledger_commit(
		dq->ledger, dq->profile, batch->entries, n, clock_unix_ms(), err))
		return err->kind;
	for (size_t i = 0; i < n; i++)
		if (batch->entries[i].why.kind)
			fail(batch->steps[places[i]].file, &batch->entries[i].why);
	return ERR_OK;
}

/* --- the disk --- */

static size_t gather_moves(struct batch *batch, size_t places[RENAME_BATCH_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		if (!is_on(batch, i))
			continue;
		batch->moves[n] = (struct relocation){ .from = batch->steps[i].from,
			.to = batch->steps[i].to,
			.has_moved = batch->moves[i].has_moved };
		places[n++] = i;
	}
	return n;
}

static void give_names(struct batch *batch)
{
	const struct rename *rename = batch->rename;
	size_t places[RENAME_BATCH_MAX];
	const size_t n = gather_moves(batch, places);
	struct err taken;

	stored_give(rename->sinks, rename->root, batch->moves, n);
	for (size_t i = 0; i < n; i++) {
		struct rename_file *file = batch->steps[places[i]].file;

		err_set(
		    &taken, ERR_IO, "'%s' is taken; run this again", batch->moves[i].to);
		if (batch->moves[i].err.kind)
			fail(file, &batch->moves[i].err);
		else if (batch->moves[i].is_taken)
			fail(file, &taken);
	}
}

/* Another asset has the same file, and is still to go, or stays. */
static bool is_needed(const struct batch *batch, size_t i)
{
	const struct rename *rename = batch->rename;
	const char *from = batch->steps[i].from;

	for (size_t k = i + 1; k < batch->n; k++)
		if (is_on(batch, k) && strcmp(batch->steps[k].from, from) == 0)
			return true; /* by that one, then */
	return texts_have(&rename->others, from) || rename_is_from(rename, from);
}

static void take_names(struct batch *batch)
{
	struct rename *rename = batch->rename;
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct rename_file *file = batch->steps[i].file;

		if (!is_on(batch, i))
			continue;
		rename_move_beside(rename, batch->steps[i].from, batch->steps[i].to);
		if (strcmp(batch->steps[i].to, file->to) == 0)
			file->state = RENAME_DONE;
	}
	for (size_t i = 0; i < batch->n; i++)
		if (is_on(batch, i) && !is_needed(batch, i))
			batch->moves[n++] =
			    (struct relocation){ .from = batch->steps[i].from,
				    .to = batch->steps[i].to };
	stored_take(rename->sinks, rename->root, batch->moves, n);
	for (size_t i = 0; i < n; i++)
		if (batch->moves[i].err.kind)
			rename_note(rename, &batch->moves[i].err);
}

static enum err_kind run(struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->hold.why[i].kind)
			fail(batch->steps[i].file, &batch->hold.why[i]);
	if (write_down(batch, ASSET_FETCHED, err))
		return err->kind;
	give_names(batch);
	if (write_down(batch, ASSET_STORED, err))
		return err->kind;
	take_names(batch);
	return ERR_OK;
}

enum err_kind rename_run_batch(
    struct rename *rename, struct rename_step *steps, size_t n, struct err *err)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	enum err_kind kind;

	if (!batch)
		return rename_no_memory(err);
	batch->rename = rename;
	batch->steps = steps;
	batch->n = n;
	qsort(steps, n, sizeof(*steps), by_target);
	kind = rename_hold(rename, steps, n, &batch->hold, err);
	if (!kind) {
		kind = run(batch, err);
		rename_let_go(rename, steps, n, &batch->hold);
	}
	free(batch);
	return kind;
}
