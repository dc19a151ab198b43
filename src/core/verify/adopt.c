/*
 * adopt.c - files that somebody moved into a folder that he names: found by their
 * sum, and known in their new place from then on. Nothing on the disk changes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/sidecar/forms.h"
#include "core/verify/parts.h"
#include "ledger/lease.h"

/*
 * Takes it under the lease, so that nobody fetches it again meanwhile. *ret_is_ours:
 * taken.
 */
static enum err_kind take_lease(
    struct verify *verify, const char *id, bool *ret_is_ours, struct err *err)
{
	struct dq *dq = verify->dq;
	struct lease lease = { .id = id };

	if (ledger_lease(dq->ledger, dq->profile, &lease, 1, dq->now.unix_ms, err))
		return err->kind;
	*ret_is_ours = lease.token != 0;
	return ERR_OK;
}

/* Intent and fact at once: the bytes are there, and durable. */
static enum err_kind write_down(struct verify *verify, const struct verify_file *file,
    const char *path, struct err *err)
{
	const struct dq *dq = verify->dq;
	const struct asset asset = { .index = file->index,
		.path = path,
		.stored_bytes = file->want_bytes,
		.sha256 = file->sha256,
		.choice = file->choice };

	if (ledger_asset_fetched(dq->ledger, dq->profile, file->id, &asset, err))
		return err->kind;
	return ledger_asset_stored(
	    dq->ledger, dq->profile, file->id, file->index, dq->now.unix_ms, err);
}

static enum err_kind adopt(struct verify *verify, struct verify_file *file,
    struct verify_stray *stray, struct err *err)
{
	_cleanup_free_ char *path = strdup(stray->path);
	bool is_ours = false, matches = false;

	if (!path)
		return verify_no_memory(err);
	if (take_lease(verify, file->id, &is_ours, err) || !is_ours)
		return is_ours ? ERR_OK : err->kind;
	if (stored_settle(verify->sinks, path, (uint64_t)file->want_bytes, file->sha256,
		&matches, err))
		return err->kind;
	if (!matches)
		return ERR_OK;
	if (write_down(verify, file, path, err))
		return err->kind;
	free(file->old_path);
	file->old_path = file->path;
	file->path = TAKE_PTR(path);
	file->verdict = VERDICT_MOVED;
	file->is_repaired = stray->is_adopted = true;
	return ERR_OK;
}

/* Where the file was; one with another name there is for a repair to put back. */
static bool is_in(const char *place, const struct verify_stray *stray)
{
	const char *name = location_below(place, stray->path);

	return name && !strchr(name, '/');
}

static enum err_kind find_place(
    struct verify *verify, struct verify_file *file, struct err *err)
{
	_cleanup_free_ char *folder = location_place(file->path);
	_cleanup_free_ char *real =
	    folder ? stored_true_place(verify->sinks, folder) : NULL;
	bool is_same = false;

	if (!real)
		return verify_no_memory(err);

	for (size_t i = 0; i < verify->n_strays && !file->is_repaired; i++) {
		struct verify_stray *stray = &verify->strays[i];

		if (!stray->is_asked_for || stray->is_adopted || is_in(real, stray))
			continue;
		if (verify_is_same(verify, stray, file, &is_same, err))
			return verify_interrupted(err);
		if (is_same && adopt(verify, file, stray, err))
			verify_note(verify, err);
	}
	return ERR_OK;
}

/* They were moved along with their files. */
static void adopt_sidecars(struct verify *verify)
{
	for (size_t i = 0; i + 1 < verify->n_strays; i++)
		for (size_t k = i + 1; k < verify->n_strays; k++) {
			const struct verify_stray *file = &verify->strays[i];
			struct verify_stray *beside = &verify->strays[k];
			const size_t n = strlen(file->path);
			size_t beside_len = 0;

			/* They are sorted by path. */
			if (strncmp(beside->path, file->path, n) != 0)
				break;
			if (file->is_adopted &&
			    sidecar_is_beside(beside->path, &beside_len) &&
			    beside_len == n)
				beside->is_adopted = true;
		}
}

enum err_kind verify_adopt(struct verify *verify, struct err *err)
{
	for (size_t i = 0; i < verify->n_files; i++)
		if (verify->files[i]->verdict == VERDICT_MISSING &&
		    find_place(verify, verify->files[i], err))
			return err->kind;
	adopt_sidecars(verify);
	return ERR_OK;
}
