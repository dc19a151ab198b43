#include <string.h>

#include "base/text.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/prune.h"

static const enum opt_id prune_opts[] = { OPT_DRY_RUN, OPT_FILES, OPT_GONE, OPT_KEYS,
	OPT_OLDER_THAN, OPT_YES, OPT_COUNT };

static const char *const why_kept[DQ_KEPT_COUNT] = {
	[DQ_KEPT_UNFINISHED] = N_("not over, or with files still to be had"),
	[DQ_KEPT_KEY] = N_("with an idempotency key: --keys takes them, too"),
	[DQ_KEPT_MARKED] = N_("with tags, a note or a rating"),
	[DQ_KEPT_ALTERED] = N_("a file is not what was stored"),
	[DQ_KEPT_AWAY] = N_("what their files lie in is not there"),
};

static void hear(void *payload, const struct dq_event *event)
{
	struct app *app = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (app->is_json)
		app_out_event(app, event);
	else
		app_out(app, event->task->submit_id);
}

static void tell_sum(
    struct app *app, const struct dq_prune *wanted, const struct dq_pruned *pruned)
{
	char size[24], tasks[WORDS_COUNT_MAX], files[WORDS_COUNT_MAX];

	if (app->is_json)
		app_out_json(app, dq_pruned_json(pruned, wanted->dry_run));
	for (int i = 0; i < DQ_KEPT_COUNT; i++)
		if (pruned->kept[i] > 0)
			app_say(app, _("kept %zu: %s"), pruned->kept[i], _(why_kept[i]));
	if (wanted->dry_run)
		app_say(app, _("would remove %s and %s, %s"),
		    words_tasks(pruned->tasks, tasks), words_files(pruned->files, files),
		    text_bytes(pruned->bytes, size));
	else
		app_say(app, _("removed %s and %s, %s"),
		    words_tasks(pruned->tasks, tasks), words_files(pruned->files, files),
		    text_bytes(pruned->bytes, size));
	if (wanted->dry_run && pruned->tasks > 0 && !args_is_on(&app->args, OPT_DRY_RUN))
		app_say(app, "%s", _("nothing was done; --yes does it"));
}

static int prune_run(struct app *app)
{
	const struct args *args = &app->args;
	const struct dq_prune wanted = {
		.size_bytes = sizeof(wanted),
		.older_than_ms = args_number(args, OPT_OLDER_THAN, 0),
		.gone = args_is_on(args, OPT_GONE),
		.files = args_is_on(args, OPT_FILES),
		.keys = args_is_on(args, OPT_KEYS),
		.dry_run = args_is_on(args, OPT_DRY_RUN) || !args_is_on(args, OPT_YES),
	};
	const struct dq_pruned nothing = { 0 };
	struct dq_pruned pruned = { 0 };
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (!args_has(args, OPT_OLDER_THAN) && !wanted.gone)
		return app_usage(
		    app, "'prune' needs --older-than DUR, as 90d, or --gone, or both");
	if (app_open(app, hear, app, &err))
		return app_fail(app, &err);
	status = dq_prune(app->dq, &wanted, &pruned, &error);
	if (!status || memcmp(&pruned, &nothing, sizeof(pruned)) != 0)
		tell_sum(app, &wanted, &pruned);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

const struct command cmd_prune = {
	.name = "prune",
	.synopsis = "[--older-than DUR] [--gone] [--files] [--keys] [--yes]",
	.summary = N_("take what is over and old out of the ledger"),
	.details =
	    N_("Only tells, until --yes is there. Prints the ids. --older-than: tasks "
	       "that ended so long ago; --gone: only those that had files, none of "
	       "which is there any more. Never goes what has not ended, has files still "
	       "to be had, has tags, a note or a rating, or lies on a disk that is not "
	       "there; what is kept is counted. With --files the stored files go, too, "
	       "if every one of them is still what was stored, with their sidecars (but "
	       "none that somebody has changed); a file that another task or profile "
	       "has, too, stays. Killed, the same command goes on."),
	.example = "dreamq prune --older-than 90d --files",
	.opts = prune_opts,
	.takes = ARGS_NONE,
	.makes_no_events = true,
	.run = prune_run,
};
