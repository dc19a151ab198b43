#include "cli/app/app.h"
#include "cli/commands/at_once.h"
#include "cli/term/i18n.h"

static const enum opt_id list_opts[] = { OPT_ALL_ACCOUNTS, OPT_LIMIT, OPT_SINCE,
	OPT_STATE, OPT_COUNT };

const struct command cmd_list = {
	.name = "list",
	.synopsis = "[--state STATE] [--since WHEN] [--limit N] [--all-accounts]",
	.summary = N_("every task ever asked for, the newest first"),
	.details =
	    N_("Reads the ledger only; nothing is sent. A row has id, kind, state "
	       "('incomplete': succeeded, and files are missing), stored and expected "
	       "files, time, with --all-accounts the profile, and the prompt. On a "
	       "terminal ids are cut as far as they stay different; on a narrow one "
	       "kind, time, profile and files give way to the prompt. Ids that the "
	       "service has never known are shown "
	       "by --state not_found only, and forgotten after a day."),
	.example = "dreamq list --state unfinished",
	.opts = list_opts,
	.takes = ARGS_NONE,
	.run = list_at_once,
};
