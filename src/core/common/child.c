#include "core/common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"

/* The program may ignore these, or block others; a child must not inherit that. */
static int set_attributes(posix_spawnattr_t *attributes, bool leads_group)
{
	const short group = leads_group ? POSIX_SPAWN_SETPGROUP : 0;
	sigset_t signals;

	if (posix_spawnattr_init(attributes))
		return ENOMEM;
	(void)sigemptyset(&signals);
	(void)posix_spawnattr_setsigmask(attributes, &signals);
	(void)sigaddset(&signals, SIGPIPE);
	(void)sigaddset(&signals, SIGXFSZ);
	(void)posix_spawnattr_setsigdefault(attributes, &signals);
	(void)posix_spawnattr_setflags(
	    attributes, (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group));
	return 0;
}

/* Its stdin, stdout to stderr, and nothing else: libraries open descriptors, too. */
static int arrange_files(posix_spawn_file_actions_t *actions, int input)
{
	int why = posix_spawn_file_actions_init(actions);

	if (why)
		return why;
	if (input >= 0)
		why = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
	else
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

static int spawn_shell(const struct child_command *command, pid_t *ret_pid)
{
	_cleanup_free_ char *script = strdup(command->script);
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };
	_cleanup_free_ char **environment =
	    environ_for_others(command->variables, command->n_variables);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int why = environment && script
	    ? set_attributes(&attributes, command->leads_group)
	    : ENOMEM;

	if (why)
		return why;
	why = arrange_files(&actions, command->input);
	if (!why) {
		why = posix_spawn(
		    ret_pid, "/bin/sh", &actions, &attributes, argv, environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return why;
}

int child_begin(
    struct net *net, const struct child_command *command, struct child *ret_child)
{
	struct child child = { .pidfd = -1 };
	const int why = spawn_shell(command, &child.pid);
	struct err ignored;

	if (why)
		return why;
	child.pidfd = pidfd_open(child.pid, 0);
	if (child.pidfd >= 0 && net_watch(net, child.pidfd, &ignored)) {
		(void)close(child.pidfd); /* looked at by time, then */
		child.pidfd = -1;
	}
	*ret_child = child;
	return 0;
}

void child_leave(struct net *net, struct child *child)
{
	if (child->pidfd < 0)
		return;
	net_unwatch(net, child->pidfd);
	(void)close(child->pidfd);
	child->pidfd = -1;
}

/* A program that ignores SIGCHLD leaves us no status: that is no failure. */
bool child_ended(struct net *net, struct child *child, int *ret_status)
{
	int status = 0;
	const pid_t pid = waitpid(child->pid, &status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return false;
	child_leave(net, child);
	*ret_status = pid > 0 ? status : 0;
	return true;
}
