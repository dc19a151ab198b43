#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/app/resume.h"
#include "cli/commands/follow.h"
#include "cli/commands/naming.h"
#include "cli/commands/send.h"
#include "cli/term/i18n.h"

static const enum opt_id run_opts[] = { OPT_BODY, OPT_DRY_RUN, OPT_DURATION, OPT_EXEC,
	OPT_EXPLAIN, OPT_IDEMPOTENCY_KEY, OPT_INPUT, OPT_INTERVAL, OPT_JOBS, OPT_KIND,
	OPT_MAX_CREDITS, OPT_MAX_WAIT, OPT_MEASURE, OPT_MODEL, OPT_MTIME, OPT_NAME,
	OPT_NO_SYNC, OPT_NOTIFY, OPT_NULL, OPT_ON, OPT_ON_DISK, OPT_ON_DONE,
	OPT_ON_FAILED, OPT_ON_LOGIN, OPT_ON_STORED, OPT_OUTPUT_DIR, OPT_PRINT,
	OPT_PROGRESS, OPT_PROMPT, OPT_QUALITY, OPT_RATIO, OPT_REQUESTS_PER_MINUTE,
	OPT_REROLL, OPT_SET, OPT_SIDECAR, OPT_SINK, OPT_SUBMIT_ID, OPT_SUBMIT_VIA,
	OPT_WEBHOOK, OPT_WEBHOOK_EVENTS, OPT_WEBHOOK_SECRET_FILE, OPT_WINDOWS_FILENAMES,
	OPT_COUNT };

/* One --max-wait for both: what submitting took is no longer there for waiting. */
static void shorten_wait(struct app *app, int64_t spent_ms)
{
	struct value *wait = &app->args.of[OPT_MAX_WAIT];

	if (!args_has(&app->args, OPT_MAX_WAIT) || wait->number == INT64_MAX)
		return;
	wait->number = wait->number > spent_ms ? wait->number - spent_ms : 0;
}

static int run_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	const int64_t started_ms = clock_mono_ms();
	int status = naming_check(app); /* before it is paid for */

	if (status)
		return status;
	status = send_all(app, true, &ids);

	if ((status != DQ_OK && status != DQ_RUNNING) || !ids)
		return status;
	resume_note(app, "get", dq_ids_list(ids), dq_ids_count(ids));
	shorten_wait(app, clock_mono_ms() - started_ms);
	return follow_get(app, dq_ids_list(ids), dq_ids_count(ids));
}

const struct command cmd_run = {
	.name = "run",
	.synopsis = "--prompt TEXT [-o DIR] [--kind KIND] [--ratio W:H] [--max-wait DUR]",
	.summary = N_("'submit', then 'get'"),
	.details = N_(
	    "Tells the submit id on standard error before it waits, and prints the path "
	    "of each stored file. When it stops early, go on with 'dreamq get ID'; "
	    "running it again would submit, and pay, again, unless it has an "
	    "--idempotency-key. With --dry-run it tells what would be submitted, as "
	    "'submit' does, and fetches nothing."),
	.example = "dreamq run --prompt 'a red panda, oil painting' -o pictures",
	.opts = run_opts,
	.takes = ARGS_IDS,
	.run = run_run,
};
