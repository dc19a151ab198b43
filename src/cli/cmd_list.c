#include "cli/app.h"
#include "cli/i18n.h"
#include "cli/look.h"

static const enum opt_id list_opts[] = { OPT_ALL_ACCOUNTS, OPT_LIMIT, OPT_SINCE,
	OPT_STATE, OPT_COUNT };

const struct command cmd_list = {
	.name = "list",
	.synopsis = "[--state STATE] [--since WHEN] [--limit N] [--all-accounts]",
	.summary = N_("every task ever asked for, the newest first"),
	.details =
	    N_("Reads the ledger only; nothing is sent. A row has id, kind, state, "
	       "stored and expected files, time, and the prompt."),
	.example = "dreamq list --state unfinished",
	.opts = list_opts,
	.takes = ARGS_NONE,
	.run = look_list,
};
