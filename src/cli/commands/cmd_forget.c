#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/term/i18n.h"

static const enum opt_id forget_opts[] = { OPT_DRY_RUN, OPT_FILE_INDEX, OPT_INPUT,
	OPT_COUNT };

/* Which file is it? -1: the whole task. */
static int index_of(const struct app *app)
{
	return (int)args_number(&app->args, OPT_FILE_INDEX, -1);
}

static void say_sum(struct app *app, size_t n)
{
	if (args_is_on(&app->args, OPT_DRY_RUN))
		app_say(app,
		    ngettext("would forget %zu task", "would forget %zu tasks", n), n);
	else if (index_of(app) < 0)
		app_say(app,
		    ngettext("forgot %zu task; its files stay",
			"forgot %zu tasks; their files stay", n),
		    n);
	else
		app_say(app,
		    ngettext("forgot %zu file; it stays where it is",
			"forgot %zu files; they stay where they are", n),
		    n);
}

/* What would be forgotten has to be there. */
static enum dq_status forget_one(struct app *app, const char *id, struct dq_error *error)
{
	if (args_is_on(&app->args, OPT_DRY_RUN))
		return dq_show(app->dq, id, error);
	return index_of(app) < 0 ? dq_forget(app->dq, id, error)
				 : dq_forget_file(app->dq, id, index_of(app), error);
}

static int forget_all(struct app *app, const char *const *ids, size_t n)
{
	size_t forgotten = 0;
	int status = DQ_OK;

	for (size_t i = 0; i < n; i++) {
		struct dq_error error = { 0 };
		const enum dq_status one = forget_one(app, ids[i], &error);

		if (one)
			status = app_worse(status, app_fail_dq(app, one, &error));
		else
			forgotten++;
		if (one == DQ_STORAGE || one == DQ_INTERRUPTED)
			break; /* the ledger is in trouble, not this id */
	}
	if (forgotten > 0 || !status)
		say_sum(app, forgotten);
	return status;
}

static int forget_run(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	int status = input_known(app, NULL, NULL, &known);

	if (status)
		return status;
	status = forget_all(app, known.list, known.n);
	return known.bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_forget = {
	.name = "forget",
	.synopsis = "[--file N] [--input FILE] ID...",
	.summary = N_("remove tasks from the ledger; their files stay"),
	.details = N_(
	    "Asks nothing, and sends nothing. The service still has the task: 'dreamq "
	    "get ID' fetches it again. With --file only that file is given up: 'verify' "
	    "does not miss it, 'watch' does not fetch it."),
	.example = "dreamq forget ID",
	.opts = forget_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = forget_run,
};
