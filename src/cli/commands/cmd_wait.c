#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/commands/follow.h"
#include "cli/term/i18n.h"

static const enum opt_id wait_opts[] = { OPT_ANY, OPT_EXPLAIN, OPT_INPUT, OPT_INTERVAL,
	OPT_MAX_WAIT, OPT_NOTIFY, OPT_NULL, OPT_ON, OPT_ON_DISK, OPT_ON_DONE,
	OPT_ON_FAILED, OPT_ON_LOGIN, OPT_ON_STORED, OPT_PRINT, OPT_PROGRESS,
	OPT_REQUESTS_PER_MINUTE, OPT_WEBHOOK, OPT_WEBHOOK_EVENTS, OPT_WEBHOOK_SECRET_FILE,
	OPT_COUNT };

static int wait_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	unsigned bad = 0;
	int status = input_ids(app, &ids, &bad);

	if (status)
		return status;
	status = follow_wait(app, dq_ids_list(ids), dq_ids_count(ids));
	return bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_wait = {
	.name = "wait",
	.synopsis =
	    "[--any] [--explain] [--max-wait DUR] [--interval DUR] [--input FILE] ID...",
	.summary = N_("poll until every task has ended"),
	.details =
	    N_("Prints a row for each task when it has ended. Waiting is not failing: "
	       "with --max-wait the exit status is 4, and the same command goes on."),
	.example = "dreamq wait --any --max-wait 10m ID1 ID2",
	.opts = wait_opts,
	.takes = ARGS_IDS,
	.run = wait_run,
};
