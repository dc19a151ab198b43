#include <string.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/opener.h"
#include "cli/app/taskfiles.h"
#include "cli/term/i18n.h"

static const enum opt_id open_opts[] = { OPT_INDEX, OPT_INPUT, OPT_COUNT };

static int open_run(struct app *app)
{
	_cleanup_(taskfiles_release) struct taskfiles files = { 0 };
	const char *last = "";
	int status = 0, failed = opener_check(app);

	if (!failed)
		failed = taskfiles_take(app, false, &files, &status);
	for (size_t i = 0; !failed && i < files.n; i++) {
		if (!strcmp(files.all[i].id, last))
			continue; /* a viewer goes on to the others of the task */
		last = files.all[i].id;
		status = app_worse(status, opener_open(app, files.all[i].path));
	}
	return failed ? failed : status;
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
	.run = open_run,
};
