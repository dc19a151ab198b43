/*
 * app_open.h - from what was asked to a session with the library; and what is said of its
 * notes, whatever the verb.
 */
#pragma once

#include "cli/app/app.h"

/*
 * For dq_options.on_event: says notes, keeps the log, and passes what is for the verb on.
 */
void app_hear(void *payload, const struct dq_event *event);
/* Make app->dq; `hear` gets the events that are for the verb (not NOTE and LOG). */
enum err_kind app_open(struct app *app,
    void (*hear)(void *payload, const struct dq_event *event), void *payload,
    struct err *err);
/*
 * Make what a session is opened with, for verbs that have several: without events and
 * --on. Its texts are borrowed from *app, and *ret_network by *ret_options.
 */
enum err_kind app_options(const struct app *app, struct dq_network *ret_network,
    struct dq_options *ret_options, struct err *err);
