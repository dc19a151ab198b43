#include "base/clock.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/filter.h"
#include "cli/app/statpage.h"
#include "cli/term/i18n.h"

static const enum opt_id stats_opts[] = { OPT_SINCE, OPT_COUNT };

static void print_line(void *payload, const char *line)
{
	app_out(payload, line);
}

static int show(struct app *app, const struct dq_stats *stats, bool is_part)
{
	struct dq_error error = { 0 };
	enum dq_status status;

	if (app->is_json) {
		status = dq_stats_json(stats, print_line, app, &error);
		return status ? app_fail_dq(app, status, &error) : DQ_OK;
	}
	if (stats->lanes[0].tasks > 0)
		statpage_print(app, stats);
	else if (is_part)
		app_say(app, "%s", _("no task was first heard of since then"));
	else
		app_say(app, "%s",
		    _("there are no tasks yet: 'dreamq submit --prompt TEXT' makes one, "
		      "'dreamq get ID' fetches one"));
	return DQ_OK;
}

static int stats_run(struct app *app)
{
	const char *since = args_text(&app->args, OPT_SINCE);
	int64_t since_unix_ms = 0;
	struct dq_stats *stats;
	struct dq_error error = { 0 };
	enum dq_status status;
	struct err err;
	int exit_status;

	if (since && filter_since(since, clock_unix_ms(), &since_unix_ms, &err))
		return app_fail(app, &err);
	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	status = dq_stats(app->dq, since_unix_ms, &stats, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	exit_status = show(app, stats, since != NULL);
	dq_stats_free(stats);
	return exit_status;
}

const struct command cmd_stats = {
	.name = "stats",
	.synopsis = "[--since WHEN]",
	.summary = N_("how long tasks take, what their results cost, how they ended"),
	.details = N_(
	    "Reads the ledger only; nothing is sent. For each kind and model: how long "
	    "generations took (5, 25, 50, 75 and 95 of 100 are below these), their "
	    "spread on a logarithmic axis, and how long the next one is expected to "
	    "take, "
	    "with a band that holds four in five.\n"
	    "A result cost so many polls and requests; a poll asks for one task, and "
	    "several share a request. Late is the time from the end of a task to the "
	    "poll "
	    "that saw it, of the tasks whose end was awaited.\n"
	    "Credits are those that are known: measured by the account's balance or "
	    "history ('dreamq credits'), or reported by the task's record; of the others "
	    "it says how many there are.\n"
	    "Days are those on which a task was first heard of, by local time."),
	.example = "dreamq stats --since 30d",
	.opts = stats_opts,
	.takes = ARGS_NONE,
	.makes_no_events = true,
	.run = stats_run,
};
