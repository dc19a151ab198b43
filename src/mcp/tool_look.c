/*
 * tool_look.c - dreamq_query, dreamq_wait, dreamq_get: what became of these tasks, and
 * their files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "mcp/fetch.h"
#include "mcp/tool.h"
#include "mcp/view.h"

enum { AGAIN_MIN_S = 5, AGAIN_USUAL_S = 15, AGAIN_MAX_S = 60, FOLDER_BYTES = 8192 };

struct look {
	struct call *call;
	struct answer *answer;
	const char *ids[PARAM_IDS_MAX];
	cJSON *tasks[PARAM_IDS_MAX]; /* as last heard of; NULL: never */
	size_t n;
	cJSON *files; /* dreamq_get: the stored ones of all tasks */
	int64_t eta_unix_ms; /* the earliest; 0 unknown */
	const char *again; /* the tool that goes on */
};

static struct look look_make(struct call *call, struct answer *answer)
{
	struct look look = { .call = call, .answer = answer, .again = call->tool->name };

	look.n = params_ids(call->arguments, look.ids);
	return look;
}

static void look_release(struct look *look)
{
	for (size_t i = 0; i < look->n; i++)
		cJSON_Delete(look->tasks[i]);
	cJSON_Delete(look->files);
}

/* --- hearing ----------------------------------------------------------------------- */

/* One of digits only may be the history's. */
static bool is_of(const struct dq_task *task, const char *id)
{
	return !strcmp(task->submit_id, id) ||
	    (task->history_id && !strcmp(task->history_id, id));
}

static void note_eta(struct look *look, const struct dq_task *task)
{
	if (!task->is_final && task->eta_unix_ms > 0 &&
	    (look->eta_unix_ms == 0 || task->eta_unix_ms < look->eta_unix_ms))
		look->eta_unix_ms = task->eta_unix_ms;
}

static void hear(void *payload, const struct dq_event *event)
{
	struct look *look = payload;

	if (!event->task || event->type == DQ_EVENT_PROGRESS)
		return;
	note_eta(look, event->task);
	for (size_t i = 0; i < look->n; i++) {
		if (!is_of(event->task, look->ids[i]))
			continue;
		cJSON_Delete(look->tasks[i]);
		look->tasks[i] = view_task(event->task);
	}
}

static void hear_files(void *payload, const struct dq_event *event)
{
	struct look *look = payload;
	const struct dq_task *task = event->task;

	hear(payload, event);
	for (size_t i = 0; event->type == DQ_EVENT_TASK && i < task->n_assets; i++) {
		const struct dq_asset *asset = &task->assets[i];

		if (!asset->is_stored)
			continue;
		look->answer->structured.failed |=
		    !cJSON_AddItemToArray(look->files, view_file(task, asset));
		answer_link(look->answer, task, asset);
	}
}

/* Asks the ledger for what no event has told. */
static void fill_up(struct look *look)
{
	struct dq_error ignored;

	for (size_t i = 0; i < look->n; i++)
		if (!look->tasks[i])
			(void)dq_show(look->call->dq, look->ids[i], &ignored);
}

/* --- telling ----------------------------------------------------------------------- */

static int64_t again_after_s(const struct look *look)
{
	const int64_t left_s = (look->eta_unix_ms - clock_unix_ms()) / 1000;

	if (look->eta_unix_ms == 0)
		return AGAIN_USUAL_S;
	if (left_s < AGAIN_MIN_S)
		return AGAIN_MIN_S;
	return left_s < AGAIN_MAX_S ? left_s : AGAIN_MAX_S;
}

static size_t count_running(const struct look *look)
{
	size_t n = 0;

	for (size_t i = 0; i < look->n; i++)
		n += !look->tasks[i] || !view_has_ended(look->tasks[i]);
	return n;
}

/* The tasks that have room, and how many have not. */
static void put_tasks(struct look *look)
{
	cJSON *list = put_array(&look->answer->structured, "tasks");
	size_t left_out = 0;

	for (size_t i = 0; i < look->n; i++) {
		if (!list || !look->tasks[i] ||
		    !answer_fits(look->answer, look->tasks[i])) {
			left_out++;
			continue;
		}
		view_say(look->answer, look->tasks[i]);
		(void)cJSON_AddItemToArray(list, look->tasks[i]);
		look->tasks[i] = NULL;
	}
	if (left_out > 0)
		put_number(
		    &look->answer->structured, "tasks_left_out", (int64_t)left_out);
}

static void put_next(struct look *look, size_t running, bool is_complete)
{
	struct put *into = &look->answer->structured;
	char next[200];

	if (is_complete)
		(void)snprintf(next, sizeof(next), "Nothing more is to be done.");
	else if (running == 0)
		(void)snprintf(next, sizeof(next),
		    "All have ended. Call dreamq_get with the same ids until complete is "
		    "true.");
	else
		(void)snprintf(next, sizeof(next),
		    "%zu of %zu still run. Call %s again with the same ids after %d s. "
		    "Do "
		    "not submit again.",
		    running, look->n, look->again, (int)again_after_s(look));
	put_bool(into, "complete", is_complete);
	if (running > 0)
		put_number(into, "call_again_after_s", again_after_s(look));
	put_text(into, "next", next);
	answer_say(look->answer, "%s", next);
}

/* What the verb says is no failure of the call: how tasks ended, and that some run. */
static bool is_told_by_tasks(enum dq_status status)
{
	return status == DQ_OK || status == DQ_FAILED || status == DQ_RUNNING ||
	    status == DQ_INTERRUPTED;
}

static void tell(struct look *look, bool any)
{
	const size_t running = count_running(look);

	look->answer->goes_on =
	    look->call->wait_ms > 0 && (any ? running == look->n : running > 0);
	put_tasks(look);
	put_next(look, running, running == 0);
}

/* --- the tools --------------------------------------------------------------------- */

static const char *const *until_words(void)
{
	static const char *const words[] = { "all", "any", NULL };

	return words;
}

static const struct param query_params[] = {
	{ "ids", PARAM_IDS, .is_required = true, .description = "submit ids" },
	{ .name = NULL },
};
#define MAX_WAIT                                                              \
	{                                                                     \
		"max_wait_s", PARAM_INTEGER,                                  \
		    .min = 0, .max = CALL_WAIT_MAX_S, .otherwise = 30,        \
		    .description = "seconds this call may take; 0 looks once" \
	}
static const struct param wait_params[] = {
	{ "ids", PARAM_IDS, .is_required = true, .description = "submit ids" },
	MAX_WAIT,
	{ "until", PARAM_CHOICE, .choices = until_words,
	    .description = "return when all have ended (the default), or the first" },
	{ .name = NULL },
};
static const struct param get_params[] = {
	{ "ids", PARAM_IDS, .is_required = true, .description = "submit ids" },
	MAX_WAIT,
	{ "subfolder", PARAM_TEXT, .min = 1, .max = 200,
	    .description = "relative folder below the output folder" },
	{ .name = NULL },
};

/* What all three answer. */
#define LOOKED                                                       \
	{ "tasks", SHAPE_LIST, ALWAYS, shape_task },                 \
	    { "tasks_left_out", SHAPE_INTEGER, MAY_LACK, NULL },     \
	    { "complete", SHAPE_BOOL, ALWAYS, NULL },                \
	    { "call_again_after_s", SHAPE_INTEGER, MAY_LACK, NULL }, \
	{                                                            \
		"next", SHAPE_TEXT, ALWAYS, NULL                     \
	}

static const struct shape looked[] = { LOOKED, SHAPE_END };

static const struct shape fetched[] = {
	LOOKED,
	{ "folder", SHAPE_TEXT, ALWAYS, NULL },
	{ "files", SHAPE_LIST, ALWAYS, shape_file },
	{ "files_left_out", SHAPE_INTEGER, MAY_LACK, NULL },
	SHAPE_END,
};

static struct dq_wait wait_of(struct call *call, int64_t wait_ms)
{
	const char *until = call_text(call, "until");

	return (struct dq_wait){
		.size_bytes = sizeof(struct dq_wait),
		.max_wait_ms = call_wait_ms(call, wait_ms),
		.any = until && !strcmp(until, "any"),
	};
}

static int64_t wanted_wait_ms(const struct call *call)
{
	return call_integer(call, "max_wait_s") * 1000;
}

static void look_once(struct look *look)
{
	struct dq_error error = { .status = DQ_OK };
	enum dq_status status;

	call_listen(look->call, hear, look);
	status = dq_query(look->call->dq, look->ids, look->n, &error);
	fill_up(look);
	if (is_told_by_tasks(status))
		tell(look, false);
	else
		answer_fail(look->answer, status, error.message);
}

static void run_query(struct call *call, struct answer *answer)
{
	_cleanup_(look_release) struct look look = look_make(call, answer);

	look_once(&look);
}

static void run_wait(struct call *call, struct answer *answer)
{
	_cleanup_(look_release) struct look look = look_make(call, answer);
	struct dq_wait wait = wait_of(call, wanted_wait_ms(call));
	struct dq_error error = { .status = DQ_OK };
	enum dq_status status;

	if (call->wait_ms == 0) {
		look_once(&look);
		return;
	}
	call_listen(call, hear, &look);
	status = dq_wait(call->dq, look.ids, look.n, &wait, &error);
	fill_up(&look);
	if (is_told_by_tasks(status))
		tell(&look, wait.any);
	else
		answer_fail(answer, status, error.message);
}

/* Below the output folder, and nowhere else. */
static bool is_below(const char *subfolder)
{
	const char *part = subfolder;

	if (*subfolder == '/' || strchr(subfolder, '\\'))
		return false;
	while (*part) {
		const size_t n = strcspn(part, "/");

		if (n == 0 || (n <= 2 && strspn(part, ".") >= n))
			return false;
		part += n + (part[n] ? 1 : 0);
	}
	return true;
}

static bool choose_folder(
    const struct call *call, struct answer *answer, char into[FOLDER_BYTES])
{
	const char *subfolder = call_text(call, "subfolder");

	if (subfolder && !is_below(subfolder)) {
		answer_fail(answer, DQ_USAGE,
		    "'subfolder' must be a relative folder without '.' and '..'");
		return false;
	}
	(void)snprintf(into, FOLDER_BYTES, "%s%s%s", call->options->folder,
	    subfolder ? "/" : "", subfolder ? subfolder : "");
	return true;
}

/* The files that have room behind the tasks, and how many have not. */
static void put_files(struct look *look)
{
	cJSON *list = put_array(&look->answer->structured, "files");
	int64_t left_out = 0;
	cJSON *file;

	while (list && (file = cJSON_DetachItemFromArray(look->files, 0))) {
		const cJSON *path = cJSON_GetObjectItemCaseSensitive(file, "path");

		if (!answer_fits(look->answer, file)) {
			cJSON_Delete(file);
			left_out++;
			continue;
		}
		answer_say(look->answer, "file %s", path ? path->valuestring : "?");
		(void)cJSON_AddItemToArray(list, file);
	}
	if (left_out > 0) {
		put_number(&look->answer->structured, "files_left_out", left_out);
		answer_say(
		    look->answer, "More files are stored: dreamq_show tells them.");
	}
}

/* Another status than DQ_OK: nothing was told. */
static enum dq_status get_into(
    struct look *look, const char *folder, int64_t wait_ms, struct dq_error *err)
{
	struct call *call = look->call;
	struct dq_get get = { .size_bytes = sizeof(get),
		.name_template = call->options->name_template,
		.wait = wait_of(call, wait_ms),
		.sink = folder };
	const enum dq_status status = dq_get(call->dq, look->ids, look->n, &get, err);
	size_t running;

	if (!is_told_by_tasks(status))
		return status;
	/* The ledger knows all files, also those of tasks that still run. */
	look->files = cJSON_CreateArray();
	call_listen(call, hear_files, look);
	fill_up(look);
	running = count_running(look); /* they are given away now */
	put_tasks(look);
	look->answer->goes_on =
	    call->wait_ms > 0 && (status == DQ_RUNNING || status == DQ_INTERRUPTED);
	put_next(look, running, status == DQ_OK || status == DQ_FAILED);
	put_strange(&look->answer->structured, "folder", folder, FOLDER_BYTES);
	put_files(look);
	return DQ_OK;
}

static void run_get(struct call *call, struct answer *answer)
{
	_cleanup_(look_release) struct look look = look_make(call, answer);
	struct dq_error error = { .status = DQ_OK };
	char folder[FOLDER_BYTES];
	enum dq_status status;

	if (!choose_folder(call, answer, folder))
		return;
	status = get_into(&look, folder, wanted_wait_ms(call), &error);
	if (status)
		answer_fail(answer, status, error.message);
}

enum dq_status fetch(
    struct call *call, struct answer *answer, const char *id, struct dq_error *err)
{
	_cleanup_(look_release) struct look look = { .call = call,
		.answer = answer,
		.ids = { id },
		.n = 1,
		.again = "dreamq_get" };

	return get_into(
	    &look, call->options->folder, (int64_t)CALL_WAIT_MAX_S * 1000, err);
}

const struct tool tool_query = {
	.name = "dreamq_query",
	.title = "Look once",
	.description =
	    "Look once at Dreamina/Jimeng tasks by id (即梦，查询状态、排队第几): ready "
	    "or not, state, how many are before it in the queue, number of files. Up to "
	    "50 ids share one request. It only looks.",
	.params = query_params,
	.output = looked,
	.reads_only = true,
	.asks_service = true,
	.run = run_query,
};

const struct tool tool_wait = {
	.name = "dreamq_wait",
	.title = "Wait",
	.description = "Wait until the generation of tasks, or of the first, has ended "
		       "(等到完成), at most max_wait_s; it only waits. Use it for: tell "
		       "me when it is done. Not ended is no error: call again with the "
		       "same ids. Never submit again because it is slow.",
	.params = wait_params,
	.output = looked,
	.reads_only = true,
	.asks_service = true,
	.may_last = true,
	.run = run_wait,
};

const struct tool tool_get = {
	.name = "dreamq_get",
	.title = "Download the files",
	.description = "Download the results of tasks (下载图片和视频、取回文件): every "
		       "file of theirs into the output folder, when it is there. Use it "
		       "to get, save or fetch pictures and videos. Safe to repeat; goes "
		       "on where it stopped: call again until complete is true.",
	.params = get_params,
	.output = fetched,
	.asks_service = true,
	.may_last = true,
	.run = run_get,
};
