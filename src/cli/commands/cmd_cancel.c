#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/input.h"
#include "cli/app/resume.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/cancel.h"
#include "dreamq/json.h"

enum { LINE_BYTES = 1024 };

static const enum opt_id cancel_opts[] = { OPT_DRY_RUN, OPT_INPUT,
	OPT_REQUESTS_PER_MINUTE, OPT_COUNT };

/* The state goes to stdout, why it is not "cancelled" to people. */
static void hear(void *payload, const struct dq_cancelled *cancelled)
{
	struct app *app = payload;
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);

	if (app->is_json) {
		app_out_json(app, dq_cancelled_json(cancelled));
		return;
	}
	buf_addf(&line, "%s  %s", cancelled->submit_id, words_state(cancelled->state));
	app_out(app, line.data);
	if (cancelled->shown)
		app_warn(app, "%s", cancelled->shown);
}

/* Of what could not be cancelled each has been told why. */
static int cancel_all(struct app *app, const char *const *ids, size_t n)
{
	_cleanup_(input_ids_freep) struct dq_ids *known = NULL;
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	app_out_at_once();
	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	status = (enum dq_status)input_resolve(app, INPUT_UUIDS, &ids, &n, &known);
	if (status)
		return (int)status;
	status = (args_is_on(&app->args, OPT_DRY_RUN) ? dq_cancel_plan : dq_cancel)(
	    app->dq, ids, n, hear, app, &error);
	if (status == DQ_OK && args_is_on(&app->args, OPT_DRY_RUN))
		app_say(app, _("nothing was asked or changed (--dry-run)"));
	if (status == DQ_OK || status == DQ_RUNNING || status == DQ_FAILED)
		return (int)status;
	if (status == DQ_INTERRUPTED && !app->out_errno) {
		resume_say(app, _("interrupted"), "cancel", ids, n);
		return (int)status;
	}
	return app_fail_dq(app, status, &error);
}

static int cancel_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	unsigned bad = 0;
	int status = input_ids(app, &ids, &bad);

	if (status)
		return status;
	status = cancel_all(app, dq_ids_list(ids), dq_ids_count(ids));
	return bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_cancel = {
	.name = "cancel",
	.synopsis = "[--input FILE] ID...",
	.summary = N_("take back what still queues, and see what came of it"),
	.details = N_(
	    "The service takes back videos that still queue, nothing else; what it does "
	    "decides, and it is asked until that is known, also when its answer was "
	    "lost. Prints a row for each task with its state, and says why one is not "
	    "cancelled. To run it again does no harm. Exit status 0: all are cancelled; "
	    "4: one is being generated already, or the service has agreed and does not "
	    "show it yet; 1: one has ended otherwise, was never sent ('dreamq forget' "
	    "takes that out of the local queue), is not known, or the service refuses.\n"
	    "With --dry-run the ledger alone says what would be taken back."),
	.example = "dreamq cancel ID",
	.opts = cancel_opts,
	.takes = ARGS_IDS,
	.run = cancel_run,
};
