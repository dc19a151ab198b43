#include "cli/app/app.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/app/log_file.h"
#include "cli/options/advice.h"
#include "cli/output/error_line.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"
#include "dreamq/json.h"

enum { SENTENCE_MAX = 2048, PICKED_MAX = 64 * 1024 * 1024 };

/* The most serious to act on comes first. */
static const int by_seriousness[] = { EXIT_PIPE, DQ_INTERRUPTED, DQ_AUTH, DQ_ACCOUNT,
	DQ_STORAGE, DQ_CONTRACT, DQ_NETWORK, DQ_FAILED, DQ_RUNNING, DQ_USAGE, DQ_OK };

int app_worse(int a, int b)
{
	for (size_t i = 0; i < sizeof(by_seriousness) / sizeof(by_seriousness[0]); i++)
		if (a == by_seriousness[i] || b == by_seriousness[i])
			return by_seriousness[i];
	return a;
}

/* --- talk --- */

static void note_output_error(struct app *app)
{
	if (!ferror(stdout) || app->out_errno)
		return;
	app->out_errno = errno ? errno : EIO;
	if (app->out_errno == EPIPE && app->dq)
		dq_interrupt(app->dq);
}

/* Whatever is in it (a server's words, a file's name) can't steer the terminal. */
static void speak(struct app *app, const char *before, enum tone tone, const char *fmt,
    va_list args) __attribute__((format(printf, 4, 0)));

static void speak(
    struct app *app, const char *before, enum tone tone, const char *fmt, va_list args)
{
	char sentence[SENTENCE_MAX];

	_cleanup_free_ char *complete = NULL;

	if (vsnprintf(sentence, sizeof(sentence), fmt, args) < 0)
		return;
	complete = advice_complete(&app->args, sentence);
	if (complete)
		(void)snprintf(sentence, sizeof(sentence), "%s", complete);
	text_make_printable(sentence);
	log_file_add(app, sentence);
	if (app->is_quiet && tone != TONE_BAD)
		return;
	screen_hide(&app->screen);
	errno = 0;
	(void)fflush(stdout); /* so that both keep their order where they meet */
	note_output_error(app);
	(void)fprintf(stderr, "%s%s%s%s\n", style_on(app->err_style, tone), before,
	    style_off(app->err_style, tone), sentence);
}

/* Once something is submitted, the same command again would pay again. */
static char *todo_of(const struct app *app, int status)
{
	char *todo = NULL;

	if (status == DQ_INTERRUPTED && app->way_on)
		return strdup(app->way_on);
	if (!app->way_on || status == DQ_FAILED || status == DQ_USAGE)
		return advice_complete(&app->args, error_line_todo(status));
	if (asprintf(&todo,
		"put right what is said, and do not submit again; then go on with: %s",
		app->way_on) < 0)
		return NULL;
	return todo;
}

/* Prints it with --json; a failed task has said so in its own line. */
static void print_error_line(struct app *app, int status, const char *message)
{
	_cleanup_free_ char *whole = NULL, *todo = NULL;
	char sentence[SENTENCE_MAX];

	if (!app->is_json || app->picked.as != PICK_ALL || app->out_errno ||
	    !error_line_is_for(status) || (status == DQ_FAILED && app->has_told_task))
		return;
	whole = advice_complete(&app->args, message);
	todo = todo_of(app, status);
	(void)snprintf(sentence, sizeof(sentence), "%s", whole ? whole : message);
	text_make_printable(sentence);
	app->has_told_error = true;
	app_out_json(app, dq_error_json(status, sentence, todo));
}

static void say_error(struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void say_error(struct app *app, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	speak(app, "dreamq: ", TONE_BAD, fmt, args);
	va_end(args);
}

int app_fail(struct app *app, const struct err *err)
{
	say_error(app, "%s", err_shown(err));
	print_error_line(app, err_exit_status(err->kind), err->msg);
	return err_exit_status(err->kind);
}

int app_fail_dq(struct app *app, enum dq_status status, const struct dq_error *error)
{
	if (app->out_errno != EPIPE && error->message[0])
		say_error(app, "%s", error->shown[0] ? error->shown : error->message);
	if (error->message[0])
		print_error_line(app, (int)status, error->message);
	return (int)status;
}

struct err app_error(enum err_kind kind, const struct dq_error *error)
{
	struct err err;

	err_set(&err, kind, "%.399s", error->message);
	(void)snprintf(err.shown, sizeof(err.shown), "%.399s", error->shown);
	return err;
}

int app_usage(struct app *app, const char *fmt, ...)
{
	char sentence[SENTENCE_MAX], shown[SENTENCE_MAX];
	va_list args;

	va_start(args, fmt);
	say_english(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	va_start(args, fmt);
	say_format(shown, sizeof(shown), fmt, args);
	va_end(args);
	say_error(app, "%s", shown);
	print_error_line(app, DQ_USAGE, sentence);
	return DQ_USAGE;
}

int app_refuse_verb(struct app *app, const char *name)
{
	const char *nearest = command_nearest(name);

	if (nearest)
		return app_usage(
		    app, "unknown verb '%s'; did you mean '%s'?", name, nearest);
	return app_usage(app, "unknown verb '%s'; see 'dreamq help'", name);
}

void app_warn(struct app *app, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	speak(app, _("dreamq: warning: "), TONE_BUSY, fmt, args);
	va_end(args);
}

void app_say(struct app *app, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	speak(app, "", TONE_PLAIN, fmt, args);
	va_end(args);
}

/* --- data --- */

void app_out(struct app *app, const char *line)
{
	if (app->out_errno)
		return;
	screen_hide(&app->screen);
	errno = 0;
	(void)fputs(line, stdout);
	(void)putc('\n', stdout);
	note_output_error(app);
}

void app_out_path(struct app *app, const char *path)
{
	_cleanup_(buf_release) struct buf line = buf_make(WORDS_MAX);

	if (app->is_out_terminal)
		words_add_clean(&line, path);
	else
		buf_addf(&line, "%s", path);
	app_out(app, line.data);
}

void app_out_json(struct app *app, char *take_line)
{
	if (take_line)
		app_out(app, take_line);
	else
		app_warn(app, _("out of memory: a line is missing"));
	free(take_line);
}

static void out_picked(struct app *app, const struct dq_task *task)
{
	_cleanup_(buf_release) struct buf lines = buf_make(PICKED_MAX);

	if (!picked_add(&app->picked, task, app->is_out_terminal, &lines))
		app_warn(app, _("out of memory: a line is missing"));
	else if (!app->out_errno) {
		screen_hide(&app->screen);
		errno = 0;
		(void)fwrite(lines.data, 1, lines.len, stdout);
		note_output_error(app);
	}
}

void app_out_event(struct app *app, const struct dq_event *event)
{
	char *line;

	if (event->type == DQ_EVENT_TASK && app->picked.as != PICK_ALL)
		out_picked(app, event->task);
	if (event->type == DQ_EVENT_TICK || app->picked.as != PICK_ALL)
		return;
	line = dq_event_json(event);
	app->has_told_task = app->has_told_task || (line && event->type == DQ_EVENT_TASK);
	app_out_json(app, line);
}

void app_tell_event(struct app *app, const struct dq_event *event)
{
	_cleanup_free_ char *line =
	    event->type == DQ_EVENT_TICK ? NULL : dq_event_json(event);

	(void)fflush(stdout);
	if (line && !app->out_errno)
		(void)fprintf(stderr, "%s\n", line);
}

void app_page(struct app *app)
{
	if (!app_is_for_program(app) && !args_is_on(&app->args, OPT_NO_PAGER))
		pager_start(&app->pager);
}

void app_out_at_once(void)
{
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
}

int app_finish(struct app *app, int status)
{
	screen_end(&app->screen);
	if (!app->has_told_error && error_line_is_for(status))
		print_error_line(app, status, error_line_sentence(status));
	errno = 0;
	if (!app->out_errno && (fflush(stdout) != 0 || ferror(stdout)))
		app->out_errno = errno ? errno : EIO;
	if (pager_runs(&app->pager) && app->out_errno == EPIPE) {
		app->out_errno = 0; /* somebody has seen enough */
		status = DQ_OK;
	}
	pager_end(&app->pager);
	if (!app->out_errno)
		return status;
	if (app->out_errno == EPIPE)
		return EXIT_PIPE;
	say_error(
	    app, _("cannot write to standard output: %s"), strerror(app->out_errno));
	return app_worse(status, DQ_STORAGE);
}

/* --- the session --- */

void app_configure(struct app *app)
{
	const char *color = args_text(&app->args, OPT_COLOR);

	app->is_quiet = args_is_on(&app->args, OPT_QUIET);
	app->is_json = args_is_on(&app->args, OPT_JSON);
	app->out_style = style_make(color, STDOUT_FILENO);
	app->is_out_terminal = isatty(STDOUT_FILENO) == 1;
	app->err_style = style_make(color, STDERR_FILENO);
}

int app_pick(struct app *app)
{
	const struct value *json = &app->args.of[OPT_JSON];
	struct err err;
	int64_t ignored;

	if (options_has(app->command->opts, OPT_PRINT))
		return picked_make(&app->args, &app->picked, &err) ? app_fail(app, &err)
								   : 0;
	if (json->origin == FROM_ARGV && json->text &&
	    !args_read_switch(json->text, &ignored))
		return app_usage(app, "'%s' prints all its fields: write --json alone",
		    app->command->name);
	return 0;
}

void app_listen(struct app *app,
    void (*hear)(void *payload, const struct dq_event *event), void *payload)
{
	app->hear = hear;
	app->payload = payload;
}

void app_release(struct app *app)
{
	signals_watch(NULL);
	dq_close(app->dq);
	args_release(&app->args);
	settings_release(&app->settings);
	alias_release(&app->alias);
	picked_release(&app->picked);
	free(app->way_on);
	*app = (struct app){ 0 };
}

const char *app_folder(const struct app *app)
{
	const char *sink = args_text(&app->args, OPT_SINK);
	const char *folder = args_text(&app->args, OPT_OUTPUT_DIR);

	if (sink)
		return sink;
	return folder ? folder : ".";
}

char *app_sink_folder(const char *sink)
{
	struct err err;

	if (!strncmp(sink, "file://localhost/", 17))
		sink += 16;
	else if (!strncmp(sink, "file:///", 8))
		sink += 7;
	else if (!strncmp(sink, "file:", 5))
		sink += 5;
	return fs_absolute(sink, &err);
}

int app_refuse_two_places(struct app *app)
{
	const struct args *args = &app->args;

	if (args_has(args, OPT_SINK) && args->of[OPT_OUTPUT_DIR].origin == FROM_ARGV)
		return app_usage(app, "give either --output-dir or --sink, not both");
	return 0;
}
