#include "cli/commands/follow.h"
#include "cli/term/i18n.h"

static const enum opt_id sync_opts[] = { OPT_DRY_RUN, OPT_EXEC, OPT_EXPLAIN, OPT_FULL,
	OPT_INTERVAL, OPT_JOBS, OPT_KIND, OPT_LIMIT, OPT_MAX_WAIT, OPT_MTIME, OPT_NAME,
	OPT_NO_SYNC, OPT_NOTIFY, OPT_ON, OPT_ON_DISK, OPT_ON_DONE, OPT_ON_FAILED,
	OPT_ON_LOGIN, OPT_ON_STORED, OPT_OUTPUT_DIR, OPT_PROGRESS, OPT_QUALITY,
	OPT_REQUESTS_PER_MINUTE, OPT_SIDECAR, OPT_SINCE, OPT_SINK, OPT_WEBHOOK,
	OPT_WEBHOOK_EVENTS, OPT_WEBHOOK_SECRET_FILE, OPT_WINDOWS_FILENAMES, OPT_COUNT };

const struct command cmd_sync = {
	.name = "sync",
	.synopsis = "[-o DIR] [--since WHEN] [--kind KIND] [--limit N] [--dry-run]",
	.summary =
	    N_("bring home everything the account ever made, wherever it was made"),
	.details = N_(
	    "Walks through the account's whole history at the service, page by page, "
	    "takes every task into the ledger, and downloads every file as 'get' does; "
	    "it also goes on with what is unfinished. Interrupted or killed, the same "
	    "command goes on where it stopped. When all was seen, it asks only for what "
	    "is new, and looks back a bit, because some tasks are listed late; --full "
	    "walks through all of it again. A task of the history that failed is told "
	    "and is no failure; one that still runs is waited for, as long as "
	    "--max-wait says. With --dry-run nothing is taken in: it prints what would "
	    "be."),
	.example = "dreamq sync -o ~/pictures --since 30d",
	.opts = sync_opts,
	.takes = ARGS_NONE,
	.run = follow_sync,
};
