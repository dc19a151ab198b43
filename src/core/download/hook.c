#include "core/download/hook.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "core/common/child.h"

enum { VARIABLES = 5, COMMAND_MAX = 128 << 10, SHOWN_MAX = 80 /* bytes of a command */ };

enum hook_state { HOOK_WAITING, HOOK_RUNNING, HOOK_ENDED };

struct hook {
	TAILQ_ENTRY(hook) others;
	enum hook_state state;
	char *variables[VARIABLES]; /* NAME=value; the path first */
	struct child child; /* HOOK_RUNNING */
	struct err why; /* kind ERR_OK: it went well */
};

TAILQ_HEAD(hook_list, hook);

struct hooks {
	struct net *net;
	const char *command; /* as it was given */
	char *script; /* with "{}" replaced */
	struct hook_list list; /* in the order they came */
	unsigned n_running;
};

static const char path_name[] = "DREAMQ_PATH";

static const char *path_of(const struct hook *hook)
{
	return hook->variables[0] + sizeof(path_name);
}

void hook_free(struct hook *hook)
{
	if (!hook)
		return;
	for (size_t i = 0; i < VARIABLES; i++)
		free(hook->variables[i]);
	free(hook);
}

static void hook_freep(struct hook **hook)
{
	hook_free(*hook);
}

/*
 * The path is not pasted: a shell would read what is in it. Within "..." the quotes are
 * there already; within '...' it is no word of the shell, and the command finds no file.
 */
static enum err_kind make_script(const char *command, char **ret_script, struct err *err)
{
	_cleanup_(buf_release) struct buf script = buf_make(COMMAND_MAX);
	const char *rest = command;

	for (const char *at; (at = strstr(rest, "{}")); rest = at + 2) {
		const bool is_quoted = at > rest && at[-1] == '"' && at[2] == '"';

		buf_add(&script, rest, (size_t)(at - rest));
		buf_addf(&script, "%s", is_quoted ? "$DREAMQ_PATH" : "\"$DREAMQ_PATH\"");
	}
	buf_addf(&script, "%s", rest);
	if (buf_failed(&script))
		return err_set(
		    err, ERR_USAGE, "the --exec command is too long, or out of memory");
	*ret_script = buf_take(&script);
	if (!*ret_script)
		return err_set(err, ERR_USAGE, "the --exec command is empty");
	return ERR_OK;
}

enum err_kind hooks_new(
    struct net *net, const char *command, struct hooks **ret_hooks, struct err *err)
{
	struct hooks *hooks = calloc(1, sizeof(*hooks));

	if (!hooks)
		return err_set(err, ERR_NOMEM, "out of memory for --exec");
	hooks->net = net;
	hooks->command = command;
	TAILQ_INIT(&hooks->list);
	if (make_script(command, &hooks->script, err)) {
		hooks_free(hooks);
		return err->kind;
	}
	*ret_hooks = hooks;
	return ERR_OK;
}

static bool set_variable(char **ret_variable, const char *name, const char *value)
{
	if (asprintf(ret_variable, "%s=%s", name, value ? value : "") >= 0)
		return true;
	*ret_variable = NULL;
	return false;
}

struct hook *hook_new(
    const struct task *task, const struct asset *asset, const char *path)
{
	_cleanup_(hook_freep) struct hook *hook = calloc(1, sizeof(*hook));
	char index[16];

	if (!hook)
		return NULL;
	(void)snprintf(index, sizeof(index), "%d", asset->index);
	if (!set_variable(&hook->variables[0], path_name, path) ||
	    !set_variable(&hook->variables[1], "DREAMQ_ID", task->submit_id) ||
	    !set_variable(&hook->variables[2], "DREAMQ_INDEX", index) ||
	    !set_variable(
		&hook->variables[3], "DREAMQ_KIND", media_kind_name(asset->kind)) ||
	    !set_variable(&hook->variables[4], "DREAMQ_SHA256", asset->sha256))
		return NULL;
	return TAKE_PTR(hook);
}

void hooks_post(struct hooks *hooks, struct hook *take)
{
	TAILQ_INSERT_TAIL(&hooks->list, take, others);
}

/* --- a run of it --------------------------------------------------------------- */

/* What follows says how its command has failed. */
static void set_why(const struct hooks *hooks, struct hook *hook)
{
	err_set(&hook->why, ERR_IO, "'%s' is stored, but --exec '%.*s%s'", path_of(hook),
	    SHOWN_MAX, hooks->command, strlen(hooks->command) > SHOWN_MAX ? "…" : "");
}

static void begin(struct hooks *hooks, struct hook *hook)
{
	const struct child_command command = { .script = hooks->script,
		.variables = hook->variables,
		.n_variables = VARIABLES,
		.input = -1 };
	const int why = child_begin(hooks->net, &command, &hook->child);

	if (why) {
		hook->state = HOOK_ENDED;
		set_why(hooks, hook);
		err_more(&hook->why, " can't be run: %s", strerrordesc_np(why));
		return;
	}
	hook->state = HOOK_RUNNING;
	hooks->n_running++;
}

static void reap(struct hooks *hooks, struct hook *hook)
{
	int status;

	if (!child_ended(hooks->net, &hook->child, &status))
		return;
	hook->state = HOOK_ENDED;
	hooks->n_running--;
	if (status == 0)
		return;
	set_why(hooks, hook);
	if (WIFSIGNALED(status))
		err_more(&hook->why, " was killed by signal %d", WTERMSIG(status));
	else
		err_more(&hook->why, " ended with status %d", WEXITSTATUS(status));
}

/* --- all of them ----------------------------------------------------------------- */

void hooks_step(struct hooks *hooks)
{
	struct hook *hook;

	TAILQ_FOREACH(hook, &hooks->list, others)
		if (hook->state == HOOK_RUNNING)
			reap(hooks, hook);
	TAILQ_FOREACH(hook, &hooks->list, others) {
		if (hooks->n_running >= HOOKS_MAX)
			return;
		if (hook->state == HOOK_WAITING)
			begin(hooks, hook);
	}
}

int64_t hooks_next_ms(const struct hooks *hooks, int64_t now_ms)
{
	const struct hook *hook = TAILQ_FIRST(&hooks->list);

	for (; hook; hook = TAILQ_NEXT(hook, others)) {
		if (hook->state == HOOK_WAITING && hooks->n_running < HOOKS_MAX)
			return now_ms;
		if (hook->state == HOOK_RUNNING && hook->child.pidfd < 0)
			return now_ms + CHILD_POLL_MS;
	}
	return INT64_MAX;
}

size_t hooks_waiting(const struct hooks *hooks)
{
	const struct hook *hook;
	size_t n = 0;

	TAILQ_FOREACH(hook, &hooks->list, others)
		n += hook->state == HOOK_WAITING;
	return n;
}

bool hooks_are_busy(const struct hooks *hooks)
{
	return !TAILQ_EMPTY(&hooks->list);
}

bool hooks_told(struct hooks *hooks, struct err *ret_why)
{
	struct hook *hook = TAILQ_FIRST(&hooks->list);

	while (hook) {
		struct hook *next = TAILQ_NEXT(hook, others);

		if (hook->state == HOOK_ENDED) {
			const bool has_failed = hook->why.kind != ERR_OK;

			if (has_failed)
				*ret_why = hook->why;
			TAILQ_REMOVE(&hooks->list, hook, others);
			hook_free(hook);
			if (has_failed)
				return true;
		}
		hook = next;
	}
	return false;
}

/* Until every child has ended, or its time is over: what stays is init's. */
static void wait_for_children(struct hooks *hooks)
{
	const int64_t until_ms = clock_mono_ms() + HOOK_GRACE_MS;

	while (hooks->n_running > 0 && clock_mono_ms() < until_ms) {
		struct hook *hook;
		struct pollfd first = { .fd = -1, .events = POLLIN };

		TAILQ_FOREACH(hook, &hooks->list, others)
			if (hook->state == HOOK_RUNNING)
				reap(hooks, hook);
		TAILQ_FOREACH(hook, &hooks->list, others)
			if (hook->state == HOOK_RUNNING)
				first.fd = hook->child.pidfd;
		if (hooks->n_running > 0)
			(void)poll(&first, 1, CHILD_POLL_MS);
	}
}

void hooks_free(struct hooks *hooks)
{
	struct hook *hook;

	if (!hooks)
		return;
	TAILQ_FOREACH(hook, &hooks->list, others)
		if (hook->state == HOOK_RUNNING)
			(void)kill(hook->child.pid, SIGTERM);
	wait_for_children(hooks);
	while ((hook = TAILQ_FIRST(&hooks->list))) {
		TAILQ_REMOVE(&hooks->list, hook, others);
		if (hook->state == HOOK_RUNNING)
			child_leave(hooks->net, &hook->child);
		hook_free(hook);
	}
	free(hooks->script);
	free(hooks);
}
