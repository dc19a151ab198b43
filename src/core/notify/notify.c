#include "core/notify/notify.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/account/notices.h"
#include "core/common/child.h"
#include "core/notify/line.h"
#include "core/notify/webhook.h"

enum { SHOWN_MAX = 80 /* bytes of a command */ };

/* The desktop's command: title and text are its variables. */
static const char desktop_command[] =
    "exec notify-send -a dreamq -- \"$DREAMQ_TITLE\" \"$DREAMQ_TEXT\"";

struct run {
	TAILQ_ENTRY(run) others;
	size_t rule;
	struct notice_line line;
	bool is_running;
	struct child child;
	int64_t until_ms; /* then SIGTERM, and then SIGKILL */
	bool is_told; /* we have sent SIGTERM, to all that it has begun */
	bool is_reaped; /* the command itself has ended */
	int status; /* of it */
};

TAILQ_HEAD(run_list, run);

struct notify {
	struct dq *dq;
	struct notice_rule *rules; /* those of the session, and the desktop's */
	size_t *failures; /* of each */
	size_t n_rules, n_given;
	struct run_list runs; /* in the order they came */
	size_t n_running, n_waiting, n_dropped;
	struct webhook *webhook; /* NULL: none */
};

static void run_free(struct run *run)
{
	notice_line_release(&run->line);
	free(run);
}

/* --- what came of it ------------------------------------------------------------- */

static const char *shown(const struct notify *notify, size_t rule)
{
	return rule < notify->n_given ? notify->rules[rule].command : "notify-send";
}

/* The first failure of a command says why; how many more there were, its end does. */
static void fail(struct notify *notify, size_t rule, const struct err *why)
{
	if (notify->failures[rule]++ == 0)
		session_note(notify->dq, "%s", err_shown(why));
}

static void tell_failure(struct notify *notify, const struct run *run, int status)
{
	const char *command = shown(notify, run->rule);
	const bool is_desktop = run->rule >= notify->n_given;
	struct err why;

	err_set(&why, ERR_IO, "the command for '%s', '%.*s%s'",
	    notice_name(run->line.notice), SHOWN_MAX, command,
	    strlen(command) > SHOWN_MAX ? "…" : "");
	if (run->is_told)
		err_more(&why, " was ended: it took longer than %d seconds",
		    NOTIFY_LINE_MS / 1000);
	else if (WIFSIGNALED(status))
		err_more(&why, " was killed by signal %d", WTERMSIG(status));
	else if (is_desktop && WEXITSTATUS(status) == 127)
		err_more(&why, " is not installed (Debian: libnotify-bin)");
	else
		err_more(&why, " ended with status %d", WEXITSTATUS(status));
	fail(notify, run->rule, &why);
}

/* --- a run ----------------------------------------------------------------------- */

static void drop(struct notify *notify, struct run *run)
{
	TAILQ_REMOVE(&notify->runs, run, others);
	if (run->is_running)
		notify->n_running--;
	else
		notify->n_waiting--;
	run_free(run);
}

static void begin(struct notify *notify, struct run *run)
{
	const int input = notice_line_open(&run->line);
	const struct child_command command = {
		.script = run->rule < notify->n_given ? notify->rules[run->rule].command
						      : desktop_command,
		.variables = run->line.variables,
		.n_variables = run->line.n_variables,
		.input = input,
		.leads_group = true,
	};
	const int why =
	    input < 0 ? -input : child_begin(notify->dq->net, &command, &run->child);
	struct err err;

	if (input >= 0)
		(void)close(input);
	if (why) {
		err_set(&err, ERR_IO, "the command for '%s', '%.*s', can't be run: %s",
		    notice_name(run->line.notice), SHOWN_MAX, shown(notify, run->rule),
		    strerrordesc_np(why));
		fail(notify, run->rule, &err);
		drop(notify, run);
		return;
	}
	run->is_running = true;
	run->until_ms = clock_mono_ms() + NOTIFY_LINE_MS;
	notify->n_running++;
	notify->n_waiting--;
}

static void end_late_one(struct run *run)
{
	if (clock_mono_ms() < run->until_ms)
		return;
	(void)kill(-run->child.pid, run->is_told ? SIGKILL : SIGTERM);
	run->is_told = true;
	run->until_ms = clock_mono_ms() + NOTIFY_GRACE_MS;
}

/* Who was told to end has when nothing is left of what it had begun, either. */
static bool is_over(struct notify *notify, struct run *run)
{
	if (!run->is_reaped)
		run->is_reaped = child_ended(notify->dq->net, &run->child, &run->status);
	return run->is_reaped &&
	    (!run->is_told || (kill(-run->child.pid, 0) && errno == ESRCH));
}

static void look_at(struct notify *notify, struct run *run)
{
	if (!is_over(notify, run)) {
		end_late_one(run);
		return;
	}
	if (run->status != 0)
		tell_failure(notify, run, run->status);
	drop(notify, run);
}

/* Is one of the same task before it? */
static bool has_to_wait(const struct run *run)
{
	const struct run *before = run;

	while ((before = TAILQ_PREV(before, run_list, others)))
		if (!strcmp(before->line.id, run->line.id))
			return true;
	return false;
}

void notify_step(struct notify *notify)
{
	struct run *run, *next;

	if (notify->webhook)
		webhook_step(notify->webhook);
	for (run = TAILQ_FIRST(&notify->runs); run; run = next) {
		next = TAILQ_NEXT(run, others);
		if (run->is_running)
			look_at(notify, run);
		else if (notify->n_running < NOTIFY_AT_ONCE && !has_to_wait(run))
			begin(notify, run);
		else if (notify->n_running >= NOTIFY_AT_ONCE)
			return;
	}
}

int64_t notify_next_ms(const struct notify *notify)
{
	const int64_t now_ms = notify->dq->now.mono_ms;
	int64_t next_ms = notify->webhook ? webhook_next_ms(notify->webhook) : INT64_MAX;
	const struct run *run;

	if (notify->n_waiting > 0 && notify->n_running == 0)
		return now_ms;
	TAILQ_FOREACH(run, &notify->runs, others)
		if (run->is_running) {
			const int64_t at_ms =
			    run->child.pidfd < 0 ? now_ms + CHILD_POLL_MS : run->until_ms;

			next_ms = at_ms < next_ms ? at_ms : next_ms;
		}
	return next_ms;
}

/* --- what is heard --------------------------------------------------------------- */

static void post(struct notify *notify, size_t rule, enum notice notice,
    const struct dq_event *event, const char *text)
{
	struct run *run;

	if (notify->n_waiting >= NOTIFY_WAITING_MAX) {
		notify->n_dropped++;
		return;
	}
	run = calloc(1, sizeof(*run));
	if (!run || !notice_line_make(notify->dq, notice, event, text, &run->line)) {
		free(run);
		notify->n_dropped++;
		return;
	}
	run->rule = rule;
	TAILQ_INSERT_TAIL(&notify->runs, run, others);
	notify->n_waiting++;
}

static void hear(
    void *payload, enum notice notice, const struct dq_event *event, const char *text)
{
	struct notify *notify = payload;

	for (size_t i = 0; i < notify->n_given; i++)
		if (notify->rules[i].notice == notice)
			post(notify, i, notice, event, text);
	if (notify->webhook)
		webhook_hear(notify->webhook, notice, event, text);
	/* Of each file the desktop hears with its task. */
	if (notify->n_given < notify->n_rules && notice != NOTICE_STORED)
		post(notify, notify->n_given, notice, event, text);
}

enum err_kind notify_new(struct dq *dq, struct notify **ret_notify, struct err *err)
{
	const struct notice_rules *given = &dq->notices;
	struct notify *notify;

	if (given->n == 0 && !given->on_desktop && !dq->target)
		return ERR_OK;
	notify = calloc(1, sizeof(*notify));
	if (!notify)
		return err_set(err, ERR_NOMEM, "out of memory");
	notify->dq = dq;
	notify->rules = given->rules;
	notify->n_given = given->n;
	notify->n_rules = given->n + given->on_desktop;
	TAILQ_INIT(&notify->runs);
	notify->failures = calloc(notify->n_rules + 1, sizeof(*notify->failures));
	if (!notify->failures)
		err_set(err, ERR_NOMEM, "out of memory");
	if (!notify->failures || webhook_new(dq, &notify->webhook, err)) {
		free(notify->failures);
		free(notify);
		return err->kind;
	}
	session_listen(dq, hear, notify);
	*ret_notify = notify;
	return ERR_OK;
}

/* --- the end --------------------------------------------------------------------- */

static void doze(const struct notify *notify)
{
	struct pollfd ends[NOTIFY_AT_ONCE];
	const struct run *run;
	nfds_t n = 0;

	TAILQ_FOREACH(run, &notify->runs, others)
		if (run->is_running && run->child.pidfd >= 0 && n < NOTIFY_AT_ONCE)
			ends[n++] = (struct pollfd){ run->child.pidfd, POLLIN, 0 };
	(void)poll(ends, n, CHILD_POLL_MS);
}

void notify_end(struct notify *notify, int64_t until_ms)
{
	if (!notify)
		return;
	while (!TAILQ_EMPTY(&notify->runs) && clock_mono_ms() < until_ms &&
	    !atomic_load(&notify->dq->is_interrupted)) {
		notify_step(notify);
		if (notify->n_running > 0)
			doze(notify);
	}
	notify->n_dropped += notify->n_waiting;
	for (size_t i = 0; i < notify->n_rules; i++)
		if (notify->failures[i] > 1)
			session_note(notify->dq,
			    "the command '%.*s' failed %zu times in all", SHOWN_MAX,
			    shown(notify, i), notify->failures[i]);
	if (notify->n_dropped > 0)
		session_note(notify->dq, "commands for events that were not run: %zu",
		    notify->n_dropped);
	if (notify->webhook && clock_mono_ms() + WEBHOOK_END_MS < until_ms)
		until_ms = clock_mono_ms() + WEBHOOK_END_MS;
	if (notify->webhook)
		webhook_end(notify->webhook, until_ms);
}

/* SIGTERM now, SIGKILL when the grace is over; both to all that a command has begun. */
static void end_running(struct notify *notify)
{
	const int64_t until_ms = clock_mono_ms() + (int64_t)2 * NOTIFY_GRACE_MS;
	struct run *run, *next;

	TAILQ_FOREACH(run, &notify->runs, others)
		if (run->is_running && !run->is_told)
			run->until_ms = 0;
	while (notify->n_running > 0 && clock_mono_ms() < until_ms) {
		for (run = TAILQ_FIRST(&notify->runs); run; run = next) {
			next = TAILQ_NEXT(run, others);
			if (!run->is_running)
				continue;
			if (is_over(notify, run))
				drop(notify, run);
			else
				end_late_one(run);
		}
		if (notify->n_running > 0)
			doze(notify);
	}
}

void notify_free(struct notify *notify)
{
	struct run *run;

	if (!notify)
		return;
	session_listen(notify->dq, NULL, NULL);
	end_running(notify);
	webhook_free(notify->webhook);
	while ((run = TAILQ_FIRST(&notify->runs))) {
		if (run->is_running)
			child_leave(notify->dq->net, &run->child);
		drop(notify, run);
	}
	free(notify->failures);
	free(notify);
}
