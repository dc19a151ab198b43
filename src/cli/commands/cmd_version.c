#include <stdio.h>

#include "cli/app/app.h"
#include "cli/term/i18n.h"

static int version_run(struct app *app)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "dreamq %s", dq_version());
	app_out(app, line);
	return DQ_OK;
}

const struct command cmd_version = {
	.name = "version",
	.synopsis = "",
	.summary = N_("print the version"),
	.details = N_("The same as 'dreamq --version'."),
	.example = "dreamq version",
	.takes = ARGS_NONE,
	.needs_no_settings = true,
	.run = version_run,
};
