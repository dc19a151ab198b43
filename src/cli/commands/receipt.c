#include "cli/commands/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/resume.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"

enum { STATE_MAX = 32, LINE_BYTES = 4096 };

struct receipt_line {
	char id[DQ_ID_MAX + 1]; /* "" until it is on disk */
	char state[STATE_MAX];
	bool is_known; /* from before */
	bool is_told; /* its JSON line is out */
};

int receipt_make(struct app *app, bool is_run, size_t n, struct receipt *ret_receipt)
{
	struct receipt receipt = { .app = app, .is_run = is_run, .n = n };
	struct dq_error error;
	enum dq_status made = dq_ids_new(&receipt.ids, &error);
	const struct err no_memory = { .kind = ERR_NOMEM, .msg = "out of memory" };

	if (made)
		return app_fail_dq(app, made, &error);
	receipt.lines = calloc(n, sizeof(*receipt.lines));
	if (!receipt.lines) {
		receipt_release(&receipt);
		return app_fail(app, &no_memory);
	}
	*ret_receipt = receipt;
	return 0;
}

void receipt_release(struct receipt *receipt)
{
	dq_ids_free(receipt->ids);
	free(receipt->lines);
	*receipt = (struct receipt){ 0 };
}

static bool is_state(const struct receipt_line *line, const char *state)
{
	return line->id[0] && !strcmp(line->state, state);
}

/* A task has one line. */
static void print_submitted(struct app *app, const struct receipt_line *line)
{
	if (app->picked.as == PICK_ALL)
		app_out_json(app, dq_submitted_json(line->id, line->state));
}

/* --- while it works -------------------------------------------------------------- */

void receipt_on_id(void *payload, size_t i, const char *submit_id, bool is_known)
{
	struct receipt *receipt = payload;
	struct receipt_line *line = &receipt->lines[i];
	struct app *app = receipt->app;
	struct dq_error ignored; /* no memory: only `run` needs them, and says so */

	(void)snprintf(line->id, sizeof(line->id), "%s", submit_id);
	(void)snprintf(line->state, sizeof(line->state), "submitting");
	line->is_known = is_known;
	(void)dq_ids_add(receipt->ids, submit_id, "", &ignored);
	if (!app->is_json && !receipt->is_run)
		app_out(app, submit_id);
	if (is_known)
		app_say(app,
		    _("%s: its idempotency key was used before; nothing is submitted "
		      "again"),
		    submit_id);
	else if (!app->is_json && receipt->is_run)
		app_say(app, _("submitted as %s"), submit_id);
}

/* With one submit the sentence at the end says it. */
static void tell_failure(const struct receipt *receipt, const struct dq_task *task)
{
	struct buf text = buf_make(LINE_BYTES);

	if (receipt->n == 1 || !task->is_final || !strcmp(task->state, "succeeded"))
		return;
	buf_addf(&text, "%s: %s", task->submit_id, words_state(task->state));
	words_add_trouble(&text, task);
	app_warn(receipt->app, "%s", text.data);
	buf_release(&text);
}

void receipt_hear(void *payload, const struct dq_event *event)
{
	struct receipt *receipt = payload;
	const struct dq_task *task = event->task;
	bool is_told = false;

	if ((event->type != DQ_EVENT_TASK && event->type != DQ_EVENT_STATE) || !task)
		return;
	for (size_t i = 0; i < receipt->n; i++) {
		struct receipt_line *line = &receipt->lines[i];

		if (strcmp(line->id, task->submit_id) != 0)
			continue;
		(void)snprintf(line->state, sizeof(line->state), "%s", task->state);
		if (event->type != DQ_EVENT_TASK)
			continue;
		if (receipt->app->is_json && !line->is_told && !is_told)
			print_submitted(receipt->app, line);
		is_told = is_told || line->is_told;
		line->is_told = true;
	}
	if (event->type == DQ_EVENT_TASK)
		tell_failure(receipt, task);
}

/* --- the end --------------------------------------------------------------------- */

static size_t count(const struct receipt *receipt, const char *state)
{
	size_t n = 0;

	for (size_t i = 0; i < receipt->n; i++)
		n += is_state(&receipt->lines[i], state);
	return n;
}

static void tell_summary(const struct receipt *receipt)
{
	const size_t waiting = count(receipt, "submitting");
	const size_t unknown = count(receipt, "unknown");
	const size_t failed = count(receipt, "failed") + count(receipt, "cancelled") +
	    count(receipt, "not_found");
	size_t recorded = 0, known = 0;

	for (size_t i = 0; i < receipt->n; i++) {
		recorded += receipt->lines[i].id[0] != '\0';
		known += receipt->lines[i].is_known;
	}
	if (receipt->n > 1 && recorded > 0)
		app_say(receipt->app,
		    _("%zu new, %zu known: %zu accepted, %zu failed, %zu not sent yet, "
		      "%zu unclear"),
		    recorded - known, known, recorded - waiting - unknown - failed,
		    failed, waiting, unknown);
}

/* Tasks that had no last word: the run ended before. */
static void print_untold(struct receipt *receipt)
{
	for (size_t i = 0; i < receipt->n; i++) {
		struct receipt_line *line = &receipt->lines[i];

		if (!line->id[0] || line->is_told)
			continue;
		print_submitted(receipt->app, line);
		for (size_t k = i; k < receipt->n; k++)
			if (!strcmp(receipt->lines[k].id, line->id))
				receipt->lines[k].is_told = true;
	}
}

/* Gathers those that something is left to do for; with `all`, every one. */
static size_t gather(const struct receipt *receipt, bool all, const char **ret_ids)
{
	size_t n = 0;

	for (size_t i = 0; i < receipt->n; i++) {
		const struct receipt_line *line = &receipt->lines[i];

		if (line->id[0] &&
		    (all || is_state(line, "submitting") || is_state(line, "unknown")))
			ret_ids[n++] = line->id;
	}
	return n;
}

static const char *why_unfinished(const struct receipt *receipt)
{
	if (count(receipt, "unknown") == 0)
		return _("not sent yet, and nothing is lost");
	if (count(receipt, "submitting") == 0)
		return _("do not submit it again, this finds out whether it has arrived");
	return _(
	    "some are not sent yet, some may have arrived; do not submit them again");
}

int receipt_end(
    struct receipt *receipt, enum dq_status status, const struct dq_error *error)
{
	_cleanup_free_ const char **ids = calloc(receipt->n, sizeof(*ids));
	const size_t n = ids ? gather(receipt, status == DQ_INTERRUPTED, ids) : 0;
	struct app *app = receipt->app;

	if (app->is_json)
		print_untold(receipt);
	if (app->out_errno)
		return (int)status;
	tell_summary(receipt);
	if (n > 0)
		resume_note(app, "get", ids, n);
	if (status != DQ_OK && status != DQ_RUNNING && status != DQ_INTERRUPTED)
		(void)app_fail_dq(app, status, error);
	if (n > 0 && status == DQ_INTERRUPTED)
		resume_say(app, _("interrupted, and nothing is lost"), "get", ids, n);
	/* `run` goes on with them; for `submit` this is how it ended. */
	else if (n > 0 && (!receipt->is_run || (status != DQ_OK && status != DQ_RUNNING)))
		resume_say(app, why_unfinished(receipt), "get", ids, n);
	return (int)status;
}
