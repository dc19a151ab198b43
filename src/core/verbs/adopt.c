/*
 * adopt.c - the public verb that takes tasks from elsewhere into the ledger.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/common/given.h"
#include "core/verbs/adopt_impl.h"
#include "ledger/ledger.h"

enum { PORTION = 500 /* tasks that the ledger is asked for at once */ };

/* The tasks that count, in order, by the ids that they are asked for by. */
struct listed {
	const struct find **finds;
	const char **ids;
	bool *are_known;
	size_t n;
};

static void listed_release(struct listed *listed)
{
	free(listed->finds);
	free(listed->ids);
	free(listed->are_known);
}

static enum err_kind make_room(size_t n, struct listed *listed, struct err *err)
{
	const size_t room = n > 0 ? n : 1;

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are meant */
	listed->finds = calloc(room, sizeof(*listed->finds));
	listed->ids = calloc(room, sizeof(*listed->ids));
	listed->are_known = calloc(room, sizeof(*listed->are_known));
	if (!listed->finds || !listed->ids || !listed->are_known)
		return err_set(err, ERR_NOMEM, "out of memory for %zu tasks", n);
	return ERR_OK;
}

static enum err_kind list(
    const struct finds *finds, struct listed *listed, struct err *err)
{
	if (make_room(finds->len, listed, err))
		return err->kind;
	for (size_t i = 0; i < finds->len; i++) {
		if (finds->list[i].standing != FIND_GOOD)
			continue;
		listed->ids[listed->n] = find_id(&finds->list[i]);
		listed->finds[listed->n++] = &finds->list[i];
	}
	return ERR_OK;
}

/* --- what the ledger has ----------------------------------------------------- */

/* By the id that it is asked for by, and by the other one. */
static enum err_kind find_portion(
    struct dq *dq, const struct listed *listed, size_t first, size_t n, struct err *err)
{
	struct task *tasks[PORTION] = { NULL };
	const char *others[PORTION];

	if (ledger_find_all(dq->ledger, dq->profile, listed->ids + first, n, tasks, err))
		return err->kind;
	for (size_t i = 0; i < n; i++) {
		const struct find *find = listed->finds[first + i];

		listed->are_known[first + i] = tasks[i] != NULL;
		others[i] = find->history_id ? find->history_id : find_id(find);
		task_free(tasks[i]);
		tasks[i] = NULL;
	}
	if (ledger_find_all(dq->ledger, dq->profile, others, n, tasks, err))
		return err->kind;
	for (size_t i = 0; i < n; i++) {
		if (tasks[i])
			listed->are_known[first + i] = true;
		task_free(tasks[i]);
	}
	return ERR_OK;
}

static enum err_kind find_known(struct dq *dq, struct listed *listed, struct err *err)
{
	for (size_t i = 0; dq->ledger && i < listed->n; i += PORTION) {
		const size_t left = listed->n - i;

		if (find_portion(dq, listed, i, left < PORTION ? left : PORTION, err))
			return err->kind;
	}
	return ERR_OK;
}

/* --- what it gets ------------------------------------------------------------ */

static enum media_kind kind_of(const struct find *find)
{
	static const struct {
		const char *part;
		enum media_kind kind;
	} words[] = {
		{ "video", MEDIA_VIDEO },
		{ "audio", MEDIA_AUDIO },
		{ "image", MEDIA_IMAGE },
	};
	/* The service's numbers (generate_type). */
	static const struct {
		const char *number;
		enum media_kind kind;
	} numbers[] = {
		{ "1", MEDIA_IMAGE },
		{ "12", MEDIA_IMAGE },
		{ "10", MEDIA_VIDEO },
		{ "7", MEDIA_AUDIO },
		{ "44", MEDIA_AUDIO },
	};
	const char *type = find->type ? find->type : "";
	enum media_kind kind = MEDIA_UNKNOWN;
	const char *last = NULL;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(numbers[i].number, type))
			return numbers[i].kind;
	/* "image2video" makes a video: what is made stands last. */
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const char *at = strstr(type, words[i].part);

		if (!at || (last && at < last))
			continue;
		last = at;
		kind = words[i].kind;
	}
	return kind;
}

/* What the source says of it, as a poll that says nothing about its state. */
static struct task *describe(const struct find *find)
{
	_cleanup_(task_freep) struct task *task = task_new();

	if (!task)
		return NULL;
	task->arena.max_bytes = SIZE_MAX / 4;
	task->submit_id = arena_strdup(&task->arena, find_id(find));
	task->history_id = arena_strdup(&task->arena, find->history_id);
	task->prompt = arena_strdup(&task->arena, find->prompt);
	task->model = arena_strdup(&task->arena, find->model);
	task->kind = kind_of(find);
	task->created_unix_ms = find->created_unix_ms;
	task->has_credits = find->credits >= 0;
	task->credits = find->credits;
	if (!task->submit_id || (find->prompt && !task->prompt) ||
	    (find->model && !task->model) || (find->history_id && !task->history_id))
		return NULL;
	return TAKE_PTR(task);
}

static enum err_kind observe_portion(
    struct dq *dq, const struct find *const *finds, size_t n, struct err *err)
{
	struct task *tasks[PORTION] = { NULL };
	enum err_kind kind = ERR_OK;

	for (size_t i = 0; !kind && i < n; i++) {
		tasks[i] = describe(finds[i]);
		if (!tasks[i])
			kind = err_set(err, ERR_NOMEM, "out of memory for %zu tasks", n);
	}
	if (!kind)
		kind = ledger_observe(dq->ledger, dq->profile, tasks, NULL, n,
		    session_server_unix_ms(dq), err);
	for (size_t i = 0; i < n; i++)
		task_free(tasks[i]);
	return kind;
}

static bool says_something(const struct find *find)
{
	return find->history_id || find->prompt || find->model || find->type ||
	    find->created_unix_ms > 0 || find->credits >= 0;
}

static enum err_kind observe_all(
    struct dq *dq, const struct find *const *finds, size_t n, struct err *err)
{
	const struct find *some[PORTION];
	size_t n_some = 0;

	for (size_t i = 0; i < n; i++) {
		if (says_something(finds[i]))
			some[n_some++] = finds[i];
		if ((n_some == PORTION || i + 1 == n) && n_some > 0) {
			if (observe_portion(dq, some, n_some, err))
				return err->kind;
			n_some = 0;
		}
	}
	return ERR_OK;
}

static enum err_kind write_down(struct dq *dq, struct listed *listed, struct err *err)
{
	_cleanup_(listed_release) struct listed news = { 0 };
	size_t n = 0;

	if (make_room(listed->n, &news, err))
		return err->kind;
	for (size_t i = 0; i < listed->n; i++) {
		if (listed->are_known[i])
			continue;
		news.finds[n] = listed->finds[i];
		news.ids[n++] = listed->ids[i];
	}
	if (n > 0 &&
	    ledger_adopt(
		dq->ledger, dq->profile, news.ids, n, session_server_unix_ms(dq), err))
		return err->kind;
	return observe_all(dq, news.finds, n, err);
}

/* --- the verb --- */

/* Words of other programs for what a task is doing. */
static const char *state_of(const struct find *find)
{
	static const struct {
		const char *word;
		enum task_state state;
	} words[] = {
		{ "querying", TASK_GENERATING },
		{ "running", TASK_GENERATING },
		{ "in_progress", TASK_GENERATING },
		{ "success", TASK_SUCCEEDED },
		{ "partial_success", TASK_PARTIAL },
		{ "fail", TASK_FAILED },
		{ "canceled", TASK_CANCELLED },
		{ "absent", TASK_NOT_FOUND },
	};
	enum task_state state;

	if (!find->state)
		return NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].word, find->state))
			return task_state_name(words[i].state);
	return task_state_parse(find->state, &state) ? task_state_name(state) : NULL;
}

static void tell_found(const struct adoption *a, const struct find *find, bool is_known)
{
	const struct dq_found found = {
		.source = a->source.name,
		.form = a->counts.form,
		.unit = find->unit,
		.number = find->number,
		.submit_id = find_id(find),
		.history_id = find->history_id,
		.kind = media_kind_name(kind_of(find)),
		.prompt = find->prompt,
		.model = find->model,
		.state = state_of(find),
		.is_known = is_known,
	};

	if (a->given.on_found)
		a->given.on_found(a->given.payload, &found);
}

static enum err_kind adopt(struct adoption *a, struct err *err)
{
	_cleanup_(listed_release) struct listed listed = { 0 };
	struct dq *dq = a->dq;

	if (list(&a->finds, &listed, err))
		return err->kind;
	if (listed.n > 0 &&
	    (a->given.dry_run ? session_ledger_if_there(dq, err)
			      : session_ledger(dq, err)))
		return err->kind;
	if (find_known(dq, &listed, err) ||
	    (!a->given.dry_run && write_down(dq, &listed, err)))
		return err->kind;
	for (size_t i = 0; i < listed.n; i++) {
		tell_found(a, listed.finds[i], listed.are_known[i]);
		a->counts.known += listed.are_known[i];
	}
	a->counts.found = listed.n;
	a->counts.added = listed.n - a->counts.known;
	return ERR_OK;
}

static void release(struct adoption *a)
{
	finds_release(&a->finds);
	idjson_free(a->json);
}

enum dq_status dq_adopt(struct dq *dq, const struct dq_adopt_source *source,
    const struct dq_adopt *given, struct dq_adopted *ret_adopted,
    struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_(release) struct adoption a = { .dq = dq };
	struct err err, trouble = { .kind = ERR_OK };

	session_verb_begins(dq, 0);
	given_take(&a.given, sizeof(a.given), given);
	given_take(&a.source, sizeof(a.source), source);
	finds_init(&a.finds);
	(void)adopt_read(&a, &trouble);
	if (trouble.kind != ERR_CANCELLED && adopt(&a, &err))
		trouble = err;
	*ret_adopted = a.counts;
	return trouble.kind ? session_fail(&trouble, ret_error) : DQ_OK;
}
