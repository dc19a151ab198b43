#include <string.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/input.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/marks.h"

enum { NOTE_ROOM = 64 * 1024 };

static const enum opt_id note_opts[] = { OPT_DRY_RUN, OPT_COUNT };

/* Without a text: what is there. */
static void print_note(void *payload, const struct dq_event *event)
{
	struct app *app = payload;

	if (event->type != DQ_EVENT_TASK || app->args.n_left > 1)
		return;
	if (app->is_json)
		app_out_event(app, event);
	else if (event->task->note)
		app_out_path(app, event->task->note);
}

static int put_note(struct app *app, const char *id, const char *text)
{
	const struct dq_mark mark = { .size_bytes = sizeof(mark), .note = text };
	const bool is_dry = args_is_on(&app->args, OPT_DRY_RUN);
	struct dq_error error = { 0 };
	const enum dq_status status =
	    is_dry ? dq_show(app->dq, id, &error) : dq_mark(app->dq, id, &mark, &error);

	if (status)
		return app_fail_dq(app, status, &error);
	if (is_dry)
		app_say(app, _("task '%s' would get this note: %s"), id, text);
	return DQ_OK;
}

static int note_run(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	_cleanup_(buf_release) struct buf read = buf_make(NOTE_ROOM);
	const char *text = app->args.n_left > 1 ? app->args.left[1] : NULL;
	struct dq_error error = { 0 };
	struct err err;
	int status;

	if (app->args.n_left == 0 || app->args.n_left > 2)
		return app_usage(
		    app, "'note' needs an id and a text; put the text in quotes");
	if (text && !strcmp(text, "-")) {
		if (input_read(app, "-", &read, &err))
			return app_fail(app, &err);
		while (read.len > 0 && read.data[read.len - 1] == '\n')
			read.data[--read.len] = '\0';
		if (memchr(read.data, '\0', read.len))
			return app_usage(app, "the note on standard input is no text");
		text = read.data;
	}
	app->args.n_left = 1;
	status = input_known(app, text ? NULL : print_note, app, &known);
	if (status)
		return status;
	if (text)
		return put_note(app, known.list[0], text);
	status = (int)dq_show(app->dq, known.list[0], &error);
	return status ? app_fail_dq(app, (enum dq_status)status, &error) : DQ_OK;
}

const struct command cmd_note = {
	.name = "note",
	.synopsis = "ID [TEXT]",
	.summary = N_("write a note on a task, or print it"),
	.details =
	    N_("'-' reads the note from standard input; an empty one takes it away. "
	       "--search of 'dreamq list' looks through notes, 'dreamq show' shows "
	       "them. They are in the ledger only; nothing is sent."),
	.example = "dreamq note ID 'the one for the poster'",
	.opts = note_opts,
	.takes = ARGS_TAGS,
	.makes_no_events = true,
	.run = note_run,
};
