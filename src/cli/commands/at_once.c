#include "cli/commands/at_once.h"

#include "base/cleanup.h"
#include "cli/app/app_open.h"
#include "cli/app/filter.h"
#include "cli/app/input.h"
#include "cli/app/report.h"
#include "cli/app/resume.h"
#include "cli/term/i18n.h"

/* --- query: the widths are known from the ids, so a row is printed as it comes --- */

struct query {
	struct app *app;
	size_t id_columns;
};

static void hear_query(void *payload, const struct dq_event *event)
{
	const struct query *query = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (query->app->is_json) {
		app_out_event(query->app, event);
		return;
	}
	report_row(query->app, event->task, query->id_columns);
	report_links(query->app, event->task);
}

int query_at_once(struct app *app, const char *const *ids, size_t n)
{
	_cleanup_(input_ids_freep) struct dq_ids *known = NULL;
	struct query query = { .app = app };
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (app_open(app, hear_query, &query, &err))
		return app_fail(app, &err);
	status = (enum dq_status)input_resolve(app, INPUT_UUIDS, &ids, &n, &known);
	if (status)
		return (int)status;
	query.id_columns = report_id_columns(ids, n);
	status = dq_query(app->dq, ids, n, &error);
	/* That something still runs is no trouble, and its row says it. */
	if (status == DQ_OK || status == DQ_RUNNING)
		return (int)status;
	if (status == DQ_INTERRUPTED && !app->out_errno) {
		resume_say(app, _("interrupted, and nothing is lost"), "query", ids, n);
		return (int)status;
	}
	return app_fail_dq(app, status, &error);
}

/* --- list: all rows first, then their widths --- */

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

int list_at_once(struct app *app)
{
	struct listing listing = { .app = app,
		.table = table_make(REPORT_ENTRY_COLUMNS) };
	int status = ask_list(&listing);

	table_release(&listing.table);
	return status;
}
