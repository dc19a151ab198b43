#include "cli/commands/follow.h"
#include "cli/term/i18n.h"

static const enum opt_id rescue_opts[] = { OPT_EXEC, OPT_INPUT, OPT_JOBS, OPT_MAX_WAIT,
	OPT_NAME, OPT_NO_SYNC, OPT_OUTPUT_DIR, OPT_PROGRESS, OPT_QUALITY,
	OPT_REQUESTS_PER_MINUTE, OPT_SIDECAR, OPT_SINK, OPT_WINDOWS_FILENAMES,
	OPT_COUNT };

const struct command cmd_rescue = {
	.name = "rescue",
	.synopsis = "[-o DIR] [NAME...]",
	.summary = N_("fetch files whose record is gone, by their own names"),
	.details = N_(
	    "Asks the service for links to files by the names that they have there: the "
	    "uri of a picture, the vid of a film. Without names: for every file of the "
	    "ledger that is lost, that is not in its place any more, or that was never "
	    "fetched of a task that has ended. Names come as arguments, from --input, or "
	    "with '-' from standard input: one a line, or a JSON array. A file that no "
	    "task of the ledger has becomes one of its own there, 'rescued-' and a hash "
	    "of the name. What the service does not have any more is noted as lost (exit "
	    "status 1); no task is asked for, and none changes its state."),
	.example = "dreamq rescue -o ~/pictures tos-cn-i-tb4s082cfz/0123456789abcdef",
	.opts = rescue_opts,
	.takes = ARGS_NAMES,
	.run = follow_rescue,
};
