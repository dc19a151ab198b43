#include <stdio.h>

#include "cli/app/app.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"

static int version_run(struct app *app)
{
	char line[64];

	if (app->is_json) {
		app_out_json(app, dq_version_json());
		return DQ_OK;
	}
	(void)snprintf(line, sizeof(line), "dreamq %s", dq_version());
	app_out(app, line);
	return DQ_OK;
}

const struct command cmd_version = {
	.name = "version",
	.synopsis = "",
	.summary = N_("print the version"),
	.details =
	    N_("The same as 'dreamq --version'. With --json also what is in it: the "
	       "ledger's "
	       "schema, the languages, and the other libraries with their features."),
	.example = "dreamq version --json",
	.takes = ARGS_NONE,
	.needs_no_settings = true,
	.run = version_run,
};
