/*
 * memory_read.c - polls that were counted, what is read, what is forgotten.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_rows.h"

/* --- polls that were counted ----------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

enum err_kind mem_count_polls(struct ledger *base, const char *account,
    const struct poll_counters *all, size_t n, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < n; i++) {
		const struct poll_counters *told = &all[i];
		struct mem_task *row =
		    mem_find(mem_of(base)->store, account, told->submit_id);
		struct poll_counters *sum = row ? &row->counters : NULL;

		if (!row)
			continue;
		sum->polls += told->polls;
		sum->requests_micro += told->requests_micro;
		if (told->queued_until_unix_ms > sum->queued_until_unix_ms)
			sum->queued_until_unix_ms = told->queued_until_unix_ms;
		sum->generating_by_unix_ms =
		    earlier(sum->generating_by_unix_ms, told->generating_by_unix_ms);
		sum->detected_unix_ms =
		    earlier(sum->detected_unix_ms, told->detected_unix_ms);
		mem_changed(mem_of(base));
	}
	return ERR_OK;
}

static struct past_task past_of(const struct mem_task *row)
{
	struct past_task past = { .submit_id = row->is.submit_id,
		.model = row->is.model,
		.kind = row->is.kind,
		.state = row->is.state,
		.fail_class = row->is.fail.class,
		.fail_code = row->is.fail.code,
		.first_seen_unix_ms = row->is.first_seen_unix_ms,
		.created_unix_ms = row->is.created_unix_ms,
		.finished_unix_ms = row->is.finished_unix_ms,
		.queued_until_unix_ms = row->counters.queued_until_unix_ms,
		.generating_by_unix_ms = row->counters.generating_by_unix_ms,
		.detected_unix_ms = row->counters.detected_unix_ms,
		.polls = row->counters.polls,
		.requests_micro = row->counters.requests_micro,
		.has_credits = row->is.has_credits,
		.credits_are_measured = row->is.credits_are_measured,
		.credits = row->is.credits };

	for (size_t i = 0; i < row->n_assets; i++)
		if (row->assets[i].is.state == ASSET_STORED) {
			past.files_stored++;
			past.bytes_stored += row->assets[i].is.stored_bytes;
		}
	return past;
}

/* The newest first, and of one moment the youngest row. */
static int by_first_seen(const void *a, const void *b)
{
	const struct mem_task *x = *(struct mem_task *const *)a;
	const struct mem_task *y = *(struct mem_task *const *)b;

	if (x->is.first_seen_unix_ms != y->is.first_seen_unix_ms)
		return x->is.first_seen_unix_ms < y->is.first_seen_unix_ms ? 1 : -1;
	return x->id < y->id ? 1 : -1;
}

static struct mem_task **copy_rows(const struct mem_store *store)
{
	struct mem_task **rows = calloc(store->n_tasks + 1, sizeof(*rows));

	if (rows && store->n_tasks)
		memcpy(rows, store->tasks, store->n_tasks * sizeof(*rows));
	return rows;
}

/* NOLINTNEXTLINE(readability-function-size): the contract of ledger.h */
enum err_kind mem_past(struct ledger *base, const char *account, int64_t since_unix_ms,
    size_t limit, ledger_on_past *on_past, void *payload, struct err *err)
{
	const struct mem_store *store = mem_of(base)->store;
	struct mem_task **rows = copy_rows(store);
	const size_t n = store->n_tasks;
	size_t left = limit ? limit : SIZE_MAX;

	if (!rows)
		return mem_no_memory(err);
	qsort(rows, n, sizeof(*rows), by_first_seen);
	for (size_t i = 0; i < n && left; i++) {
		const struct past_task past = past_of(rows[i]);

		if (past.first_seen_unix_ms < since_unix_ms || mem_is_stray(rows[i]) ||
		    (account && strcmp(rows[i]->is.account, account) != 0))
			continue;
		left--;
		if (!on_past(payload, &past))
			break;
	}
	free(rows);
	return ERR_OK;
}

/* --- reading --------------------------------------------------------------------- */

static enum err_kind copy_of(
    const struct mem_task *row, struct task **ret_task, struct err *err)
{
	struct task *task = task_new(), shown;
	struct arena arena;

	if (!task)
		return mem_no_memory(err);
	task->arena.max_bytes = LEDGER_TASK_BYTES_MAX;
	if (!mem_show(row, &task->arena, &shown)) {
		task_free(task);
		return mem_no_memory(err);
	}
	arena = task->arena;
	*task = shown;
	task->arena = arena;
	*ret_task = task;
	return ERR_OK;
}

static enum err_kind find_one(const struct mem_store *store, const char *account,
    const char *id, struct task **ret_task, struct err *err)
{
	const struct mem_task *row = mem_find(store, account, id);

	*ret_task = NULL;
	return row ? copy_of(row, ret_task, err) : ERR_OK;
}

enum err_kind mem_find_tasks(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err)
{
	struct task **tasks = calloc(n, sizeof(*tasks));

	if (!tasks)
		return mem_no_memory(err);
	err->kind = ERR_OK;
	for (size_t i = 0; i < n && !err->kind; i++)
		(void)find_one(mem_of(base)->store, account, ids[i], &tasks[i], err);
	for (size_t i = 0; i < n; i++)
		if (err->kind)
			task_free(tasks[i]);
		else
			ret_tasks[i] = tasks[i];
	free(tasks);
	return err->kind;
}

enum err_kind mem_find_assets(struct ledger *base, const char *account,
    struct asset_known *known, size_t n, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct mem_task *row =
		    mem_find(mem_of(base)->store, account, known[i].submit_id);
		struct task shown = { .n_assets = 0 };
		const struct asset *asset = NULL;

		if (row && !mem_show(row, arena, &shown))
			return mem_no_memory(err);
		if (row)
			asset = task_asset(&shown, known[i].index);
		known[i].is_known = asset != NULL;
		if (asset)
			known[i].asset = *asset;
	}
	return ERR_OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

enum err_kind mem_prefix(struct ledger *base, const char *account, const char *prefix,
    struct ledger_found *ret_found, struct err *err)
{
	const struct mem_store *store = mem_of(base)->store;
	char(*ids)[TASKID_MAX + 1] = calloc(store->n_tasks + 1, sizeof(*ids));
	size_t n = 0;

	if (!ids)
		return mem_no_memory(err);
	for (size_t i = 0; i < store->n_tasks; i++) {
		const struct task *is = &store->tasks[i]->is;

		if (!strcmp(is->account, account) &&
		    !strncmp(is->submit_id, prefix, strlen(prefix)))
			(void)snprintf(ids[n++], sizeof(*ids), "%s", is->submit_id);
	}
	qsort(ids, n, sizeof(*ids), by_text);
	*ret_found =
	    (struct ledger_found){ .n = n < LEDGER_FOUND_MAX ? n : LEDGER_FOUND_MAX };
	memcpy(ret_found->ids, ids, ret_found->n * sizeof(*ids));
	free(ids);
	return ERR_OK;
}

static bool has_file(const struct mem_task *row, const char *sha256)
{
	for (size_t i = 0; i < row->n_assets; i++)
		if (row->assets[i].is.sha256 && !strcmp(row->assets[i].is.sha256, sha256))
			return true;
	return false;
}

static bool passes(const struct ledger_filter *filter, const struct mem_task *row)
{
	const bool is_stray = mem_is_stray(row);
	const enum task_state state = row->is.state;

	if (filter->account && strcmp(row->is.account, filter->account) != 0)
		return false;
	if (filter->only_unfinished && (!row->is_open || mem_may_only_change(row)))
		return false;
	if (filter->has_state && state != filter->state &&
	    !(filter->state == TASK_NOT_FOUND && is_stray))
		return false;
	if (!filter->has_state && !filter->only_unfinished && is_stray)
		return false;
	if (filter->behind &&
	    (filter->is_ascending ? row->id <= filter->behind
				  : row->id >= filter->behind))
		return false;
	return row->is.first_seen_unix_ms >= filter->since_unix_ms &&
	    (!filter->sha256 || has_file(row, filter->sha256));
}

static bool is_found(
    const struct ledger_filter *filter, const struct mem_task *row, struct buf *room)
{
	const char *ids[] = { row->is.submit_id, row->is.history_id };
	struct buf tags = buf_make(1 << 20);
	const bool has_memory = mem_add_tags(row, true, &tags);
	const char *texts[] = { row->is.prompt, row->is.model, tags.data, row->is.note };
	const struct search_texts all = { ids, 2, texts, 4 };
	const bool is_one =
	    has_memory && (!filter->search || search_finds(filter->search, &all, room));

	buf_release(&tags);
	return is_one && mem_has_tags(row, filter->tags, filter->n_tags);
}

/* One number or one text; false: it is not known. */
struct sort_value {
	bool is_known;
	int64_t number;
	const char *text;
};

static int64_t size_of(const struct mem_task *row)
{
	int64_t bytes = -1;

	for (size_t i = 0; i < row->n_assets; i++)
		if (row->assets[i].is.state == ASSET_STORED)
			bytes = (bytes < 0 ? 0 : bytes) + row->assets[i].is.stored_bytes;
	return bytes;
}

static struct sort_value value_of(const struct mem_task *row, enum ledger_sort sort)
{
	const struct task *is = &row->is;
	const struct sort_value values[LEDGER_SORT_COUNT] = {
		[LEDGER_SORT_SEEN] = { true, row->id, NULL },
		[LEDGER_SORT_COST] = { is->has_credits, is->credits, NULL },
		[LEDGER_SORT_CREATED] = { is->created_unix_ms != 0, is->created_unix_ms,
		    NULL },
		[LEDGER_SORT_FINISHED] = { is->finished_unix_ms != 0,
		    is->finished_unix_ms, NULL },
		[LEDGER_SORT_ID] = { true, 0, is->submit_id },
		[LEDGER_SORT_KIND] = { media_kind_name(is->kind) != NULL, 0,
		    media_kind_name(is->kind) },
		[LEDGER_SORT_MODEL] = { is->model != NULL, 0, is->model },
		[LEDGER_SORT_RATING] = { is->rating != 0, is->rating, NULL },
		[LEDGER_SORT_SIZE] = { size_of(row) >= 0, size_of(row), NULL },
		[LEDGER_SORT_STATE] = { true, 0, task_state_name(is->state) },
	};

	return values[sort];
}

static int by_order(const void *a, const void *b, void *payload)
{
	const struct ledger_filter *filter = payload;
	const struct mem_task *one = *(const struct mem_task *const *)a;
	const struct mem_task *two = *(const struct mem_task *const *)b;
	const struct sort_value x = value_of(one, filter->sort);
	const struct sort_value y = value_of(two, filter->sort);
	int way;

	if (x.is_known != y.is_known)
		return x.is_known ? -1 : 1;
	way = x.is_known && x.text ? strcmp(x.text, y.text)
				   : (x.number > y.number) - (x.number < y.number);
	if (way && x.is_known)
		return filter->is_ascending ? way : -way;
	return (one->id < two->id) - (one->id > two->id);
}

/* Their numbers, in order; what is called may forget any of them. */
static int64_t *order_of(
    const struct mem_store *store, const struct ledger_filter *filter, size_t *ret_n)
{
	struct mem_task **rows = calloc(store->n_tasks + 1, sizeof(*rows));
	int64_t *ids = calloc(store->n_tasks + 1, sizeof(*ids));
	struct buf room = buf_make(SEARCH_ROOM);
	size_t n = 0;

	for (size_t i = 0; rows && i < store->n_tasks; i++)
		if (passes(filter, store->tasks[i]) &&
		    is_found(filter, store->tasks[i], &room))
			rows[n++] = store->tasks[i];
	if (rows) {
		union {
			const struct ledger_filter *is;
			void *payload;
		} by = { filter };

		qsort_r(rows, n, sizeof(*rows), by_order, by.payload);
	}
	for (size_t i = 0; rows && ids && i < n; i++)
		ids[i] = rows[i]->id;
	free(rows);
	buf_release(&room);
	*ret_n = n;
	return ids;
}

enum err_kind mem_list(struct ledger *base, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err)
{
	const struct mem_store *store = mem_of(base)->store;
	size_t left = filter->limit ? filter->limit : SIZE_MAX, n = 0;
	int64_t *ids = order_of(store, filter, &n);
	enum err_kind kind = ids ? ERR_OK : mem_no_memory(err);

	for (size_t i = 0; !kind && left && i < n; i++) {
		struct task *task = NULL;

		for (size_t k = 0; !kind && !task && k < store->n_tasks; k++)
			if (store->tasks[k]->id == ids[i])
				kind = copy_of(store->tasks[k], &task, err);
		if (!task)
			continue;
		left = on_task(payload, task) ? left - 1 : 0;
		task_free(task);
	}
	free(ids);
	return kind;
}

enum err_kind mem_open_tasks(struct ledger *base, const char *account,
    ledger_on_open *on_open, void *payload, struct err *err)
{
	const struct mem_store *store = mem_of(base)->store;
	struct mem_task **rows = copy_rows(store);
	const size_t n = store->n_tasks;

	if (!rows)
		return mem_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct mem_task *row = rows[i];
		const struct mem_owner *owner =
		    row->lease_owner ? mem_owner(store, row->lease_owner) : NULL;
		const struct open_task open = { row->is.submit_id, row->is.state,
			row->is.state == TASK_SUBMITTING && !row->sender, owner != NULL,
			mem_may_only_change(row), row->updated_unix_ms };

		if (row->is_open && !strcmp(row->is.account, account) &&
		    !on_open(payload, &open))
			break;
	}
	free(rows);
	return ERR_OK;
}

enum err_kind mem_believe(
    struct ledger *base, const char *account, const char *id, struct err *err)
{
	struct mem_task *row = mem_find(mem_of(base)->store, account, id);

	(void)err;
	if (!row || strcmp(row->is.submit_id, id) != 0 || !row->is_open ||
	    !mem_may_only_change(row))
		return ERR_OK;
	row->is_open = false;
	row->version++;
	mem_changed(mem_of(base));
	return ERR_OK;
}

enum err_kind mem_forget(
    struct ledger *base, const char *account, const char *id, struct err *err)
{
	struct mem_task *row = mem_find(mem_of(base)->store, account, id);

	if (!row)
		return mem_is_missing(id, err);
	mem_remove(mem_of(base)->store, row);
	mem_changed(mem_of(base));
	return ERR_OK;
}

enum err_kind mem_events(struct ledger *base, const char *account, const char *submit_id,
    ledger_on_event *on_event, void *payload, struct err *err)
{
	const struct mem_task *row = mem_find(mem_of(base)->store, account, submit_id);

	(void)err;
	for (size_t i = 0; row && i < row->n_events; i++) {
		const struct ledger_event event = { row->events[i].at_unix_ms,
			row->events[i].what, row->events[i].text };

		if (!on_event(payload, &event))
			break;
	}
	return ERR_OK;
}
