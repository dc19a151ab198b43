#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/filter.h"
#include "cli/output/their_json.h"
#include "cli/term/i18n.h"

enum { DEFAULT_LIMIT = 20 };

static const enum opt_id list_task_opts[] = { OPT_ALL_ACCOUNTS, OPT_THEIR_STATUS,
	OPT_THEIR_TYPE, OPT_LIMIT, OPT_OFFSET, OPT_SINCE, OPT_STATE, OPT_THEIR_ID,
	OPT_COUNT };

struct listing {
	struct app *app;
	const char *status, *type; /* NULL: any */
	int64_t offset, limit;
	int64_t n_seen, n_printed;
	char *held; /* the last entry: whether a comma is behind it, the next one says */
};

/* Every type of theirs ends in what it makes, but "image_upscale". */
static bool makes(const struct dq_task *task, const char *type)
{
	const char *kind = strstr(type, "video") ? "video" : "image";

	return task->kind && !strcmp(task->kind, kind);
}

static void print_held(struct listing *listing, const char *end)
{
	char *line = NULL;

	if (!listing->held)
		return;
	if (asprintf(&line, "%s%s", listing->held, end) < 0)
		line = NULL;
	free(listing->held);
	listing->held = NULL;
	app_out_json(listing->app, line);
}

static void print(struct listing *listing, const struct dq_event *event)
{
	if (listing->app->is_json) {
		app_out_event(listing->app, event);
		return;
	}
	if (listing->n_printed == 0)
		app_out(listing->app, "[");
	print_held(listing, ",");
	listing->held = their_entry_json(event->task);
	if (!listing->held)
		app_out_json(listing->app, NULL);
}

static void hear(void *payload, const struct dq_event *event)
{
	struct listing *listing = payload;
	const struct dq_task *task = event->task;

	if (event->type != DQ_EVENT_TASK ||
	    (listing->status && strcmp(listing->status, their_status(task)) != 0) ||
	    (listing->type && !makes(task, listing->type)))
		return;
	if (listing->n_seen++ < listing->offset || listing->n_printed == listing->limit)
		return;
	print(listing, event);
	listing->n_printed++;
}

/* A task that the ledger does not have is an empty list. */
static enum dq_status ask(
    struct listing *listing, struct dq_filter *filter, struct dq_error *error)
{
	const struct args *args = &listing->app->args;
	const char *id = args_text(args, OPT_THEIR_ID);
	enum dq_status status;

	if (id) {
		status = dq_show(listing->app->dq, id, error);
		return status == DQ_FAILED ? DQ_OK : status;
	}
	filter->limit = listing->status || listing->type
	    ? 0
	    : (size_t)(listing->offset + listing->limit);
	return dq_list(listing->app->dq, filter, error);
}

static int list_task_run(struct app *app)
{
	const struct args *args = &app->args;
	struct listing listing = { .app = app,
		.status = args_text(args, OPT_THEIR_STATUS),
		.type = args_text(args, OPT_THEIR_TYPE),
		.offset = args_number(args, OPT_OFFSET, 0),
		.limit = args_number(args, OPT_LIMIT, DEFAULT_LIMIT) };
	struct dq_error error = { 0 };
	struct dq_filter filter;
	enum dq_status status;
	struct err err;

	if (filter_make(app, &filter, &err) || app_open(app, hear, &listing, &err))
		return app_fail(app, &err);
	status = ask(&listing, &filter, &error);
	print_held(&listing, "");
	if (!app->is_json)
		app_out(app, listing.n_printed > 0 ? "]" : "[]");
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

const struct command cmd_list_task = {
	.name = "list_task",
	.synopsis =
	    "[--gen_status STATUS] [--gen_task_type TYPE] [--limit N] [--offset N] "
	    "[--submit_id ID]",
	.summary = N_("'list', as the service's own CLI has it"),
	.details = N_(
	    "Prints the JSON array of 'dreamina list_task': of the ledger, the newest "
	    "first, 20 at most. Here gen_task_type says what is made (text2image, "
	    "text2video; image2image, image_upscale, multiframe2video where that is "
	    "known), and --gen_task_type takes every type that makes the same; "
	    "commerce_info has the credit_count alone. With --json it prints the lines "
	    "of "
	    "'dreamq list --json' instead. Tasks that the other CLI has made are in it "
	    "after 'dreamq adopt ~/.dreamina_cli/tasks.db'."),
	.example = "dreamq list_task --gen_status=success --limit=10",
	.opts = list_task_opts,
	.takes = ARGS_NONE,
	.makes_no_events = true,
	.run = list_task_run,
};
