#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/input.h"
#include "cli/app/resume.h"
#include "cli/output/their_json.h"
#include "cli/term/i18n.h"
#include "dreamq/ids.h"

/* What they call a file. */
#define THEIR_NAME "{id}_{kind}_{index1}.{ext}"

static const enum opt_id query_result_opts[] = { OPT_THEIR_DIR, OPT_POLL,
	OPT_REQUESTS_PER_MINUTE, OPT_THEIR_ID, OPT_COUNT };

struct asking {
	struct app *app;
	char *last; /* their JSON of the task, as it was heard of last */
	bool has_succeeded, is_unknown;
};

static void hear(void *payload, const struct dq_event *event)
{
	struct asking *asking = payload;

	screen_hear(&asking->app->screen, event);
	if (event->type == DQ_EVENT_TASK && asking->app->is_json)
		app_out_event(asking->app, event);
	if (event->type != DQ_EVENT_TASK && event->type != DQ_EVENT_STATE)
		return;
	asking->has_succeeded = !strcmp(event->task->state, "succeeded");
	asking->is_unknown = !strcmp(event->task->state, "not_found");
	free(asking->last);
	asking->last = their_result_json(event->task);
}

/* One poll, or as many as there are in --poll. */
static enum dq_status look(
    const struct app *app, const char *const *ids, size_t n, struct dq_error *error)
{
	const int64_t poll_s = args_number(&app->args, OPT_POLL, 0);
	const struct dq_wait wait = { .size_bytes = sizeof(wait),
		.interval_ms = 1000,
		.max_wait_ms = 1000 * poll_s };

	return poll_s > 0 ? dq_wait(app->dq, ids, n, &wait, error)
			  : dq_query(app->dq, ids, n, error);
}

static enum dq_status fetch(
    const struct app *app, const char *const *ids, size_t n, struct dq_error *error)
{
	const struct dq_get get = { .size_bytes = sizeof(get),
		.sink = args_text(&app->args, OPT_THEIR_DIR),
		.name_template = THEIR_NAME };

	return dq_get(app->dq, ids, n, &get, error);
}

/* An id that the service does not know has no JSON, as there: the error says it. */
static int tell(struct asking *asking, enum dq_status status,
    const struct dq_error *error, const char *id)
{
	struct app *app = asking->app;

	if (!app->is_json && asking->last && !asking->is_unknown) {
		app_out_json(app, asking->last);
		asking->last = NULL;
	}
	if (status == DQ_OK || status == DQ_RUNNING)
		return (int)status;
	if (status == DQ_INTERRUPTED && !app->out_errno) {
		resume_say(app, _("interrupted, and nothing is lost"), "get", &id, 1);
		return (int)status;
	}
	return app_fail_dq(app, status, error);
}

static int ask(struct app *app, const char *const *ids, size_t n)
{
	_cleanup_(input_ids_freep) struct dq_ids *known = NULL;
	struct asking asking = { .app = app };
	struct dq_error error = { 0 };
	enum dq_status status;
	struct err err;
	int ended;

	if (app_open(app, hear, &asking, &err))
		return app_fail(app, &err);
	ended = input_resolve(app, INPUT_UUIDS, &ids, &n, &known);
	if (ended)
		return ended;
	if (!app->is_json && !app->is_quiet)
		screen_start(&app->screen, NULL);
	status = look(app, ids, n, &error);
	if (asking.has_succeeded && !status && args_has(&app->args, OPT_THEIR_DIR))
		status = fetch(app, ids, n, &error);
	screen_end(&app->screen);
	ended = tell(&asking, status, &error, ids[0]);
	free(asking.last);
	return ended;
}

static int query_result_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	const char *id = args_text(&app->args, OPT_THEIR_ID);
	struct dq_error error;
	enum dq_status status;

	if (!id)
		return app_usage(app, "'query_result' needs --submit_id=ID");
	status = dq_ids_new(&ids, &error);
	/* The id goes through the same door as everybody's, which checks it. */
	if (!status)
		status = dq_ids_add(ids, id, "--submit_id", &error);
	return status ? app_fail_dq(app, status, &error)
		      : ask(app, dq_ids_list(ids), dq_ids_count(ids));
}

const struct command cmd_query_result = {
	.name = "query_result",
	.synopsis = "--submit_id ID [--download_dir DIR] [--poll SECONDS]",
	.summary = N_("'query', or 'get' into a folder, as the service's own CLI has it"),
	.details =
	    N_("Prints the JSON object of 'dreamina query_result': submit_id, gen_status "
	       "(querying, success, fail), fail_reason, result_json, credit_count, "
	       "queue_info. "
	       "It polls once, or until the task has ended with --poll, at most so many "
	       "seconds. With --download_dir a task that has succeeded is fetched, as "
	       "ID_image_1.png or ID_video_1.mp4, and its files have a path instead of a "
	       "link. What dreamq does not know is left out (logid, fps, priority). With "
	       "--json "
	       "it prints the lines of 'dreamq query --json' instead. The exit status is "
	       "that of 'query': 4 while it is querying, 1 when it has failed."),
	.example = "dreamq query_result --submit_id=ID --download_dir=pictures",
	.opts = query_result_opts,
	.takes = ARGS_NONE,
	.run = query_result_run,
};
