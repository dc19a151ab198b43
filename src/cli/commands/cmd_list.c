#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/columns.h"
#include "cli/app/filter.h"
#include "cli/app/preview.h"
#include "cli/app/report.h"
#include "cli/app/taskfiles.h"
#include "cli/output/csv.h"
#include "cli/term/i18n.h"

static const enum opt_id list_opts[] = { OPT_ALL_ACCOUNTS, OPT_COLUMNS, OPT_FORMAT,
	OPT_GRAPHICS, OPT_LIMIT, OPT_NO_PAGER, OPT_NULL, OPT_PREVIEW, OPT_PRINT,
	OPT_SEARCH, OPT_SINCE, OPT_SIZE, OPT_SORT, OPT_STATE, OPT_TAG, OPT_COUNT };

/* All rows first, then their widths. */
struct listing {
	struct app *app;
	struct columns columns; /* none: those of report.h */
	struct table table;
	struct preview *preview; /* NULL: not wanted */
	struct taskfiles files; /* of all rows, for the preview */
	size_t *ends; /* where in them the files of a row end */
	size_t ends_room;
	bool is_csv;
	bool has_no_memory;
};

static void keep_files(struct listing *listing, const struct dq_task *task)
{
	const size_t row = listing->table.n_rows - 1;

	if (!ARRAY_RESERVE(listing->ends, listing->ends_room, row + 1)) {
		listing->has_no_memory = true;
		return;
	}
	(void)taskfiles_add(&listing->files, task);
	listing->ends[row] = listing->files.n;
	listing->has_no_memory = listing->files.has_no_memory;
}

/* The rows end in CR LF, and the LF is app_out()'s. */
static void put_csv(struct listing *listing, struct buf *rows)
{
	if (buf_failed(rows) || rows->len < 2) {
		listing->has_no_memory = true;
	} else {
		rows->data[rows->len - 1] = '\0';
		app_out(listing->app, rows->data);
	}
	buf_release(rows);
}

static bool add_row(struct listing *listing, const struct dq_task *task)
{
	if (listing->columns.n > 0)
		return columns_add_row(&listing->columns, &listing->table, task);
	return report_add_entry(
	    &listing->table, task, args_is_on(&listing->app->args, OPT_ALL_ACCOUNTS));
}

static void hear_list(void *payload, const struct dq_event *event)
{
	struct listing *listing = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (listing->is_csv) {
		struct buf rows = buf_make(CSV_TASK_MAX);

		csv_add_task(&rows, event->task, listing->app->is_out_terminal);
		put_csv(listing, &rows);
	} else if (app_is_for_program(listing->app)) {
		app_out_event(listing->app, event);
	} else if (!add_row(listing, event->task)) {
		listing->has_no_memory = true;
	} else if (listing->preview && !listing->has_no_memory) {
		keep_files(listing, event->task);
	}
}

/* The pictures of a row, below it. */
static int show_row(struct listing *listing, size_t row)
{
	const size_t begin = row > 0 ? listing->ends[row - 1] : 0;
	const size_t n = listing->ends[row] - begin;
	struct preview_file *list;
	int status;

	if (n == 0)
		return DQ_OK;
	list = calloc(n, sizeof(*list));
	if (!list)
		return DQ_STORAGE;
	for (size_t i = 0; i < n; i++)
		list[i] = listing->files.all[begin + i].file;
	status = preview_show(listing->preview, list, n);
	free(list);
	return status;
}

static int print_table(struct listing *listing)
{
	struct app *app = listing->app;
	int status = DQ_OK;

	if (listing->columns.n == 0)
		report_narrow(&listing->table, report_columns(app));
	for (size_t i = 0; i < listing->table.n_rows; i++) {
		report_print_row(app, &listing->table, table_row(&listing->table, i));
		if (listing->preview && !listing->has_no_memory && status != DQ_STORAGE)
			status = app_worse(status, show_row(listing, i));
	}
	return status;
}

static int ask_list(struct listing *listing)
{
	struct app *app = listing->app;
	struct dq_filter filter;
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;
	int shown;

	if (filter_make(app, &filter, &err) || app_open(app, hear_list, listing, &err))
		return app_fail(app, &err);
	if (listing->is_csv) {
		struct buf header = buf_make(CSV_TASK_MAX);

		csv_add_header(&header);
		put_csv(listing, &header);
	}
	status = dq_list(app->dq, &filter, &error);
	if (listing->table.n_rows > 0 && !listing->preview)
		app_page(app);
	shown = print_table(listing);
	if (status)
		return app_fail_dq(app, status, &error);
	if (!listing->has_no_memory)
		return shown;
	(void)err_set(&err, ERR_NOMEM, "out of memory");
	return app_fail(app, &err);
}

/* A form replaces whatever else says what is printed; 0, or the exit status. */
static int take_format(struct listing *listing, const char *format)
{
	struct app *app = listing->app;
	const char end = args_is_on(&app->args, OPT_NULL) ? '\0' : '\n';
	struct err err;

	if (app->is_json || args_has(&app->args, OPT_PRINT))
		return app_usage(app, "give one of --format, --json and --print");
	picked_release(&app->picked);
	if (!strcmp(format, "csv"))
		listing->is_csv = true;
	else if (!strcmp(format, "jsonl"))
		app->is_json = true;
	else if (strchr(format, '{'))
		return picked_template(format, end, &app->picked, &err)
		    ? app_fail(app, &err)
		    : 0;
	else if (strcmp(format, "table") != 0)
		return app_usage(app,
		    "option '--format': '%s' is none of: table, csv, jsonl, and no "
		    "template with a {field}",
		    format);
	return 0;
}

static int list_run(struct app *app)
{
	struct listing listing = { .app = app };
	struct settings_where where;
	/* In the config file it is that of an export. */
	const char *format = app->args.of[OPT_FORMAT].origin == FROM_ARGV
	    ? args_text(&app->args, OPT_FORMAT)
	    : NULL;
	const char *columns = args_text(&app->args, OPT_COLUMNS);
	int status = format ? take_format(&listing, format) : 0;
	struct err err;

	if (status)
		return status;
	if (columns &&
	    columns_make(columns,
		settings_where(&app->settings, &app->args, OPT_COLUMNS, &where),
		&listing.columns, &err))
		return app_fail(app, &err);
	listing.table =
	    table_make(listing.columns.n ? listing.columns.n : REPORT_ENTRY_COLUMNS);
	if (!listing.is_csv)
		status = preview_open_if_wanted(app, &listing.preview);
	if (!status)
		status = ask_list(&listing);
	preview_close(listing.preview);
	taskfiles_release(&listing.files);
	free(listing.ends);
	table_release(&listing.table);
	return status;
}

const struct command cmd_list = {
	.name = "list",
	.synopsis =
	    "[--search TEXT] [--tag TAG] [--state STATE] [--since WHEN] [--sort FIELD] "
	    "[--limit N] [--columns LIST] [--format FORMAT] [--preview] "
	    "[--all-accounts]",
	.summary = N_("every task ever asked for, the newest first"),
	.details =
	    N_("Reads the ledger only; nothing is sent. A row has id, kind (and how it "
	       "was made: 'video/draft'), state "
	       "('incomplete': succeeded, and files are missing), stored and expected "
	       "files, time, with --all-accounts the profile, what it cost where that is "
	       "known (in credits, reported by the service or measured), and the "
	       "prompt. On a "
	       "terminal ids are cut as far as they stay different; on a narrow one "
	       "kind, cost, time, profile and files give way to the prompt. Ids that the "
	       "service has never known are shown "
	       "by --state not_found only, and forgotten after a day.\n"
	       "Columns are kind, state, files, created, finished, seen, cost, size, "
	       "and the fields of the JSON line; a template and --print take those "
	       "fields, and those of files, which make a line for each file: path, "
	       "bytes, sha256, index, asset_kind, format, width, height, duration_ms, "
	       "uri. On a terminal what is long goes through $DREAMQ_PAGER, $PAGER or "
	       "'less -FRX'."),
	.example = "dreamq list --search '小猫' --sort -size --columns id,size,prompt",
	.opts = list_opts,
	.takes = ARGS_NONE,
	.makes_no_events = true,
	.run = list_run,
};
