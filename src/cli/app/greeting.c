#include "cli/app/greeting.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/app/app_open.h"
#include "cli/app/profile.h"
#include "cli/term/i18n.h"

enum { COUNTED_MAX = 1000 };

bool greeting_is_wanted(const struct app *app)
{
	return !app->is_json && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 &&
	    isatty(STDOUT_FILENO) == 1;
}

static void count_task(void *payload, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_TASK)
		++*(size_t *)payload;
}

/* How many tasks of the ledger are in this state, NULL any; not above COUNTED_MAX. */
static enum dq_status count(struct app *app, const char *state, size_t most,
    size_t *ret_n, struct dq_error *error)
{
	const struct dq_filter filter = {
		.size_bytes = sizeof(filter), .state = state, .limit = most
	};

	*ret_n = 0;
	app_listen(app, count_task, ret_n);
	return dq_list(app->dq, &filter, error);
}

static void say_newcomer(struct app *app)
{
	app_say(
	    app, _("There is no login yet. The next step asks for all that is needed:"));
	app_say(app, "  dreamq setup");
	app_say(app,
	    _("'dreamq auth import' does it with a cookie at hand; 'dreamq help' has all "
	      "verbs."));
}

static void say_first_task(struct app *app)
{
	app_say(app,
	    _("The login is there, and no task yet. Make one, or fetch one by its id:"));
	app_say(app, "  dreamq run --prompt '...'");
	app_say(app, "  dreamq get ID");
	app_say(app,
	    _("'dreamq sync' brings home all that the account has; 'dreamq help' has "
	      "all verbs."));
}

static void say_tasks(struct app *app, size_t n_unfinished)
{
	if (n_unfinished == 0) {
		app_say(app,
		    _("Everything that was asked for is finished. See it, or ask for "
		      "more:"));
		app_say(app, "  dreamq list");
		app_say(app, "  dreamq run --prompt '...'");
	} else {
		app_say(app,
		    n_unfinished == 1 ? _("%zu task is unfinished. This goes on with it:")
				      : _("%zu tasks are unfinished. This goes on with "
					  "them:"),
		    n_unfinished);
		app_say(app, "  dreamq watch --until-idle");
	}
	app_say(app,
	    _("'dreamq doctor' looks whether all is well; 'dreamq help' has all verbs."));
}

int greeting_say(struct app *app)
{
	size_t n_tasks = 0, n_unfinished = 0;
	struct dq_error error;
	enum dq_status status;
	struct err err;

	app->command = &cmd_list; /* which reads the ledger, and nothing else */
	if (settings_load(&app->args, &app->settings, &err))
		return app_fail(app, &err);
	app_configure(app);
	app_say(app,
	    _("dreamq brings the pictures and films of Jimeng / Dreamina safely home."));
	if (!profile_has_login(&app->args)) {
		say_newcomer(app);
		return DQ_USAGE;
	}
	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	status = count(app, NULL, 1, &n_tasks, &error);
	if (!status)
		status = count(app, "unfinished", COUNTED_MAX, &n_unfinished, &error);
	app_listen(app, NULL, NULL);
	if (status)
		return app_fail_dq(app, status, &error);
	if (n_tasks == 0)
		say_first_task(app);
	else
		say_tasks(app, n_unfinished);
	return DQ_USAGE;
}
