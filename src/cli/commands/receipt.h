/*
 * receipt.h - what people and programs are told of their submits.
 *
 *			stdout				stderr
 *	submit		each id, once it is on disk	refusals; how to go on
 *	run		nothing				the same, and the ids
 *	--json		a "submitted" line a task,	the same
 *			when it has ended
 */
#pragma once

#include "cli/app/app.h"
#include "dreamq/ids.h"
#include "dreamq/submit.h"

struct receipt {
	struct app *app;
	bool is_run;
	size_t n; /* submits */
	struct receipt_line *lines; /* one each */
	struct dq_ids *ids; /* of the tasks that are on disk */
};

/* Makes one for n submits. Returns 0, or the exit status, and has said why. */
int receipt_make(struct app *app, bool is_run, size_t n, struct receipt *ret_receipt);
void receipt_release(struct receipt *receipt);
/* Is for dq_submit_all(); the payload is the receipt. */
void receipt_on_id(void *payload, size_t i, const char *submit_id, bool is_known);
/* Is for app_listen(); the payload is the receipt. */
void receipt_hear(void *payload, const struct dq_event *event);
/* The rest, and the way to go on. Returns the exit status. */
int receipt_end(
    struct receipt *receipt, enum dq_status status, const struct dq_error *error);
