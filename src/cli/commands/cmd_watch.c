#include <stdio.h>
#include <unistd.h>

#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/report.h"
#include "cli/commands/follow.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"

static const enum opt_id watch_opts[] = { OPT_DRAIN, OPT_DRY_RUN, OPT_EXEC, OPT_EXPLAIN,
	OPT_HOURS, OPT_INTERVAL, OPT_JOBS, OPT_MAX_WAIT, OPT_MTIME, OPT_NAME, OPT_NO_SYNC,
	OPT_NOTIFY, OPT_ON, OPT_ON_DISK, OPT_ON_DONE, OPT_ON_FAILED, OPT_ON_LOGIN,
	OPT_ON_STORED, OPT_OUTPUT_DIR, OPT_PROGRESS, OPT_QUALITY, OPT_REQUESTS_PER_MINUTE,
	OPT_SIDECAR, OPT_SINK, OPT_SYNC, OPT_UNTIL_IDLE, OPT_WEBHOOK, OPT_WEBHOOK_EVENTS,
	OPT_WEBHOOK_SECRET_FILE, OPT_WINDOWS_FILENAMES, OPT_COUNT };

/*
 * The same process begins anew: config file, cookie and all, with the program that is
 * installed now. Nothing is under way any more, and every descriptor closes itself.
 */
static int reload(struct app *app)
{
	const char *const *argv = app->argv;

	app_say(app, _("reloading"));
	(void)app_finish(app, DQ_OK);
	/* execv() takes argv without const for historical reasons; it changes nothing. */
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	(void)execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
	return app_fail(app,
	    &(struct err){ .kind = ERR_IO, .msg = "cannot start anew; start it again" });
}

struct listing {
	struct app *app;
	size_t n;
};

static void hear(void *payload, const struct dq_event *event)
{
	struct listing *listing = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	listing->n++;
	if (listing->app->is_json)
		app_out_event(listing->app, event);
	else
		report_row(listing->app, event->task, report_id_columns(NULL, 0));
}

/* What it would go on with, by the ledger. */
static int rehearse(struct app *app)
{
	const struct dq_filter unfinished = { .size_bytes = sizeof(unfinished),
		.state = "unfinished" };
	struct listing listing = { .app = app };
	struct dq_error error = { 0 };
	enum dq_status status;
	struct err err;

	if (app_refuse_two_places(app))
		return DQ_USAGE;
	if (app_open(app, hear, &listing, &err))
		return app_fail(app, &err);
	status = dq_list(app->dq, &unfinished, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	app_say(app,
	    ngettext("would go on with %zu task; nothing was asked or sent (--dry-run)",
		"would go on with %zu tasks; nothing was asked or sent (--dry-run)",
		listing.n),
	    listing.n);
	return DQ_OK;
}

static int watch_run(struct app *app)
{
	int status;

	if (args_is_on(&app->args, OPT_DRY_RUN))
		return rehearse(app);
	status = follow_watch(app);

	return status == DQ_OK && signals_wants_reload() ? reload(app) : status;
}

const struct command cmd_watch = {
	.name = "watch",
	.synopsis = "[-o DIR] [--sync DUR] [--until-idle] [--drain DUR] [--exec CMD]",
	.summary = N_("keep going on everything unfinished, for ever; safe to kill"),
	.details = N_(
	    "Sends what waits in the local queue, polls what runs, and downloads "
	    "every "
	    "file, for all unfinished tasks of the profile, also those that other "
	    "commands add meanwhile. Several may run: each task has one owner, and a "
	    "killed one is replaced at once. An outage, a full disk, a refused cookie "
	    "are told once and waited for; a new cookie file is noticed. SIGTERM ends it "
	    "in order: nothing new is begun, downloads get --drain to come home. SIGHUP "
	    "reads config and cookie anew. Its exit status is 0 then, and also when "
	    "--max-wait has ended. With --dry-run it only tells what it would go on "
	    "with."),
	.example = "dreamq watch -o ~/pictures",
	.opts = watch_opts,
	.takes = ARGS_NONE,
	.run = watch_run,
};
