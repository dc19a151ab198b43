#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/input.h"
#include "cli/app/report.h"
#include "cli/app/resume.h"
#include "cli/term/i18n.h"

static const enum opt_id query_opts[] = { OPT_INPUT, OPT_NULL, OPT_PRINT,
	OPT_REQUESTS_PER_MINUTE, OPT_COUNT };

/* The widths are known from the ids, so a row is printed as it comes. */
struct query {
	struct app *app;
	size_t id_columns;
};

static void hear_query(void *payload, const struct dq_event *event)
{
	const struct query *query = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (app_is_for_program(query->app)) {
		app_out_event(query->app, event);
		return;
	}
	report_row(query->app, event->task, query->id_columns);
	report_links(query->app, event->task);
}

static int ask(struct app *app, const char *const *ids, size_t n)
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

static int query_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	unsigned bad = 0;
	int status = input_ids(app, &ids, &bad);

	if (status)
		return status;
	status = ask(app, dq_ids_list(ids), dq_ids_count(ids));
	return bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_query = {
	.name = "query",
	.synopsis = "[--print FIELD,...] [--input FILE] ID...",
	.summary = N_("one poll: state, queue place, links with their expiry"),
	.details =
	    N_("Prints a row for each task, and its links below. Links are secrets that "
	       "die within hours; to have the files, use 'dreamq get'."),
	.example = "dreamq query --json ID1 ID2",
	.opts = query_opts,
	.takes = ARGS_IDS,
	.run = query_run,
};
