/*
 * stray.c - what lies in the folders that no row of the ledger names: unknown
 * files, and what dead processes left behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/sidecar/forms.h"
#include "core/verify/parts.h"

/* Is the asset of this partial still to come? Then its bytes are progress. */
static bool is_claimed(struct verify *verify, const char *id, int index)
{
	struct ledger *ledger = verify->dq->ledger;
	struct err err;

	for (size_t i = 0; i < verify->accounts.n; i++) {
		_cleanup_(task_freep) struct task *task = NULL;
		const struct asset *asset;

		if (ledger_find(ledger, verify->accounts.all[i], id, &task, &err))
			return true; /* who can't be asked keeps what he has */
		asset = task ? task_asset(task, index) : NULL;
		if (task && !asset && !task_state_is_final(task->state))
			return true;
		if (asset && asset->state == ASSET_STORED && asset->path &&
		    stored_size(verify->sinks, asset->path, asset->stored_bytes) !=
			asset->stored_bytes)
			return true; /* about to be fetched again */
		if (asset &&
		    (asset->state == ASSET_WANTED || asset->state == ASSET_FETCHED))
			return true;
	}
	return false;
}

struct scanning {
	struct verify *verify;
	bool wants_files; /* not only what is left over */
	bool is_asked_for;
	bool has_failed;
};

ANALYZER_LOSES_SIGHT
static bool add_stray(
    struct verify *verify, const struct scan_entry *entry, bool is_asked_for)
{
	struct verify_stray *stray;

	if (!ARRAY_RESERVE(verify->strays, verify->strays_room, verify->n_strays + 1))
		return false;
	stray = &verify->strays[verify->n_strays];
	*stray = (struct verify_stray){ .kind = entry->kind,
		.path = strdup(entry->location),
		.bytes = entry->bytes,
		.index = entry->index,
		.is_asked_for = is_asked_for };
	(void)stpcpy(stray->id, entry->id);
	verify->n_strays += stray->path != NULL;
	return stray->path != NULL;
}

/* Does it lie beside a known file, and is called so? */
static bool is_sidecar(const struct verify *verify, const char *path)
{
	_cleanup_free_ char *name = NULL;
	size_t len = 0;

	if (!sidecar_is_beside(path, &len))
		return false;
	name = strndup(path, len);
	return name && texts_have(&verify->known, name);
}

static bool is_stray(struct verify *verify, const struct scan_entry *entry)
{
	switch (entry->kind) {
	case SCAN_FILE:
		return !texts_have(&verify->known, entry->location) &&
		    !is_sidecar(verify, entry->location);
	case SCAN_PARTIAL:
		return !is_claimed(verify, entry->id, entry->index) &&
		    !stored_is_held(verify->sinks, entry->location);
	case SCAN_TEMPORARY:
		break;
	}
	return !stored_is_held(verify->sinks, entry->location);
}

static bool on_entry(void *payload, const struct scan_entry *entry)
{
	struct scanning *scanning = payload;

	if ((scanning->wants_files || entry->kind != SCAN_FILE) &&
	    is_stray(scanning->verify, entry) &&
	    !add_stray(scanning->verify, entry, scanning->is_asked_for))
		scanning->has_failed = true;
	return !scanning->has_failed &&
	    !atomic_load(&scanning->verify->dq->is_interrupted);
}

ANALYZER_SEES_AGAIN

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct verify_stray *)a)->path,
	    ((const struct verify_stray *)b)->path);
}

/* Folders may lie in each other: each stray once. */
static void sort_strays(struct verify *verify)
{
	struct verify_stray *all = verify->strays;
	size_t n = 0;

	if (verify->n_strays == 0)
		return;
	qsort(all, verify->n_strays, sizeof(*all), by_path);
	for (size_t i = 1; i < verify->n_strays; i++) {
		if (strcmp(all[n].path, all[i].path) != 0) {
			all[++n] = all[i];
			continue;
		}
		all[n].is_asked_for |= all[i].is_asked_for;
		free(all[i].path);
	}
	verify->n_strays = n + 1;
}

/* Finds the folders where the profile's files lie, each once. */
static bool find_folders(const struct verify *verify, struct texts *folders)
{
	for (size_t i = 0; i < verify->n_files; i++) {
		const char *path = verify->files[i]->path;
		_cleanup_free_ char *folder = path ? location_place(path) : NULL;

		if (!path)
			continue;
		if (!folder || !texts_add(folders, TAKE_PTR(folder)))
			return false;
		if (folders->n == folders->room)
			texts_sort(folders); /* before it grows: they repeat */
	}
	texts_sort(folders);
	for (size_t i = 0; i < folders->n; i++) {
		char *real = stored_true_place(verify->sinks, folders->all[i]);

		if (!real)
			return false;
		free(folders->all[i]);
		folders->all[i] = real;
	}
	texts_sort(folders);
	return true;
}

/*
 * The folders that these lie in, up to the root: one of them was the sink of a task whose
 * files lie further down, and a partial lies in its sink.
 */
static bool find_above(const struct texts *folders, struct texts *above)
{
	for (size_t i = 0; i < folders->n; i++) {
		_cleanup_free_ char *at = strdup(folders->all[i]);

		while (at && location_go_up(at)) {
			char *copy = strdup(at);

			if (!copy || !texts_add(above, copy))
				return false;
			if (above->n == above->room)
				texts_sort(above); /* before it grows: they repeat */
		}
		if (!at)
			return false;
	}
	texts_sort(above);
	return true;
}

static void scan_one(struct scanning *scanning, const char *folder, bool is_deep)
{
	struct verify *verify = scanning->verify;
	struct err err;

	if (!scanning->has_failed && !atomic_load(&verify->dq->is_interrupted) &&
	    stored_scan(verify->sinks, folder, is_deep, on_entry, scanning, &err) &&
	    scanning->wants_files) /* a folder above need not be ours to read */
		verify_note(verify, &err);
}

static enum err_kind scan(struct verify *verify, bool wants_files, struct err *err)
{
	_cleanup_(texts_release) struct texts folders = { 0 }, above = { 0 };
	struct scanning scanning = { .verify = verify, .wants_files = wants_files };

	scanning.has_failed =
	    !find_folders(verify, &folders) || !find_above(&folders, &above);
	for (size_t i = 0; i < folders.n; i++)
		scan_one(&scanning, folders.all[i], false);
	scanning.wants_files = false;
	for (size_t i = 0; i < above.n; i++)
		scan_one(&scanning, above.all[i], false);
	scanning.wants_files = wants_files;
	scanning.is_asked_for = true;
	for (const char *const *f = verify->options->folders; f && *f; f++) {
		_cleanup_free_ char *folder = NULL;
		_cleanup_free_ char *real = NULL;

		if (place_of_url(*f, &folder, err))
			return err->kind;
		real = stored_true_place(verify->sinks, folder);
		if (real)
			scan_one(&scanning, real, true);
		scanning.has_failed |= !real;
	}
	sort_strays(verify);
	if (scanning.has_failed)
		return verify_no_memory(err);
	return atomic_load(&verify->dq->is_interrupted) ? verify_interrupted(err)
							: ERR_OK;
}

enum err_kind verify_scan(struct verify *verify, struct err *err)
{
	return scan(verify, true, err);
}

enum err_kind verify_scan_leftovers(struct verify *verify, struct err *err)
{
	return scan(verify, false, err);
}

/* --- back from where somebody moved it ------------------------------------------- */

enum err_kind verify_is_same(struct verify *verify, struct verify_stray *stray,
    const struct verify_file *file, bool *ret_is, struct err *err)
{
	struct file_found found;

	*ret_is = false;
	if (stray->kind != SCAN_FILE || stray->bytes != file->want_bytes)
		return ERR_OK;
	if (!stray->sha256[0]) {
		if (verify_check(verify, stray->path, stray->bytes, "", &found, err))
			return err->kind == ERR_CANCELLED ? ERR_CANCELLED : ERR_OK;
		(void)stpcpy(stray->sha256, found.sha256[0] ? found.sha256 : "-");
	}
	*ret_is = strcmp(stray->sha256, file->sha256) == 0;
	return ERR_OK;
}

enum err_kind verify_put_back(
    struct verify *verify, struct verify_file *file, struct err *err)
{
	bool is_same = false;
	struct err ignored; /* it is fetched again, then */

	for (size_t i = 0; i < verify->n_strays && !file->is_repaired; i++) {
		struct verify_stray *stray = &verify->strays[i];

		if (verify_is_same(verify, stray, file, &is_same, err))
			return verify_interrupted(err);
		if (!is_same ||
		    stored_duplicate(verify->sinks, stray->path, file->path, &ignored))
			continue;
		file->is_repaired = true;
		verify_say(file, "put back from '%s'", stray->path);
	}
	return ERR_OK;
}

/* --- leftovers ------------------------------------------------------------------- */

struct candidate {
	struct verify *verify;
	const struct verify_stray *stray;
};

static bool may_go(void *payload)
{
	const struct candidate *candidate = payload;

	return candidate->stray->kind == SCAN_TEMPORARY ||
	    !is_claimed(candidate->verify, candidate->stray->id, candidate->stray->index);
}

void verify_remove_leftovers(struct verify *verify)
{
	struct err err;

	for (size_t i = 0; i < verify->n_strays; i++) {
		struct verify_stray *stray = &verify->strays[i];
		struct candidate candidate = { verify, stray };

		if (stray->kind != SCAN_FILE &&
		    stored_remove(verify->sinks, stray->path, may_go, &candidate,
			&stray->is_gone, &err))
			verify_note(verify, &err);
	}
}

/* What is lost needs no partial any more. */
void verify_remove_lost(struct verify *verify, const struct verify_file *file)
{
	struct verify_stray stray = { .kind = SCAN_PARTIAL, .index = file->index };
	struct candidate candidate = { verify, &stray };
	char key[TASKID_MAX + 16];
	struct err ignored;

	(void)stpcpy(stray.id, file->id);
	(void)snprintf(key, sizeof(key), "%s.%d", file->id, file->index);
	stray.path = stored_partial_at(verify->sinks, file->root, key);
	if (!stray.path)
		return;
	(void)stored_remove(
	    verify->sinks, stray.path, may_go, &candidate, &stray.is_gone, &ignored);
	free(stray.path);
}
