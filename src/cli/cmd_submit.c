#include "cli/app.h"
#include "cli/i18n.h"
#include "cli/send.h"

static const enum opt_id submit_opts[] = { OPT_BODY, OPT_DURATION, OPT_KIND, OPT_MODEL,
	OPT_PROMPT, OPT_RATIO, OPT_SET, OPT_SUBMIT_ID, OPT_COUNT };

static int submit_run(struct app *app)
{
	char id[DQ_ID_MAX + 1];

	return send_prompt(app, false, id);
}

const struct command cmd_submit = {
	.name = "submit",
	.synopsis =
	    "--prompt TEXT [--kind KIND] [--ratio W:H] [--model NAME] [--set KEY=VALUE] "
	    "[--body FILE]",
	.summary = N_("record the intent, send it once, print the submit id"),
	.details =
	    N_("The id is printed whenever the task was recorded, also when the "
	       "service refused it. A lost answer (exit status 4) is settled by asking "
	       "for the id, never by sending again."),
	.example = "dreamq submit --prompt 'a red panda, oil painting' --ratio 16:9",
	.opts = submit_opts,
	.takes = ARGS_NONE,
	.run = submit_run,
};
