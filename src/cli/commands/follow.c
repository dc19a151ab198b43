#include "cli/commands/follow.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/app/app_open.h"
#include "cli/app/filter.h"
#include "cli/app/indexes.h"
#include "cli/app/input.h"
#include "cli/app/names.h"
#include "cli/app/preview.h"
#include "cli/app/report.h"
#include "cli/app/resume.h"
#include "cli/app/sidecar.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "cli/term/seen.h"
#include "cli/term/signals.h"
#include "dreamq/json.h"
#include "dreamq/rescue.h"
#include "dreamq/sync.h"

enum {
	LINE_BYTES = 4096,
	TOLD_BY_WATCH = 10000, /* states it remembers to have told */
	DRAIN_MS = 20000,
};

struct follow {
	struct app *app;
	bool is_get;
	const char *folder; /* that the files of this run go to, absolute; NULL: any */
	bool hides_progress; /* in JSON, too */
	bool tells_events; /* as JSON on standard error */
	bool is_of_files; /* rescue: the states of tasks are no news */
	struct asked asked;
	struct preview *preview; /* of what arrives; NULL: none */
	struct seen seen;
	size_t id_columns;
	int64_t started_ms;
};

/* --- hearing --- */

static void tell_state(struct follow *follow, const struct dq_task *task)
{
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);
	const struct words_eta eta = words_eta_of(task);

	if (!seen_is_new(&follow->seen, task->submit_id, task->state))
		return;
	buf_addf(&line, "%s: %s", task->submit_id, words_state(task->state));
	if (task->total > 0)
		buf_addf(&line, _(", %lld of %lld"), (long long)task->finished,
		    (long long)task->total);
	words_add_trouble(&line, task);
	words_add_eta(&line, ", ", &eta, clock_unix_ms(), true);
	app_say(follow->app, "%s", line.data);
}

static void tell_stored(struct follow *follow, const struct dq_event *event)
{
	char size[24];

	if (screen_is_live(&follow->app->screen) || !event->asset->path)
		return;
	app_say(follow->app, _("%s: stored '%s', %s"), event->task->submit_id,
	    event->asset->path,
	    text_bytes(
		event->asset->bytes > 0 ? (uint64_t)event->asset->bytes : 0, size));
}

/* What could not be copied from another folder yet is no result of this run. */
static void print_paths(const struct follow *follow, const struct dq_task *task)
{
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct dq_asset *asset = &task->assets[i];

		if (!asset->is_stored || !asset->path)
			continue;
		if (!follow->folder || fs_below(follow->folder, asset->path))
			app_out_path(follow->app, asset->path);
		else if (asked_for(&follow->asked, task, asset))
			app_warn(follow->app,
			    _("file %d of task '%s' is in another folder, as '%s'; run "
			      "this again to copy it"),
			    asset->index, task->submit_id, asset->path);
	}
}

static void tell_task(struct follow *follow, const struct dq_task *task)
{
	if (!follow->is_get) {
		report_row(follow->app, task, follow->id_columns);
		return;
	}
	if (!follow->is_of_files)
		tell_state(follow, task);
	print_paths(follow, task);
}

static void hear(void *payload, const struct dq_event *event)
{
	struct follow *follow = payload;
	struct app *app = follow->app;

	screen_hear(&app->screen, event);
	if (app->is_json) {
		if (event->type != DQ_EVENT_PROGRESS || !follow->hides_progress)
			app_out_event(app, event);
		return;
	}
	if (follow->tells_events && event->type != DQ_EVENT_TASK) {
		app_tell_event(app, event);
		return;
	}
	switch (event->type) {
	case DQ_EVENT_TASK:
		if (app_is_for_program(app))
			app_out_event(app, event);
		else
			tell_task(follow, event->task);
		break;
	case DQ_EVENT_STATE:
		if (!screen_is_live(&app->screen))
			tell_state(follow, event->task);
		break;
	case DQ_EVENT_STORED:
		tell_stored(follow, event);
		preview_show_stored(follow->preview, event->asset);
		break;
	case DQ_EVENT_PROGRESS:
	case DQ_EVENT_NOTE:
	case DQ_EVENT_LOG:
	case DQ_EVENT_TICK:
		break;
	}
}

/* --- beginning and end --- */

static int begin(struct follow *follow, size_t n)
{
	struct app *app = follow->app;
	const char *when = args_text(&app->args, OPT_PROGRESS);
	struct err err;

	follow->hides_progress =
	    when && (!strcmp(when, "never") || !strcmp(when, "none"));
	follow->tells_events = when && !strcmp(when, "json") && !app->is_quiet;
	app_out_at_once();
	if (!app->is_json && !app->is_quiet)
		screen_start(&app->screen, args_text(&app->args, OPT_PROGRESS));
	follow->seen = seen_make(n);
	follow->started_ms = clock_mono_ms();
	if (app->dq) { /* run: the session has submitted already */
		app_listen(app, hear, follow);
		return 0;
	}
	return app_open(app, hear, follow, &err) ? app_fail(app, &err) : 0;
}

static void tell_summary(const struct follow *follow, const char *folder)
{
	const struct dq_totals *totals = &follow->app->totals;
	char size[24], duration[24];

	app_say(follow->app, _("%zu %s, %zu %s, %s in %s, into %s"), totals->tasks,
	    ngettext("task", "tasks", totals->tasks), totals->files_stored,
	    ngettext("file", "files", totals->files_stored),
	    text_bytes(totals->bytes_done, size),
	    duration_text(clock_mono_ms() - follow->started_ms, duration), folder);
}

/* The one sentence at the end; "still running" is no error, but has a way on. */
static int tell_end(struct app *app, enum dq_status status, const struct dq_error *error,
    const char *const *ids, size_t n)
{
	const char *verb = app->command->name;

	if (strcmp(verb, "wait") != 0 && strcmp(verb, "sync") != 0 &&
	    strcmp(verb, "rescue") != 0)
		verb = "get";

	if (app->out_errno)
		return (int)status;
	if (status == DQ_INTERRUPTED)
		resume_say(app, _("interrupted, and nothing is lost"), verb, ids, n);
	else if (status == DQ_RUNNING && !app->is_quiet)
		resume_say(app, _("still running, and nothing is lost"), verb, ids, n);
	else if (status != DQ_OK && status != DQ_RUNNING)
		return app_fail_dq(app, status, error);
	return (int)status;
}

struct dq_wait follow_wait_options(const struct app *app)
{
	int64_t max_wait_ms = args_number(&app->args, OPT_MAX_WAIT, INT64_MAX);

	if (max_wait_ms == INT64_MAX)
		max_wait_ms = 0;
	else if (max_wait_ms == 0)
		max_wait_ms = 1;
	return (struct dq_wait){
		.size_bytes = sizeof(struct dq_wait),
		.interval_ms = args_number(&app->args, OPT_INTERVAL, 0),
		.max_wait_ms = max_wait_ms,
		.any = args_is_on(&app->args, OPT_ANY),
	};
}

int follow_wait(struct app *app, const char *const *ids, size_t n)
{
	struct dq_wait wanted = follow_wait_options(app);
	_cleanup_(input_ids_freep) struct dq_ids *known = NULL;
	struct follow follow = { .app = app };
	struct dq_error error = { 0 };
	int status = begin(&follow, n);

	if (!status)
		status = input_resolve(app, INPUT_UUIDS, &ids, &n, &known);
	follow.id_columns = report_id_columns(ids, n);

	if (!status) {
		enum dq_status ended = dq_wait(app->dq, ids, n, &wanted, &error);

		screen_end(&app->screen);
		status = tell_end(app, ended, &error, ids, n);
	}
	seen_release(&follow.seen);
	return status;
}

static struct dq_get get_options(const struct app *app)
{
	const struct args *args = &app->args;

	return (struct dq_get){
		.size_bytes = sizeof(struct dq_get),
		.wait = follow_wait_options(app),
		.sink = app_folder(app),
		.name_template = args_text(args, OPT_NAME),
		.jobs = (unsigned)args_number(args, OPT_JOBS, 0),
		.sidecar = sidecar_bits(args),
		.no_sync = args_is_on(args, OPT_NO_SYNC),
		.exec = args_text(args, OPT_EXEC),
		.windows_filenames = args_is_on(args, OPT_WINDOWS_FILENAMES),
		.only = args_text(args, OPT_ONLY),
		.mtime = args_is_on(args, OPT_MTIME),
	};
}

int follow_get(struct app *app, const char *const *ids, size_t n)
{
	_cleanup_(input_ids_freep) struct dq_ids *known = NULL;
	_cleanup_(indexes_release) struct indexes indexes = { 0 };
	struct dq_get wanted = get_options(app);
	_cleanup_free_ char *root = app_sink_folder(wanted.sink);
	struct follow follow = { .app = app, .is_get = true, .folder = root };
	struct dq_error error = { 0 };
	int status = app_refuse_two_places(app);
	struct err err;

	if (status)
		return status;
	if (indexes_read(args_text(&app->args, OPT_INDEX), &indexes, &err))
		return app_fail(app, &err);
	follow.asked = (struct asked){ &indexes, wanted.only };
	wanted.indexes = indexes.all;
	wanted.n_indexes = indexes.n;
	status = preview_open_if_wanted(app, &follow.preview);
	if (!status)
		status = begin(&follow, n);
	if (!status)
		status = input_resolve(app, INPUT_UUIDS, &ids, &n, &known);
	if (!status) {
		enum dq_status ended = dq_get(app->dq, ids, n, &wanted, &error);

		screen_end(&app->screen);
		if (!app->is_json && app->totals.tasks > 0)
			tell_summary(&follow, wanted.sink);
		status = tell_end(app, ended, &error, ids, n);
	}
	preview_close(follow.preview);
	seen_release(&follow.seen);
	return status;
}

int follow_watch(struct app *app)
{
	const struct dq_watch wanted = {
		.size_bytes = sizeof(wanted),
		.get = get_options(app),
		.until_idle = args_is_on(&app->args, OPT_UNTIL_IDLE),
		.sync_every_ms = args_number(&app->args, OPT_SYNC, 0),
		.hours = args_text(&app->args, OPT_HOURS),
	};
	struct follow follow = { .app = app, .is_get = true };
	struct dq_error error = { 0 };
	int status = app_refuse_two_places(app);

	if (status)
		return status;
	/* First, so that no signal finds us half prepared. */
	signals_drain(args_number(&app->args, OPT_DRAIN, DRAIN_MS));
	status = begin(&follow, TOLD_BY_WATCH);
	if (!status) {
		status = (int)dq_watch(app->dq, &wanted, &error);
		screen_end(&app->screen);
		if (status == DQ_INTERRUPTED && !app->out_errno)
			resume_say(
			    app, _("interrupted, and nothing is lost"), "watch", NULL, 0);
		else if (status)
			(void)app_fail_dq(app, (enum dq_status)status, &error);
	}
	seen_release(&follow.seen);
	return status;
}

/* What came of it, in one sentence each way. */
static void tell_synced(const struct follow *follow, const struct dq_sync *sync,
    const struct dq_synced *synced)
{
	struct app *app = follow->app;

	if (app->is_json) {
		app_out_json(app, dq_synced_json(synced));
		return;
	}
	app_say(app,
	    ngettext("%zu new task in the account's history",
		"%zu new tasks in the account's history", synced->adopted),
	    synced->adopted);
	if (!sync->dry_run && app->totals.tasks > 0)
		tell_summary(follow, sync->get.sink);
}

static int sync_options(struct app *app, struct dq_sync *ret_sync)
{
	const struct args *args = &app->args;
	const char *since = args_text(args, OPT_SINCE);
	struct err err;

	*ret_sync = (struct dq_sync){
		.size_bytes = sizeof(*ret_sync),
		.get = get_options(app),
		.kind = args_text(args, OPT_KIND),
		.limit = (size_t)args_number(args, OPT_LIMIT, 0),
		.dry_run = args_is_on(args, OPT_DRY_RUN),
		.full = args_is_on(args, OPT_FULL),
	};
	if (since && filter_since(since, clock_unix_ms(), &ret_sync->since_unix_ms, &err))
		return app_fail(app, &err);
	return app_refuse_two_places(app);
}

int follow_sync(struct app *app)
{
	struct dq_sync wanted;
	_cleanup_free_ char *root = NULL;
	struct follow follow = { .app = app, .id_columns = report_id_columns(NULL, 0) };
	struct dq_synced synced = { 0 };
	struct dq_error error = { 0 };
	int status = sync_options(app, &wanted);

	if (status)
		return status;
	root = app_sink_folder(wanted.get.sink);
	follow.folder = root;
	follow.is_get = !wanted.dry_run;
	status = begin(&follow, TOLD_BY_WATCH);
	if (!status) {
		enum dq_status ended = dq_sync(app->dq, &wanted, &synced, &error);

		screen_end(&app->screen);
		if (ended == DQ_OK || synced.listed > 0)
			tell_synced(&follow, &wanted, &synced);
		status = tell_end(app, ended, &error, NULL, 0);
	}
	seen_release(&follow.seen);
	return status;
}

static void tell_rescued(
    struct app *app, const struct dq_rescued *rescued, const char *folder)
{
	if (app->is_json)
		app_out_json(app, dq_rescued_json(rescued));
	else if (rescued->files == 0)
		app_say(app, "%s", _("nothing is missing"));
	else
		app_say(app,
		    ngettext("here is %zu of %zu file, in %s",
			"here are %zu of %zu files, in %s", rescued->files),
		    rescued->stored, rescued->files, folder);
}

static int rescue(struct follow *follow, const struct file_names *names)
{
	struct app *app = follow->app;
	const struct dq_rescue wanted = {
		.size_bytes = sizeof(wanted),
		.get = get_options(app),
		.names = (const char *const *)names->all, /* NULL: all */
		.n_names = names->n,
	};
	struct dq_rescued rescued = { 0 };
	struct dq_error error = { 0 };
	enum dq_status ended = dq_rescue(app->dq, &wanted, &rescued, &error);

	screen_end(&app->screen);
	if (ended == DQ_OK || rescued.files > 0)
		tell_rescued(app, &rescued, wanted.get.sink);
	return tell_end(app, ended, &error, (const char *const *)names->all, names->n);
}

/* Then it is these names that are meant, and not all that is missing. */
static bool are_given(const struct app *app)
{
	return app->args.n_left > 0 || args_has(&app->args, OPT_INPUT);
}

int follow_rescue(struct app *app)
{
	_cleanup_(names_release) struct file_names names = { 0 };
	_cleanup_free_ char *root = app_sink_folder(app_folder(app));
	struct follow follow = {
		.app = app, .is_get = true, .is_of_files = true, .folder = root
	};
	int status = app_refuse_two_places(app);

	if (!status)
		status = begin(&follow, TOLD_BY_WATCH);
	if (!status)
		status = names_read(app, &names);
	if (!status && names.n == 0 && are_given(app))
		status = names.bad > 0
		    ? DQ_USAGE
		    : app_usage(app, "no names came in; one a line is expected");
	else if (!status)
		status = rescue(&follow, &names);
	seen_release(&follow.seen);
	return status || names.bad == 0 ? status : DQ_USAGE;
}
