/*
 * app.h - one run of the program: what was asked, the session with the
 * library, and the two ways out: stdout for data, stderr for talk.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/app/picked.h"
#include "cli/options/alias.h"
#include "cli/options/args.h"
#include "cli/options/command.h"
#include "cli/options/settings.h"
#include "cli/output/screen.h"
#include "cli/term/pager.h"
#include "cli/term/style.h"
#include "dreamq/dreamq.h"

enum {
	EXIT_PIPE = 141, /* standard output was closed by its reader */
};

struct app {
	const struct command *command;
	const char *const *argv; /* as the program was started */
	size_t n_argv;
	struct args args;
	struct settings settings;
	struct alias alias; /* what was called by an alias; owns words of argv */
	struct dq *dq; /* NULL until app_open() */
	struct screen screen;
	struct style out_style, err_style;
	struct pager pager; /* of stdout, for what is long */
	struct picked picked; /* what is said of each task; all, unless otherwise told */
	bool is_out_terminal, is_quiet, is_json;
	bool has_told_task, has_told_error; /* lines of JSON that are out */
	bool makes_no_events; /* as the verb may say, of what it is asked to do */
	bool has_lost_log; /* --log-file can't be written any more */
	char *way_on; /* the command that goes on; NULL: none was told. Owned. */
	int out_errno; /* first trouble with stdout; 0: none */
	struct dq_totals totals; /* last heard */
	void (*hear)(void *payload, const struct dq_event *event); /* of the verb */
	void *payload;
};

/* Take what options say about how to talk; after the settings are loaded. */
void app_configure(struct app *app);
/*
 * Take what they say about what is printed of each task (picked.h). 0, or the exit status
 * to leave with: there is no such field, or the verb shows no tasks.
 */
int app_pick(struct app *app);
/*
 * From now on somebody else hears the events; NULL: nobody does. `payload` is borrowed.
 */
void app_listen(struct app *app,
    void (*hear)(void *payload, const struct dq_event *event), void *payload);
void app_release(struct app *app);

/*
 * Say it once, on stderr, and with --json as an "error" line on stdout, too (not for a
 * task that has failed, when its own line is out); the result is the exit status.
 */
int app_fail(struct app *app, const struct err *err);
int app_fail_dq(struct app *app, enum dq_status status, const struct dq_error *error);
/* Returns what the library has said, as an error of this program. */
struct err app_error(enum err_kind kind, const struct dq_error *error);
int app_usage(struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* There is no such verb; DQ_USAGE. */
int app_refuse_verb(struct app *app, const char *name);
/* Say a warning; a plain line of talk. Both are silenced by -q. */
void app_warn(struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void app_say(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints a line of data on stdout. */
void app_out(struct app *app, const char *line);
/* The same for a path: byte for byte, but nothing in it can steer a terminal. */
void app_out_path(struct app *app, const char *path);
/* A line of JSON, which is freed; NULL: there was no memory for it, and that is said. */
void app_out_json(struct app *app, char *take_line);
/*
 * Prints the JSON of an event that a verb hears, as a line of data; a TICK has none. When
 * fields were picked, these of a TASK, and of others nothing.
 */
void app_out_event(struct app *app, const struct dq_event *event);
/* Is what is told of a task for a program: JSON, or fields that were picked? */
static inline bool app_is_for_program(const struct app *app)
{
	return app->is_json || app->picked.as != PICK_ALL;
}
/* The line of JSON on stderr: for who shows progress in a way of his own. */
void app_tell_event(struct app *app, const struct dq_event *event);
/* What comes may be long: on a terminal it goes through a pager, unless told otherwise.
 */
void app_page(struct app *app);
/* Let every line leave at once. For verbs that take a while. */
void app_out_at_once(void);

/* The last thing: flush stdout, and report what `status` has become. */
int app_finish(struct app *app, int status);

/* Returns the more serious of two exit statuses, as DESIGN orders them. */
int app_worse(int a, int b);
/*
 * Returns the folder for "into DIR" and the like: what -o or --sink said, "." by default.
 */
const char *app_folder(const struct app *app);
/* The same, absolute, as the library takes such a text; malloc'ed. NULL: it will say why
 * not. */
char *app_sink_folder(const char *sink);
/* --output-dir and --sink can't both be given: 0, or the exit status. */
int app_refuse_two_places(struct app *app);
