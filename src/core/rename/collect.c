/*
 * collect.c - which files are meant, and what the template calls them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/rename/parts.h"
#include "ledger/list.h"

enum { PORTION = 500 };

/* --- rows --- */

struct collecting {
	struct rename *rename;
	struct err err; /* what ended it; ERR_OK: nothing has */
	bool is_whole_ledger; /* else only rows that are asked for come */
};

ANALYZER_LOSES_SIGHT
static struct rename_file *add_file(struct rename *rename)
{
	struct rename_file *file;

	if (!ARRAY_RESERVE(rename->files, rename->room, rename->n_files + 1))
		return NULL;
	file = &rename->files[rename->n_files++];
	*file = (struct rename_file){ .rank = RANK_NEW, .state = RENAME_OPEN };
	return file;
}

ANALYZER_SEES_AGAIN

/* As the bytes have told when it was stored; before that, as the service claims. */
static const char *extension_of(const struct task *task, const struct asset *asset)
{
	static const char *const by_kind[] = {
		[MEDIA_IMAGE] = "png", [MEDIA_VIDEO] = "mp4", [MEDIA_AUDIO] = "mp3"
	};
	const enum media_kind kind = asset->kind ? asset->kind : task->kind;

	if (asset->format)
		return strcmp(asset->format, "jpeg") == 0 ? "jpg" : asset->format;
	return by_kind[kind];
}

void rename_rank(const struct rename *rename, struct rename_file *file)
{
	const char *name = location_below(rename->root, file->from);

	file->number = name ? name_number(file->wish, name) : 0;
	file->rank = file->number == 0 ? RANK_NEW
	    : file->number == 1	       ? RANK_HAS_WISH
				       : RANK_HAS_NUMBER;
}

ANALYZER_LOSES_SIGHT
static enum err_kind take_asset(struct rename *rename, const struct task *task,
    const struct asset *asset, struct err *err)
{
	const struct name_of of = { task, asset, extension_of(task, asset),
		asset->sha256 };
	struct rename_file *file = add_file(rename);

	if (!file)
		return rename_no_memory(err);
	(void)stpncpy(file->id, task->submit_id, TASKID_MAX);
	file->index = asset->index;
	file->created_unix_ms = task->created_unix_ms;
	if (name_make(&rename->naming, &of, &file->wish, err))
		return err->kind;
	if (rename->is_preview && asset->state != ASSET_STORED)
		return ERR_OK;
	file->from = strdup(asset->path);
	if (!file->from || !texts_add(&rename->froms, strdup(asset->path)))
		return rename_no_memory(err);
	file->bytes = asset->stored_bytes;
	if (asset->sha256)
		(void)stpncpy(file->sha256, asset->sha256, sizeof(file->sha256) - 1);
	rename_rank(rename, file);
	return ERR_OK;
}

ANALYZER_SEES_AGAIN

static void pass_over(struct rename *rename, const struct asset *asset)
{
	rename->n_elsewhere++;
	if (!rename->elsewhere)
		rename->elsewhere = location_place(asset->path);
}

static bool is_meant(const struct rename *rename, const struct task *task)
{
	return strcmp(task->account, rename->dq->profile) == 0;
}

static enum err_kind take_task(struct collecting *c, const struct task *task)
{
	struct rename *rename = c->rename;

	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];
		const bool is_stored = asset->state == ASSET_STORED && asset->path;
		const bool is_below =
		    is_stored && location_below(rename->root, asset->path) != NULL;

		if (!is_stored && !(rename->is_preview && asset->state != ASSET_LOST))
			continue;
		if (is_below || rename->is_preview) {
			if (take_asset(rename, task, asset, &c->err))
				return c->err.kind;
		} else {
			pass_over(rename, asset);
		}
	}
	return ERR_OK;
}

static bool on_task(void *payload, const struct task *task)
{
	struct collecting *c = payload;

	if (atomic_load(&c->rename->dq->is_interrupted))
		return !rename_interrupted(&c->err);
	return take_task(c, task) == ERR_OK;
}

/* Which of them are among the ids, each is asked for by its own. */
static enum err_kind collect_ids(struct collecting *c, struct err *err)
{
	const struct dq_naming *options = c->rename->options;
	const struct dq *dq = c->rename->dq;
	struct task *tasks[PORTION] = { NULL };

	for (size_t first = 0; first < options->n; first += PORTION) {
		const size_t left = options->n - first;
		const size_t n = left < PORTION ? left : PORTION;

		if (ledger_find_all(
			dq->ledger, dq->profile, options->ids + first, n, tasks, err))
			return err->kind;
		for (size_t i = 0; i < n; i++) {
			if (!c->err.kind && !tasks[i])
				(void)err_set(&c->err, ERR_NOT_FOUND,
				    "the ledger of profile '%s' has no task '%s'",
				    dq->profile, options->ids[first + i]);
			else if (!c->err.kind)
				(void)on_task(c, tasks[i]);
			task_free(tasks[i]);
			tasks[i] = NULL;
		}
		if (c->err.kind) {
			*err = c->err;
			return err->kind;
		}
	}
	return ERR_OK;
}

/* --- what is known of the rest --- */

static bool has_file(const struct rename *rename, const char *id, int index)
{
	size_t low = 0, high = rename->n_files;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct rename_file *file = &rename->files[middle];
		const int order = strcmp(file->id, id);

		if (order == 0 && file->index == index)
			return true;
		if (order < 0 || (order == 0 && file->index < index))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Rows of all accounts: also those, where a file may lie that we know. */
static bool on_other(void *payload, const struct task *task)
{
	struct collecting *c = payload;
	struct rename *rename = c->rename;

	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (!asset->path ||
		    (is_meant(rename, task) &&
			has_file(rename, task->submit_id, asset->index)))
			continue;
		if (!texts_add(&rename->others, strdup(asset->path))) {
			(void)rename_no_memory(&c->err);
			return false;
		}
	}
	return !atomic_load(&rename->dq->is_interrupted) || !rename_interrupted(&c->err);
}

static int by_id(const void *a, const void *b)
{
	const struct rename_file *x = a, *y = b;
	const int order = strcmp(x->id, y->id);

	return order ? order : x->index - y->index;
}

/* An id may have been given twice. */
static void drop_doubles(struct rename *rename)
{
	size_t n = 0;

	for (size_t i = 0; i < rename->n_files; i++) {
		struct rename_file *file = &rename->files[i];

		if (n > 0 && by_id(&rename->files[n - 1], file) == 0) {
			free(file->from);
			free(file->wish);
			continue;
		}
		rename->files[n++] = *file;
	}
	rename->n_files = n;
}

/* Where each that is new to its wish was before: the last of its places counts. */
struct remembering {
	struct rename *rename;
	struct rename_file *files; /* of one task */
	size_t n;
};

static bool on_place(void *payload, const struct ledger_place *place)
{
	const struct remembering *r = payload;
	const char *name = location_below(r->rename->root, place->path);

	for (size_t i = 0; name && i < r->n; i++) {
		struct rename_file *file = &r->files[i];
		unsigned number;

		if (file->index != place->index || file->rank < RANK_HAD_NUMBER)
			continue;
		number = name_number(file->wish, name);
		if (number) {
			file->number = number;
			file->rank = RANK_HAD_NUMBER;
		}
	}
	return true;
}

enum err_kind rename_remember(struct rename *rename, struct err *err)
{
	const struct dq *dq = rename->dq;
	size_t end;

	for (size_t i = 0; i < rename->n_files; i = end) {
		struct remembering one = { rename, rename->files + i, 0 };
		bool is_wanted = false;

		for (end = i; end < rename->n_files &&
		     strcmp(rename->files[end].id, rename->files[i].id) == 0;
		     end++)
			is_wanted |= rename->files[end].rank == RANK_NEW;
		one.n = end - i;
		if (is_wanted &&
		    ledger_places(
			dq->ledger, dq->profile, one.files->id, on_place, &one, err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind rename_collect(struct rename *rename, struct err *err)
{
	struct collecting c = { .rename = rename };
	const struct dq *dq = rename->dq;
	const struct ledger_filter ours = { .account = dq->profile,
		.limit = rename->options->limit };
	const struct ledger_filter all = { 0 };

	if (!dq->ledger)
		return ERR_OK;
	if (rename->options->n > 0 ? collect_ids(&c, err)
				   : ledger_list(dq->ledger, &ours, on_task, &c, err))
		return err->kind;
	if (rename->n_files > 0)
		qsort(rename->files, rename->n_files, sizeof(*rename->files), by_id);
	drop_doubles(rename);
	if (!c.err.kind && !rename->is_preview &&
	    ledger_list(dq->ledger, &all, on_other, &c, err))
		return err->kind;
	texts_sort(&rename->others);
	texts_sort(&rename->froms);
	if (c.err.kind) {
		*err = c.err;
		return err->kind;
	}
	return ERR_OK;
}
