#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/commands/at_once.h"
#include "cli/term/i18n.h"

static const enum opt_id query_opts[] = { OPT_INPUT, OPT_REQUESTS_PER_MINUTE, OPT_COUNT };

static int query_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	unsigned bad = 0;
	int status = input_ids(app, &ids, &bad);

	if (status)
		return status;
	status = query_at_once(app, dq_ids_list(ids), dq_ids_count(ids));
	return bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_query = {
	.name = "query",
	.synopsis = "[--input FILE] ID...",
	.summary = N_("one poll: state, queue place, links with their expiry"),
	.details =
	    N_("Prints a row for each task, and its links below. Links are secrets that "
	       "die within hours; to have the files, use 'dreamq get'."),
	.example = "dreamq query --json ID1 ID2",
	.opts = query_opts,
	.takes = ARGS_IDS,
	.run = query_run,
};
