#include "cli/app/app.h"
#include "cli/app/opener.h"
#include "cli/term/i18n.h"

static const enum opt_id open_opts[] = { OPT_INDEX, OPT_INPUT, OPT_COUNT };

static int open_run(struct app *app)
{
	return opener_each(app, opener_open);
}

const struct command cmd_open = {
	.name = "open",
	.synopsis = "[--index N] ID...",
	.summary = N_("open a stored file in the desktop's program for it"),
	.details = N_(
	    "The first of the task, or that of --index. xdg-open finds the program; "
	    "DREAMQ_OPENER in the environment names another one, which gets the path as "
	    "its only argument. Nothing is sent."),
	.example = "dreamq open ID",
	.opts = open_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = open_run,
};
