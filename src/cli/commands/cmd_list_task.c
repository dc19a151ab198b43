#include "cli/app/app.h"
#include "cli/commands/at_once.h"
#include "cli/term/i18n.h"

static const enum opt_id list_task_opts[] = { OPT_ALL_ACCOUNTS, OPT_LIMIT, OPT_SINCE,
	OPT_STATE, OPT_COUNT };

const struct command cmd_list_task = {
	.name = "list_task",
	.synopsis = "[--state STATE] [--since WHEN] [--limit N] [--all-accounts]",
	.summary = N_("'list', as the service's own CLI names it"),
	.details = N_("See 'dreamq help list'."),
	.example = "dreamq list_task",
	.opts = list_task_opts,
	.takes = ARGS_NONE,
	.run = list_at_once,
};
