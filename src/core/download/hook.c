#include "core/download/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

enum { VARIABLES = 5, COMMAND_MAX = 128 << 10, SHOWN_MAX = 80 /* bytes of a command */ };

enum hook_state { HOOK_WAITING, HOOK_RUNNING, HOOK_ENDED };

struct hook {
	TAILQ_ENTRY(hook) others;
	enum hook_state state;
	char *variables[VARIABLES]; /* NAME=value; the path first */
	pid_t pid;
	int pidfd; /* -1: the kernel has none for us */
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
	if (hook->pidfd >= 0)
		(void)close(hook->pidfd);
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
	hook->pidfd = -1;
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

/* --- a child ------------------------------------------------------------------- */

static bool is_ours(const struct hook *hook, const char *variable)
{
	const size_t len = strcspn(variable, "=");

	for (size_t i = 0; i < VARIABLES; i++)
		if (strncmp(hook->variables[i], variable, len + 1) == 0)
			return true;
	return false;
}

/* Each name once: of two, some programs take the first and some the last. */
static char **make_environment(const struct hook *hook)
{
	size_t n = 0;
	char **all;

	while (environ[n])
		n++;
	all = calloc(n + VARIABLES + 1, sizeof(*all));
	if (!all)
		return NULL;
	memcpy(all, hook->variables, sizeof(hook->variables));
	n = VARIABLES;
	for (char **variable = environ; *variable; variable++)
		if (!is_ours(hook, *variable))
			all[n++] = *variable;
	return all;
}

/* The program may ignore these, or block others; a child must not inherit that. */
static int reset_signals(posix_spawnattr_t *attributes)
{
	sigset_t signals;

	if (posix_spawnattr_init(attributes))
		return ENOMEM;
	(void)sigemptyset(&signals);
	(void)posix_spawnattr_setsigmask(attributes, &signals);
	(void)sigaddset(&signals, SIGPIPE);
	(void)sigaddset(&signals, SIGXFSZ);
	(void)posix_spawnattr_setsigdefault(attributes, &signals);
	(void)posix_spawnattr_setflags(
	    attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return 0;
}

/* stdin closed, stdout to stderr, and nothing else: libraries open descriptors, too. */
static int arrange_files(posix_spawn_file_actions_t *actions)
{
	int why = posix_spawn_file_actions_init(actions);

	if (why)
		return why;
	why = posix_spawn_file_actions_addopen(
	    actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!why)
		why = posix_spawn_file_actions_adddup2(
		    actions, STDERR_FILENO, STDOUT_FILENO);
	if (!why)
		why =
		    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	if (why)
		posix_spawn_file_actions_destroy(actions);
	return why;
}

static int spawn_shell(const struct hooks *hooks, struct hook *hook)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, hooks->script, NULL };
	_cleanup_free_ char **environment = make_environment(hook);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int why = environment ? reset_signals(&attributes) : ENOMEM;

	if (why)
		return why;
	why = arrange_files(&actions);
	if (!why) {
		why = posix_spawn(
		    &hook->pid, "/bin/sh", &actions, &attributes, argv, environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return why;
}

/* What follows says how its command has failed. */
static void set_why(const struct hooks *hooks, struct hook *hook)
{
	err_set(&hook->why, ERR_IO, "'%s' is stored, but --exec '%.*s%s'", path_of(hook),
	    SHOWN_MAX, hooks->command, strlen(hooks->command) > SHOWN_MAX ? "…" : "");
}

static void begin(struct hooks *hooks, struct hook *hook)
{
	const int why = spawn_shell(hooks, hook);
	struct err ignored;

	if (why) {
		hook->state = HOOK_ENDED;
		set_why(hooks, hook);
		err_more(&hook->why, " can't be run: %s", strerrordesc_np(why));
		return;
	}
	hook->state = HOOK_RUNNING;
	hooks->n_running++;
	hook->pidfd = pidfd_open(hook->pid, 0);
	if (hook->pidfd >= 0 && net_watch(hooks->net, hook->pidfd, &ignored)) {
		(void)close(hook->pidfd); /* looked at by time, then */
		hook->pidfd = -1;
	}
}

static void end(struct hooks *hooks, struct hook *hook)
{
	hook->state = HOOK_ENDED;
	hooks->n_running--;
	if (hook->pidfd < 0)
		return;
	net_unwatch(hooks->net, hook->pidfd);
	(void)close(hook->pidfd);
	hook->pidfd = -1;
}

/* A program that ignores SIGCHLD leaves us no status: that is no failure. */
static void reap(struct hooks *hooks, struct hook *hook)
{
	int status = 0;
	const pid_t pid = waitpid(hook->pid, &status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return;
	end(hooks, hook);
	if (pid <= 0 || status == 0)
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
		if (hook->state == HOOK_RUNNING && hook->pidfd < 0)
			return now_ms + HOOK_POLL_MS;
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
				first.fd = hook->pidfd;
		if (hooks->n_running > 0)
			(void)poll(&first, 1, HOOK_POLL_MS);
	}
}

void hooks_free(struct hooks *hooks)
{
	struct hook *hook;

	if (!hooks)
		return;
	TAILQ_FOREACH(hook, &hooks->list, others)
		if (hook->state == HOOK_RUNNING)
			(void)kill(hook->pid, SIGTERM);
	wait_for_children(hooks);
	while ((hook = TAILQ_FIRST(&hooks->list))) {
		TAILQ_REMOVE(&hooks->list, hook, others);
		if (hook->state == HOOK_RUNNING)
			end(hooks, hook);
		hook_free(hook);
	}
	free(hooks->script);
	free(hooks);
}
