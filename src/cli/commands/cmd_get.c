#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/commands/follow.h"
#include "cli/commands/naming.h"
#include "cli/term/i18n.h"

static const enum opt_id get_opts[] = { OPT_DRY_RUN, OPT_EXEC, OPT_EXPLAIN, OPT_GRAPHICS,
	OPT_INDEX, OPT_INPUT, OPT_INTERVAL, OPT_JOBS, OPT_LIMIT, OPT_MAX_WAIT, OPT_MTIME,
	OPT_NAME, OPT_NAME_PREVIEW, OPT_NO_SYNC, OPT_NOTIFY, OPT_NULL, OPT_ON,
	OPT_ON_DISK, OPT_ON_DONE, OPT_ON_FAILED, OPT_ON_LOGIN, OPT_ON_STORED, OPT_ONLY,
	OPT_OUTPUT_DIR, OPT_PREVIEW, OPT_PRINT, OPT_PROGRESS, OPT_QUALITY,
	OPT_REQUESTS_PER_MINUTE, OPT_SIDECAR, OPT_SINK, OPT_SIZE, OPT_WEBHOOK,
	OPT_WEBHOOK_EVENTS, OPT_WEBHOOK_SECRET_FILE, OPT_WINDOWS_FILENAMES, OPT_COUNT };

static int get_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	unsigned bad = 0;
	int status;

	if (args_is_on(&app->args, OPT_NAME_PREVIEW))
		return naming_preview(app);
	if (args_is_on(&app->args, OPT_DRY_RUN))
		return naming_rehearse(app);
	status = input_ids(app, &ids, &bad);
	if (status)
		return status;
	status = follow_get(app, dq_ids_list(ids), dq_ids_count(ids));
	return bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_get = {
	.name = "get",
	.synopsis = "[-o DIR] [--name TEMPLATE] [--max-wait DUR] [--input FILE] ID...",
	.summary = N_("wait, then download every file; the main verb"),
	.details = N_(
	    "Prints the path of each stored file. A file under its final name is "
	    "complete; nothing is overwritten, and what an earlier run has stored is "
	    "not fetched again: from another folder it is copied. A full disk is waited "
	    "out, at most as long as --max-wait says. Interrupted or killed, the same "
	    "command goes on where it stopped. --print FIELD,... prints these of each "
	    "task instead; those of files (path, bytes, sha256) a line for each.\n"
	    "With --only and --index the other files are left to be fetched later. With "
	    "--name-preview nothing is asked or fetched: it prints the names that the "
	    "files of these tasks, or of the last 10 (--limit) of the ledger, would "
	    "get. With --dry-run it tells, by what the ledger knows, under which names "
	    "the files of these tasks would come, and which are here already."),
	.example = "dreamq get -o pictures ID1 ID2",
	.opts = get_opts,
	.takes = ARGS_IDS,
	.run = get_run,
};
