#include "core/extras.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "core/view.h"

enum { VARIABLES = 5, SIDECAR_MAX = 1 << 20 /* bytes of one that is replaced */ };

struct extras {
	struct job job; /* first: a job is its extras */
	struct engine *engine;
	char *sidecar_path, *sidecar_text; /* NULL: none wanted */
	char id[DQ_ID_MAX + 1]; /* of the task */
	const char *command; /* the caller's option; NULL: none wanted */
	char *variables[VARIABLES]; /* NAME=value */
	struct err err;
	int wait_status;
};

static void extras_free(struct extras *extras)
{
	if (!extras)
		return;
	free(extras->sidecar_path);
	free(extras->sidecar_text);
	for (size_t i = 0; i < VARIABLES; i++)
		free(extras->variables[i]);
	free(extras);
}

static void extras_freep(struct extras **extras)
{
	extras_free(*extras);
}

/* The task as in the JSON output, without its links: they are secrets and die anyway. */
static char *sidecar_text(const struct task *task)
{
	_cleanup_(view_release) struct view view = { 0 };
	struct dq_event event = { .type = DQ_EVENT_TASK };

	if (!view_make(task, &view))
		return NULL;
	for (size_t i = 0; i < view.task.n_assets; i++) {
		view.assets[i].url = NULL;
		view.assets[i].expires_unix = 0;
	}
	event.task = &view.task;
	return dq_event_json(&event);
}

static bool set_variable(char **ret_variable, const char *name, const char *value)
{
	if (asprintf(ret_variable, "%s=%s", name, value ? value : "") >= 0)
		return true;
	*ret_variable = NULL;
	return false;
}

static bool set_variables(
    struct extras *extras, const struct task *task, const struct asset *asset)
{
	char index[16];

	(void)snprintf(index, sizeof(index), "%d", asset->index);
	return set_variable(&extras->variables[0], "DREAMQ_PATH", asset->path) &&
	    set_variable(&extras->variables[1], "DREAMQ_ID", task->submit_id) &&
	    set_variable(&extras->variables[2], "DREAMQ_INDEX", index) &&
	    set_variable(
		&extras->variables[3], "DREAMQ_KIND", media_kind_name(asset->kind)) &&
	    set_variable(&extras->variables[4], "DREAMQ_SHA256", asset->sha256);
}

static struct extras *extras_new(
    struct engine *engine, const struct task *task, const struct asset *asset)
{
	_cleanup_(extras_freep) struct extras *extras = calloc(1, sizeof(*extras));

	if (!extras)
		return NULL;
	extras->engine = engine;
	extras->command = engine->get.exec;
	(void)snprintf(extras->id, sizeof(extras->id), "%s", task->submit_id);
	if (extras->command && !set_variables(extras, task, asset))
		return NULL;
	if (engine->get.sidecar) {
		extras->sidecar_text = sidecar_text(task);
		if (asprintf(&extras->sidecar_path, "%s.json", asset->path) < 0)
			extras->sidecar_path = NULL;
		if (!extras->sidecar_text || !extras->sidecar_path)
			return NULL;
	}
	return TAKE_PTR(extras);
}

static bool is_ours(const struct extras *extras, const char *variable)
{
	const size_t len = strcspn(variable, "=");

	for (size_t i = 0; i < VARIABLES; i++)
		if (strncmp(extras->variables[i], variable, len + 1) == 0)
			return true;
	return false;
}

/* Each name once: of two, some programs take the first and some the last. */
static char **make_environment(const struct extras *extras)
{
	size_t n = 0;
	char **all;

	while (environ[n])
		n++;
	all = calloc(n + VARIABLES + 1, sizeof(*all));
	if (!all)
		return NULL;
	memcpy(all, extras->variables, sizeof(extras->variables));
	n = VARIABLES;
	for (char **variable = environ; *variable; variable++)
		if (!is_ours(extras, *variable))
			all[n++] = *variable;
	return all;
}

/* The program may ignore these; a child must not inherit that. */
static int reset_signals(posix_spawnattr_t *attributes)
{
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGPIPE);
	(void)sigaddset(&signals, SIGXFSZ);
	if (posix_spawnattr_init(attributes))
		return ENOMEM;
	(void)posix_spawnattr_setsigdefault(attributes, &signals);
	(void)posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
	return 0;
}

static int spawn_shell(const struct extras *extras, pid_t *ret_pid)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, strdup(extras->command),
		NULL };
	_cleanup_free_ char **environment = make_environment(extras);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int why = reset_signals(&attributes);

	if (!why && argv[2] && environment && !posix_spawn_file_actions_init(&actions)) {
		(void)posix_spawn_file_actions_addopen(
		    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		(void)posix_spawn_file_actions_adddup2(
		    &actions, STDERR_FILENO, STDOUT_FILENO);
		why = posix_spawn(
		    ret_pid, "/bin/sh", &actions, &attributes, argv, environment);
		posix_spawn_file_actions_destroy(&actions);
		posix_spawnattr_destroy(&attributes);
	} else if (!why) {
		posix_spawnattr_destroy(&attributes);
		why = ENOMEM;
	}
	free(argv[2]);
	return why;
}

static void run_command(struct extras *extras)
{
	pid_t pid;
	int why = spawn_shell(extras, &pid);

	if (why) {
		errno = why;
		err_errno(&extras->err, ERR_IO, "can't run the --exec command");
		return;
	}
	while (waitpid(pid, &extras->wait_status, 0) < 0 && errno == EINTR)
		;
}

/* A file of that name which does not speak of this task is somebody else's. */
static bool is_free_or_ours(const struct extras *extras)
{
	_cleanup_(buf_release) struct buf text = buf_make(SIDECAR_MAX);
	struct err ignored;

	if (!fs_exists(extras->sidecar_path))
		return true;
	return !fs_read_all(extras->sidecar_path, &text, &ignored) &&
	    strstr(text.data, extras->id) != NULL;
}

static void write_sidecar(struct extras *extras)
{
	if (!is_free_or_ours(extras))
		err_set(&extras->err, ERR_IO,
		    "'%s' is another file; no sidecar is written", extras->sidecar_path);
	else if (fs_write_atomic(extras->sidecar_path, extras->sidecar_text,
		     strlen(extras->sidecar_text), 0644, &extras->err))
		err_note(&extras->err, "sidecar");
}

static void run(struct job *job)
{
	struct extras *extras = (struct extras *)job;

	if (extras->sidecar_path)
		write_sidecar(extras);
	if (extras->command)
		run_command(extras);
}

static void done(struct job *job)
{
	struct extras *extras = (struct extras *)job;
	struct dq *dq = extras->engine->dq;

	if (extras->err.kind)
		session_note(dq, "%s", extras->err.msg);
	if (WIFSIGNALED(extras->wait_status))
		session_note(dq, "the --exec command was killed by signal %d",
		    WTERMSIG(extras->wait_status));
	else if (WEXITSTATUS(extras->wait_status))
		session_note(dq, "the --exec command ended with %d",
		    WEXITSTATUS(extras->wait_status));
	extras_free(extras);
}

static void drop(struct job *job)
{
	extras_free((struct extras *)job);
}

void extras_post(
    struct engine *engine, const struct task *task, const struct asset *asset)
{
	struct extras *extras;

	if (!engine->get.exec && !engine->get.sidecar)
		return;
	extras = extras_new(engine, task, asset);
	if (!extras) {
		session_note(engine->dq,
		    "out of memory: no sidecar and no --exec for '%s'", asset->path);
		return;
	}
	extras->job.run = run;
	extras->job.done = done;
	extras->job.drop = drop;
	workers_post(engine->workers, &extras->job);
}
