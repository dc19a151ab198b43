#include "cli/app.h"
#include "cli/follow.h"
#include "cli/i18n.h"
#include "cli/send.h"

static const enum opt_id run_opts[] = { OPT_BODY, OPT_DURATION, OPT_EXEC, OPT_INTERVAL,
	OPT_JOBS, OPT_KIND, OPT_MAX_WAIT, OPT_MODEL, OPT_NAME, OPT_OUTPUT_DIR, OPT_PROMPT,
	OPT_RATIO, OPT_SET, OPT_SIDECAR, OPT_SINK, OPT_SUBMIT_ID, OPT_COUNT };

static int run_run(struct app *app)
{
	char id[DQ_ID_MAX + 1];
	const char *const ids[] = { id };
	int status = send_prompt(app, true, id);

	if (status != DQ_OK && status != DQ_RUNNING)
		return status;
	return follow_get(app, ids, 1, NULL);
}

const struct command cmd_run = {
	.name = "run",
	.synopsis = "--prompt TEXT [-o DIR] [--kind KIND] [--ratio W:H] [--max-wait DUR]",
	.summary = N_("'submit', then 'get'"),
	.details = N_(
	    "Tells the submit id on standard error before it waits, and prints the path "
	    "of each stored file. When it stops early, go on with 'dreamq get ID'; "
	    "running it again would submit, and pay, again."),
	.example = "dreamq run --prompt 'a red panda, oil painting' -o pictures",
	.opts = run_opts,
	.takes = ARGS_NONE,
	.run = run_run,
};
