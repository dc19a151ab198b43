#include <string.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/filter.h"
#include "cli/output/csv.h"
#include "cli/term/i18n.h"
#include "cli/term/outfile.h"

static const enum opt_id export_opts[] = { OPT_FORCE, OPT_FORMAT, OPT_LIMIT, OPT_OUTPUT,
	OPT_SEARCH, OPT_SINCE, OPT_SORT, OPT_STATE, OPT_TAG, OPT_COUNT };

struct exporting {
	struct app *app;
	struct outfile file; /* stream NULL: standard output */
	bool is_csv;
	bool has_lost; /* a task could not be written for want of memory */
};

static void put(struct exporting *exporting, const char *text)
{
	if (!exporting->file.stream)
		app_out(exporting->app, text);
	else
		(void)fprintf(exporting->file.stream, "%s\n", text);
}

/* The rows end in CR LF, and the LF is put()'s. */
static void put_csv(struct exporting *exporting, struct buf *rows)
{
	if (buf_failed(rows) || rows->len < 2) {
		exporting->has_lost = true;
		return;
	}
	rows->data[rows->len - 1] = '\0';
	put(exporting, rows->data);
}

static void hear(void *payload, const struct dq_event *event)
{
	struct exporting *exporting = payload;
	_cleanup_(buf_release) struct buf rows = buf_make(CSV_TASK_MAX);
	_cleanup_free_ char *json = NULL;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (exporting->is_csv) {
		csv_add_task(&rows, event->task,
		    !exporting->file.stream && exporting->app->is_out_terminal);
		put_csv(exporting, &rows);
		return;
	}
	json = dq_event_json(event);
	if (json)
		put(exporting, json);
	else
		exporting->has_lost = true;
}

static int export_all(struct exporting *exporting, const struct dq_filter *filter)
{
	_cleanup_(buf_release) struct buf header = buf_make(CSV_TASK_MAX);
	struct dq_error error = { 0 };
	enum dq_status status;

	if (exporting->is_csv) {
		csv_add_header(&header);
		put_csv(exporting, &header);
	}
	status = dq_list(exporting->app->dq, filter, &error);
	if (status)
		return app_fail_dq(exporting->app, status, &error);
	if (exporting->has_lost)
		return app_fail(exporting->app,
		    &(struct err){ .kind = ERR_NOMEM, .msg = "out of memory" });
	return DQ_OK;
}

static int export_run(struct app *app)
{
	const char *format = args_text(&app->args, OPT_FORMAT);
	const char *path = args_text(&app->args, OPT_OUTPUT);
	struct exporting exporting = { .app = app,
		.is_csv = format && !strcmp(format, "csv") };
	struct dq_filter filter;
	struct err err;
	int status;

	if (format && !exporting.is_csv && strcmp(format, "jsonl") != 0)
		return app_usage(
		    app, "option '--format': '%s' is not one of: jsonl, csv", format);
	if (filter_make(app, &filter, &err))
		return app_fail(app, &err);
	filter.all_accounts = true;
	if (app_open(app, hear, &exporting, &err))
		return app_fail(app, &err);
	if (path && strcmp(path, "-") != 0 &&
	    outfile_open(path, args_is_on(&app->args, OPT_FORCE), &exporting.file, &err))
		return app_fail(app, &err);
	status = export_all(&exporting, &filter);
	if (!status && exporting.file.stream && outfile_commit(&exporting.file, &err))
		status = app_fail(app, &err);
	outfile_release(&exporting.file);
	return status;
}

const struct command cmd_export = {
	.name = "export",
	.synopsis = "[--format FORMAT] [-o FILE] [--force] [--search TEXT] [--state "
		    "STATE] [--since WHEN] "
		    "[--sort FIELD] [--limit N]",
	.summary = N_("the whole ledger, for other programs"),
	.details =
	    N_("Every profile's tasks, the newest first: as the JSON lines of 'dreamq "
	       "list --json', or as a table with a row per file. A FILE that is there is "
	       "replaced with --force only. Nothing is sent."),
	.example = "dreamq export --format csv -o tasks.csv",
	.opts = export_opts,
	.takes = ARGS_NONE,
	.makes_no_events = true,
	.run = export_run,
};
