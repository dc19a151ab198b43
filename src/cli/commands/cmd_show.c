#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/app/report.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"

static const enum opt_id show_opts[] = { OPT_INPUT, OPT_NO_PAGER, OPT_NULL, OPT_PRINT,
	OPT_COUNT };

static void hear(void *payload, const struct dq_event *event)
{
	struct app *app = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (app_is_for_program(app))
		app_out_event(app, event);
	else
		report_page(app, event->task);
}

static void print_event(
    void *payload, int64_t at_unix_ms, const char *what, const char *text)
{
	struct buf line = buf_make(WORDS_MAX);
	char when[WORDS_TIME_MAX];

	buf_addf(&line, "  %s  ", words_time(at_unix_ms, when));
	words_add_clean(&line, what ? what : "");
	if (text && *text) {
		buf_addf(&line, "  ");
		words_add_clean(&line, text);
	}
	app_out(payload, line.data);
	buf_release(&line);
}

static int show_one(struct app *app, const char *id)
{
	struct dq_error error = { 0 };
	enum dq_status status = dq_show(app->dq, id, &error);

	if (status)
		return app_fail_dq(app, status, &error);
	if (app_is_for_program(app))
		return DQ_OK;
	app_out(app, _("events"));
	status = dq_events(app->dq, id, print_event, app, &error);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

static int show_run(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	int status = input_known(app, hear, app, &known);

	if (status)
		return status;
	status = known.bad ? DQ_USAGE : DQ_OK;
	app_page(app);
	for (size_t i = 0; i < known.n && !app->out_errno; i++) {
		if (i > 0 && !app_is_for_program(app))
			app_out(app, "");
		status = app_worse(status, show_one(app, known.list[i]));
	}
	return status;
}

const struct command cmd_show = {
	.name = "show",
	.synopsis = "[--print FIELD,...] [--input FILE] ID...",
	.summary = N_("everything the ledger knows about a task"),
	.details =
	    N_("Nothing is sent. Below the task stand its files and what happened to "
	       "it, the oldest first."),
	.example = "dreamq show ID",
	.opts = show_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = show_run,
};
