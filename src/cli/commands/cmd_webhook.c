#include <string.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/webhook.h"

static const enum opt_id webhook_opts[] = { OPT_DRY_RUN, OPT_WEBHOOK, OPT_WEBHOOK_EVENTS,
	OPT_WEBHOOK_SECRET_FILE, OPT_COUNT };
static const char *const webhook_words[] = { "drop", "list", "send", "test", NULL };

/* --- list --- */

static void print_delivery(void *payload, const struct dq_delivery *delivery)
{
	struct app *app = payload;
	struct buf line = buf_make(WORDS_MAX);

	if (app->is_json) {
		app_out_json(app, dq_delivery_json(delivery));
		return;
	}
	buf_addf(&line, "%s  %-7s  %-6s", delivery->id, delivery->state, delivery->event);
	if (delivery->submit_id)
		buf_addf(&line, "  %s", delivery->submit_id);
	if (delivery->tries > 0)
		buf_addf(&line, _("  tries: %lld"), (long long)delivery->tries);
	if (delivery->why) {
		buf_addf(&line, "  ");
		words_add_clean(&line, delivery->why);
	}
	app_out(app, line.data);
	buf_release(&line);
}

static int webhook_list(struct app *app)
{
	const char *state = app->args.n_left > 1 ? app->args.left[1] : NULL;
	struct dq_error error = { 0 };
	enum dq_status status;

	if (app->args.n_left > 2)
		return app_usage(app, "'webhook list' takes one state at most");
	status = dq_webhook_list(app->dq, state, print_delivery, app, &error);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

/* --- send --- */

static int webhook_send(struct app *app)
{
	const size_t n = app->args.n_left - 1;
	struct dq_webhook_sent sent;
	struct dq_error error = { 0 };
	size_t n_meant = 0;
	enum dq_status status;

	if (args_is_on(&app->args, OPT_DRY_RUN)) {
		status = dq_webhook_drop(
		    app->dq, n ? app->args.left + 1 : NULL, n, true, &n_meant, &error);
		if (status)
			return app_fail_dq(app, status, &error);
		app_say(app, _("would send %zu; nothing was sent (--dry-run)"), n_meant);
		return DQ_OK;
	}
	status =
	    dq_webhook_send(app->dq, n ? app->args.left + 1 : NULL, n, &sent, &error);
	if (status != DQ_USAGE)
		app_say(app, _("sent %zu, refused %zu, not taken %zu"), sent.sent,
		    sent.dropped, sent.failed);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

/* --- drop --- */

static int webhook_drop(struct app *app)
{
	const bool is_dry_run = args_is_on(&app->args, OPT_DRY_RUN);
	const bool is_all = app->args.n_left == 2 && !strcmp(app->args.left[1], "all");
	struct dq_error error = { 0 };
	size_t n = 0;
	enum dq_status status;

	if (app->args.n_left < 2)
		return app_usage(app, "'webhook drop' needs ids of deliveries, or 'all'");
	status = dq_webhook_drop(app->dq, is_all ? NULL : app->args.left + 1,
	    app->args.n_left - 1, is_dry_run, &n, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	if (is_dry_run)
		app_say(app, _("would drop %zu; nothing was changed (--dry-run)"), n);
	else
		app_say(app, _("dropped %zu"), n);
	return DQ_OK;
}

/* --- test --- */

static int webhook_test(struct app *app)
{
	struct dq_error error = { 0 };
	enum dq_status status;

	if (app->args.n_left > 1)
		return app_usage(app, "'webhook test' takes no argument");
	if (args_is_on(&app->args, OPT_DRY_RUN)) {
		app_say(app, "%s", _("would send a test; nothing was sent (--dry-run)"));
		return DQ_OK;
	}
	status = dq_webhook_test(app->dq, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	app_say(app, "%s", _("the webhook has taken the test"));
	return DQ_OK;
}

static const struct {
	const char *word;
	int (*run)(struct app *app);
	bool makes_no_events;
} sub_verbs[] = {
	{ "drop", webhook_drop, true },
	{ "list", webhook_list, true },
	{ "send", webhook_send, false },
	{ "test", webhook_test, false },
};

static int webhook_run(struct app *app)
{
	const struct args *args = &app->args;
	struct err err;

	for (size_t i = 0; i < sizeof(sub_verbs) / sizeof(sub_verbs[0]); i++) {
		if (args->n_left == 0 || strcmp(args->left[0], sub_verbs[i].word) != 0)
			continue;
		app->makes_no_events = sub_verbs[i].makes_no_events;
		if (app_open(app, NULL, NULL, &err))
			return app_fail(app, &err);
		return sub_verbs[i].run(app);
	}
	return app_usage(app, "'webhook' needs one of: drop, list, send, test");
}

const struct command cmd_webhook = {
	.name = "webhook",
	.synopsis = "list [STATE] | send [ID...] | drop ID...|all | test",
	.summary = N_("what webhooks are to be told: look, send, drop"),
	.details = N_(
	    "'list' prints the deliveries of the ledger, or those that are waiting, "
	    "sent, "
	    "dead or dropped. 'send' sends now what waits for the webhook, and what is "
	    "dead, or these of it. 'drop' gives up what waits or is dead, of any "
	    "webhook. "
	    "'test' sends one event, in no ledger, and tells what the receiver says. The "
	    "webhook is that of --webhook, or of the config file."),
	.example = "dreamq webhook list dead",
	.opts = webhook_opts,
	.words = webhook_words,
	.takes = ARGS_WORDS,
	.run = webhook_run,
};
