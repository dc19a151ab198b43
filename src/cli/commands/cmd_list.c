#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/filter.h"
#include "cli/app/report.h"
#include "cli/term/i18n.h"

static const enum opt_id list_opts[] = { OPT_ALL_ACCOUNTS, OPT_LIMIT, OPT_SEARCH,
	OPT_SINCE, OPT_SORT, OPT_STATE, OPT_COUNT };

/* All rows first, then their widths. */
struct listing {
	struct app *app;
	struct table table;
	bool has_no_memory;
};

static void hear_list(void *payload, const struct dq_event *event)
{
	struct listing *listing = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (listing->app->is_json)
		app_out_event(listing->app, event);
	else if (!report_add_entry(&listing->table, event->task,
		     args_is_on(&listing->app->args, OPT_ALL_ACCOUNTS)))
		listing->has_no_memory = true;
}

static int ask_list(struct listing *listing)
{
	struct app *app = listing->app;
	struct dq_filter filter;
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (filter_make(app, &filter, &err) || app_open(app, hear_list, listing, &err))
		return app_fail(app, &err);
	status = dq_list(app->dq, &filter, &error);
	report_narrow(&listing->table, report_columns());
	for (size_t i = 0; i < listing->table.n_rows; i++)
		report_print_row(app, &listing->table, table_row(&listing->table, i));
	if (status)
		return app_fail_dq(app, status, &error);
	if (!listing->has_no_memory)
		return DQ_OK;
	(void)err_set(&err, ERR_NOMEM, "out of memory");
	return app_fail(app, &err);
}

static int list_run(struct app *app)
{
	struct listing listing = { .app = app,
		.table = table_make(REPORT_ENTRY_COLUMNS) };
	int status = ask_list(&listing);

	table_release(&listing.table);
	return status;
}

const struct command cmd_list = {
	.name = "list",
	.synopsis = "[--search TEXT] [--state STATE] [--since WHEN] [--sort FIELD] "
		    "[--limit N] [--all-accounts]",
	.summary = N_("every task ever asked for, the newest first"),
	.details =
	    N_("Reads the ledger only; nothing is sent. A row has id, kind (and how it "
	       "was made: 'video/draft'), state "
	       "('incomplete': succeeded, and files are missing), stored and expected "
	       "files, time, with --all-accounts the profile, what it cost where that is "
	       "known ('8cr(r)': reported by the service, '4cr(m)': measured), and the "
	       "prompt. On a "
	       "terminal ids are cut as far as they stay different; on a narrow one "
	       "kind, cost, time, profile and files give way to the prompt. Ids that the "
	       "service has never known are shown "
	       "by --state not_found only, and forgotten after a day."),
	.example = "dreamq list --state unfinished",
	.opts = list_opts,
	.takes = ARGS_NONE,
	.run = list_run,
};
