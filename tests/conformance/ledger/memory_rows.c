/*
 * memory_rows.c - rows: found, made, copied, judged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "memory_rows.h"

enum { ROW_BYTES_MAX = 64 << 20 };

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

struct mem_task *mem_find(
    const struct mem_store *store, const char *account, const char *id)
{
	struct mem_task *by_history = NULL, *by_alias = NULL;

	for (size_t i = 0; i < store->n_tasks; i++) {
		struct mem_task *row = store->tasks[i];

		if (strcmp(row->is.account, account) != 0)
			continue;
		if (is_same(row->is.submit_id, id))
			return row;
		if (!by_history && is_same(row->is.history_id, id))
			by_history = row;
		if (!by_alias && is_same(row->is.alias_id, id))
			by_alias = row;
	}
	return by_history ? by_history : by_alias;
}

static void row_free(struct mem_task *row)
{
	arena_release(&row->is.arena);
	free(row->tags);
	free(row->assets);
	free(row->events);
	free(row);
}

static struct mem_task *row_new(const char *account, const char *id, int64_t now_unix_ms)
{
	struct mem_task *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	row->is.arena = arena_make(ROW_BYTES_MAX);
	row->is.account = arena_strdup(&row->is.arena, account);
	row->is.submit_id = arena_strdup(&row->is.arena, id);
	row->is.state = TASK_UNKNOWN;
	row->is.status = INT64_MIN;
	row->is.queue = (struct task_queue){ -1, -1, -1 };
	row->is.forecast_generate_s = row->is.forecast_queue_s = -1;
	row->is.seed = row->is.credits = -1;
	row->is.first_seen_unix_ms = row->updated_unix_ms = now_unix_ms;
	row->is_open = true;
	row->version = 1;
	if (row->is.account && row->is.submit_id)
		return row;
	row_free(row);
	return NULL;
}

struct mem_task *mem_add(
    struct mem_store *store, const char *account, const char *id, int64_t now_unix_ms)
{
	struct mem_task **wider =
	    realloc(store->tasks, (store->n_tasks + 1) * sizeof(*wider));
	struct mem_task *row;

	if (!wider)
		return NULL;
	store->tasks = wider;
	row = row_new(account, id, now_unix_ms);
	if (!row)
		return NULL;
	row->id = ++store->last_id;
	store->tasks[store->n_tasks++] = row;
	return row;
}

void mem_drop_from(struct mem_store *store, size_t n)
{
	while (store->n_tasks > n)
		row_free(store->tasks[--store->n_tasks]);
}

void mem_remove(struct mem_store *store, struct mem_task *task)
{
	size_t i = 0;

	while (store->tasks[i] != task)
		i++;
	memmove(&store->tasks[i], &store->tasks[i + 1],
	    (--store->n_tasks - i) * sizeof(*store->tasks));
	row_free(task);
}

/* --- copies ---------------------------------------------------------------------- */

/* Copies each text in its place; what is missing then had no room. */
static bool copy_texts(struct arena *arena, const char **const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = *texts[i];

		*texts[i] = arena_strdup(arena, text);
		if (text && !*texts[i])
			return false;
	}
	return true;
}

#define COPY_TEXTS(arena, ...)                                   \
	copy_texts(arena, (const char **const[]){ __VA_ARGS__ }, \
	    sizeof((const char **const[]){ __VA_ARGS__ }) / sizeof(const char **))

static bool own_task(struct arena *arena, struct task *t)
{
	return COPY_TEXTS(arena, &t->account, &t->submit_id, &t->history_id, &t->alias_id,
	    &t->fail.code, &t->fail.message, &t->model, &t->prompt, &t->ratio,
	    &t->idempotency_key, &t->rerolls, &t->tags, &t->note);
}

static bool own_asset(struct arena *arena, struct asset *a)
{
	return COPY_TEXTS(arena, &a->uri, &a->format, &a->md5, &a->path, &a->sha256,
	    &a->lost_reason, &a->etag, &a->synced_sha256, &a->choice);
}

static struct asset seen(const struct mem_asset *asset)
{
	struct asset is = asset->is;

	if (is.state != ASSET_FETCHED)
		return is;
	is.path = asset->intent.path;
	is.stored_bytes = asset->intent.stored_bytes;
	is.sha256 = asset->intent.sha256;
	is.format = asset->intent.format;
	is.choice = asset->intent.choice;
	return is;
}

bool mem_show(const struct mem_task *row, struct arena *arena, struct task *ret_task)
{
	struct buf tags = buf_make(LEDGER_TAGS_MAX * (TAG_MAX + 1));
	struct task task = row->is;

	task.arena = (struct arena){ 0 };
	task.number = row->id;
	task.is_waiting = task.state == TASK_SUBMITTING && row->sender == 0;
	task.is_ours = row->request_hash != NULL;
	task.polls = row->counters.polls;
	task.requests_micro = row->counters.requests_micro;
	task.n_assets = row->n_assets;
	task.assets = row->n_assets
	    ? arena_alloc(arena, row->n_assets * sizeof(*task.assets))
	    : NULL;
	if (row->n_assets && !task.assets)
		return false;
	for (size_t i = 0; i < row->n_assets; i++) {
		task.assets[i] = seen(&row->assets[i]);
		if (!own_asset(arena, &task.assets[i]))
			return false;
	}
	if (!mem_add_tags(row, false, &tags))
		return false;
	task.tags = tags.len ? tags.data : NULL;
	if (!own_task(arena, &task)) {
		buf_release(&tags);
		return false;
	}
	buf_release(&tags);
	*ret_task = task;
	return true;
}

bool mem_take(struct mem_task *row, const struct task *task, int64_t now_unix_ms)
{
	struct task is = *task;

	if (is.fail.class == FAIL_NONE)
		is.fail = (struct task_fail){ .class = FAIL_NONE };
	if (!is.has_queue)
		is.queue = (struct task_queue){ -1, -1, -1 };
	is.account = row->is.account;
	is.submit_id = row->is.submit_id;
	is.first_seen_unix_ms = row->is.first_seen_unix_ms;
	is.assets = NULL;
	is.n_assets = 0;
	is.warning = NULL;
	is.left_out = is.poll_interval_ms = 0;
	is.forecast_generate_s = is.forecast_queue_s = -1;
	is.eta_low_unix_ms = is.eta_unix_ms = is.eta_high_unix_ms = 0;
	if (!own_task(&row->is.arena, &is))
		return false;
	is.arena = row->is.arena;
	row->is = is;
	if (is.state != TASK_SUBMITTING)
		row->sender = 0;
	row->updated_unix_ms = now_unix_ms;
	row->version++;
	return true;
}

struct mem_asset *mem_asset(struct mem_task *row, int index)
{
	for (size_t i = 0; i < row->n_assets; i++)
		if (row->assets[i].is.index == index)
			return &row->assets[i];
	return NULL;
}

static int by_index(const void *a, const void *b)
{
	const struct mem_asset *x = a, *y = b;

	return x->is.index - y->is.index;
}

void mem_sort_assets(struct mem_task *row)
{
	if (row->n_assets)
		qsort(row->assets, row->n_assets, sizeof(*row->assets), by_index);
}

struct mem_asset *mem_add_asset(struct mem_task *row)
{
	struct mem_asset *wider =
	    realloc(row->assets, (row->n_assets + 1) * sizeof(*wider));

	if (!wider)
		return NULL;
	row->assets = wider;
	wider[row->n_assets] = (struct mem_asset){ .is = { .index = (int)row->n_assets,
						       .stored_bytes = -1 } };
	return &wider[row->n_assets++];
}

bool mem_take_claims(
    struct mem_task *row, struct mem_asset *asset, const struct asset *claims)
{
	struct asset is = asset->is;
	const bool is_another = is.uri && !is_same(is.uri, claims->uri);

	is.index = claims->index;
	is.kind = claims->kind;
	is.uri = claims->uri;
	is.format = claims->format;
	is.width = claims->width;
	is.height = claims->height;
	is.duration_ms = claims->duration_ms;
	is.size_bytes = claims->size_bytes;
	is.md5 = claims->md5;
	if (is_another) {
		is.etag = is.synced_sha256 = NULL;
		is.synced_bytes = 0;
		asset->intent = (struct asset){ .path = NULL };
	}
	if (!own_asset(&row->is.arena, &is))
		return false;
	asset->is = is;
	return true;
}

/* --- judgements ------------------------------------------------------------------ */

static bool has_file(const struct mem_task *row, enum asset_state state)
{
	for (size_t i = 0; i < row->n_assets; i++)
		if (row->assets[i].is.state == state)
			return true;
	return false;
}

static bool was_refused_one(const struct mem_task *row)
{
	for (size_t i = 0; i < row->n_assets; i++) {
		const struct asset *is = &row->assets[i].is;

		if (is->state == ASSET_LOST &&
		    strcmp(is->lost_reason, LOST_FORGOTTEN) != 0)
			return true;
	}
	return false;
}

static bool has_work(const struct mem_task *row)
{
	if (row->is.state == TASK_CANCELLED)
		return false;
	if (row->is.state == TASK_FAILED)
		return task_end_is_doubtful(&row->is);
	if (row->is.state != TASK_SUCCEEDED || row->n_assets == 0)
		return true;
	return has_file(row, ASSET_WANTED) || has_file(row, ASSET_FETCHED) ||
	    was_refused_one(row) || row->is.finished < row->is.total ||
	    row->is.finished_unix_ms == 0;
}

bool mem_may_only_change(const struct mem_task *row)
{
	if (row->is.state != TASK_SUCCEEDED)
		return row->is.state == TASK_FAILED || row->is.state == TASK_NOT_FOUND;
	return row->n_assets > 0 && !has_file(row, ASSET_WANTED) &&
	    !has_file(row, ASSET_FETCHED);
}

void mem_settle_open(struct mem_ledger *ledger, struct mem_task *row, int64_t now_unix_ms)
{
	const int64_t now_ms = now_unix_ms ? now_unix_ms : clock_unix_ms();
	const bool was_over = row->is_over;

	if (row->is_open != has_work(row)) {
		row->is_open = !row->is_open;
		row->version++;
		row->updated_unix_ms = now_ms;
	}
	row->is_over = !row->is_open || mem_may_only_change(row);
	if (row->is_over && !was_over)
		mem_tell_end(ledger, row, now_ms);
}

bool mem_is_stray(const struct mem_task *row)
{
	const struct task *is = &row->is;

	return (is->state == TASK_NOT_FOUND ||
		   (is->state == TASK_UNKNOWN && row->counters.polls > 0)) &&
	    !row->is.idempotency_key && !row->body && is->status == INT64_MIN &&
	    !is->created_unix_ms && !is->history_id && !is->alias_id &&
	    row->n_assets == 0;
}

/* The first stays: it says where the task came from. */
static void drop_old(struct mem_task *row)
{
	if (row->n_events <= LEDGER_EVENTS_MAX)
		return;
	memmove(&row->events[1], &row->events[2],
	    (--row->n_events - 1) * sizeof(*row->events));
}

bool mem_note(
    struct mem_task *row, int64_t at_unix_ms, const char *what, const char *text)
{
	struct mem_event *wider =
	    realloc(row->events, (row->n_events + 1) * sizeof(*wider));
	struct mem_event event = {
		.at_unix_ms = at_unix_ms ? at_unix_ms : clock_unix_ms(),
		.what = arena_strdup(&row->is.arena, what),
		.text = arena_strdup(&row->is.arena, text),
	};

	if (wider)
		row->events = wider;
	if (!wider || !event.what || !event.text)
		return false;
	event.seq = row->n_events ? row->events[row->n_events - 1].seq + 1 : 1;
	row->events[row->n_events++] = event;
	drop_old(row);
	return true;
}
