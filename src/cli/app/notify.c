#include "cli/app/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum opt_id id;
	const char *event;
} rows[] = {
	{ OPT_ON_DISK, "disk" },
	{ OPT_ON_DONE, "done" },
	{ OPT_ON_FAILED, "failed" },
	{ OPT_ON_LOGIN, "login" },
	{ OPT_ON_STORED, "stored" },
};

/* Whoever is on this machine can read a command line. */
static enum err_kind refuse_secret(const struct args *args, struct err *err)
{
	const struct value *url = &args->of[OPT_WEBHOOK];

	if (url->origin != FROM_ARGV || !url->text || !strpbrk(url->text, "?@"))
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "what stands behind a '?' or before an '@' of a webhook can be read by "
	    "others "
	    "on the command line; write 'webhook = ...' into the config file, or set "
	    "DREAMQ_WEBHOOK");
}

void notify_options_release(struct notify_options *notify)
{
	for (size_t i = 0; i < notify->n; i++)
		free(notify->made[i]);
	free(notify->all);
	*notify = (struct notify_options){ .n = 0 };
}

enum err_kind notify_options_make(
    const struct app *app, struct notify_options *ret_notify, struct err *err)
{
	const size_t n_rows = sizeof(rows) / sizeof(rows[0]);
	const struct args *args = &app->args;
	const char *url = args_text(args, OPT_WEBHOOK);
	struct notify_options made = { .n = 0 };
	size_t n = args->n_ons;

	if (refuse_secret(args, err))
		return err->kind;
	made.all = calloc(n + n_rows + 1, sizeof(*made.all));
	for (size_t i = 0; made.all && i < n; i++)
		made.all[i] = args->ons[i];
	for (size_t i = 0; made.all && i < n_rows; i++) {
		const char *command = args_text(args, rows[i].id);
		char *text;

		if (!command)
			continue;
		if (asprintf(&text, "%s=%s", rows[i].event, command) < 0) {
			notify_options_release(&made);
			break;
		}
		made.made[made.n++] = text;
		made.all[n++] = text;
	}
	if (!made.all)
		return err_set(err, ERR_NOMEM, "out of memory");
	made.notify = (struct dq_notify){
		.size_bytes = sizeof(made.notify),
		.on = made.all,
		.desktop = args_is_on(args, OPT_NOTIFY),
	};
	made.webhook = (struct dq_webhook){
		.size_bytes = sizeof(made.webhook),
		.url = url,
		.events = args_text(args, OPT_WEBHOOK_EVENTS),
		.secret_file = args_text(args, OPT_WEBHOOK_SECRET_FILE),
		.secret = getenv("DREAMQ_WEBHOOK_SECRET"),
	};
	*ret_notify = made;
	if (url && !app->command->makes_no_events && !app->makes_no_events)
		ret_notify->notify.webhook = &ret_notify->webhook;
	return ERR_OK;
}
