/*
 * notify.h - who else shall be told of events, as the library takes it.
 */
#pragma once

#include "cli/app/app.h"
#include "dreamq/notify.h"
#include "dreamq/webhook.h"

struct notify_options {
	struct dq_notify notify; /* borrows from the rest */
	struct dq_webhook webhook; /* likewise */
	char *made[8]; /* "done=CMD" of --on-done CMD; owned */
	size_t n;
	const char **all; /* owned */
};

/*
 * The rest is borrowed from the options, and *ret_notify borrows from itself: it is to
 * stay where it is. ERR_NOMEM. ERR_USAGE: the webhook's URL is none for a command line.
 */
enum err_kind notify_options_make(
    const struct app *app, struct notify_options *ret_notify, struct err *err);
void notify_options_release(struct notify_options *notify);
