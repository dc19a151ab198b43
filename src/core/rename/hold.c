/*
 * hold.c - files that nobody else moves or fetches meanwhile: the leases of their tasks,
 * and, under these, whether the ledger still has them where they were found.
 */
#include <string.h>

#include "base/clock.h"
#include "core/rename/parts.h"
#include "ledger/lease.h"

enum { ARENA_BYTES_MAX = 16 << 20 };

static enum err_kind take_leases(const struct dq *dq, const struct rename_step *steps,
    size_t n, struct rename_hold *hold, struct err *err)
{
	struct lease leases[RENAME_BATCH_MAX];

	for (size_t i = 0; i < n; i++)
		leases[i] = (struct lease){ .id = steps[i].file->id };
	if (ledger_lease(dq->ledger, dq->profile, leases, n, clock_unix_ms(), err))
		return err->kind;
	for (size_t i = 0; i < n; i++) {
		hold->why[i] = (struct err){ .kind = ERR_OK };
		if (!leases[i].token)
			err_set(&hold->why[i], ERR_RUNNING,
			    "another process is at work on task '%s'; run this again "
			    "later",
			    leases[i].id);
	}
	return ERR_OK;
}

/* What was planned may be old. */
static enum err_kind look_again(const struct dq *dq, const struct rename_step *steps,
    size_t n, struct rename_hold *hold, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		hold->known[i] = (struct asset_known){ .submit_id = steps[i].file->id,
			.index = steps[i].file->index };
	if (ledger_find_assets(
		dq->ledger, dq->profile, hold->known, n, &hold->arena, err))
		return err->kind;
	for (size_t i = 0; i < n; i++) {
		const struct asset *asset = &hold->known[i].asset;

		if (hold->why[i].kind ||
		    (hold->known[i].is_known && asset->state == ASSET_STORED &&
			asset->path && strcmp(asset->path, steps[i].from) == 0))
			continue;
		err_set(&hold->why[i], ERR_RUNNING,
		    "'%s' has been moved or is being fetched again; run this again",
		    steps[i].from);
	}
	return ERR_OK;
}

/* They are free at the end in any case. */
static void give_back(const struct dq *dq, const struct rename_step *steps, size_t n)
{
	const char *ids[RENAME_BATCH_MAX];
	struct err ignored;

	for (size_t i = 0; i < n; i++)
		ids[i] = steps[i].file->id;
	(void)ledger_lease_release(dq->ledger, dq->profile, ids, n, &ignored);
}

enum err_kind rename_hold(const struct rename *rename, const struct rename_step *steps,
    size_t n, struct rename_hold *hold, struct err *err)
{
	const struct dq *dq = rename->dq;

	hold->arena = arena_make(ARENA_BYTES_MAX);
	if (take_leases(dq, steps, n, hold, err))
		return err->kind;
	if (look_again(dq, steps, n, hold, err)) {
		give_back(dq, steps, n);
		arena_release(&hold->arena);
		return err->kind;
	}
	return ERR_OK;
}

void rename_let_go(const struct rename *rename, const struct rename_step *steps, size_t n,
    struct rename_hold *hold)
{
	give_back(rename->dq, steps, n);
	arena_release(&hold->arena);
}
