#include "pictures/helper.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "base/fs.h"
#if __has_include("pictures/libexecdir.h") /* made by the build */
#include "pictures/libexecdir.h"
#else
#define DREAMQ_LIBEXECDIR "/usr/local/libexec/dreamq"
#endif

static const struct {
	const char *name, *variable;
} helpers[] = {
	[HELPER_THUMB] = { "dreamq-thumb", "DREAMQ_THUMB" },
	[HELPER_POSTER] = { "dreamq-poster", "DREAMQ_POSTER" },
	[HELPER_SHEET] = { "dreamq-sheet", "DREAMQ_SHEET" },
};

const char *helper_name(enum helper_kind kind)
{
	return helpers[kind].name;
}

/* "folder/below/name", if that can be run. */
static char *find_in(const char *folder, const char *below, const char *name)
{
	char *path;

	if (!folder || asprintf(&path, "%s%s/%s", folder, below, name) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

char *helper_find(enum helper_kind kind, struct err *err)
{
	const char *told = getenv(helpers[kind].variable);
	const char *name = helpers[kind].name;
	_cleanup_free_ char *own = NULL;
	char *path;

	if (told && told[0]) {
		path = access(told, X_OK) == 0 ? strdup(told) : NULL;
		if (!path)
			err_set(err, ERR_NOT_FOUND, "%s names '%s', which can't be run",
			    helpers[kind].variable, told);
		return path;
	}
	own = fs_own_folder();
	path = find_in(own, "", name); /* a build */
	if (!path)
		path = find_in(own, "/../libexec/dreamq", name);
	if (!path)
		path = find_in(DREAMQ_LIBEXECDIR, "", name);
	if (!path)
		err_set(err, ERR_NOT_FOUND,
		    "the program '%s', which belongs to dreamq, is not in '%s'; install "
		    "it "
		    "there, or name it in %s",
		    name, DREAMQ_LIBEXECDIR, helpers[kind].variable);
	return path;
}

/* Signals as they are by default, and none held back: it has to die when it is told. */
static int spawn(const char *path, int socket_fd, int output_fd, pid_t *ret_pid)
{
	char *argv[] = { (char *)(uintptr_t)path, NULL };
	_cleanup_free_ char **environment = environ_for_others(NULL, 0);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int failed;

	sigemptyset(&none);
	sigfillset(&all);
	if (!environment || posix_spawn_file_actions_init(&actions))
		return ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	failed = posix_spawn_file_actions_adddup2(&actions, socket_fd, STDIN_FILENO);
	if (!failed && output_fd >= 0)
		failed =
		    posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
	if (!failed)
		failed =
		    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	if (!failed)
		failed = posix_spawnattr_setsigmask(&attributes, &none);
	if (!failed)
		failed = posix_spawnattr_setsigdefault(&attributes, &all);
	if (!failed)
		failed = posix_spawnattr_setflags(
		    &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!failed)
		failed =
		    posix_spawn(ret_pid, path, &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

enum err_kind helper_start(struct helper *helper, int output_fd, struct err *err)
{
	_cleanup_free_ char *path = helper_find(helper->kind, err);
	int ends[2], failed;
	pid_t pid;

	if (!path)
		return ERR_NOT_FOUND;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return err_errno(err, ERR_IO, "cannot make a socket for '%s'", path);
	failed = spawn(path, ends[1], output_fd, &pid);
	(void)close(ends[1]);
	if (failed) {
		(void)close(ends[0]);
		errno = failed;
		return err_errno(err, ERR_NOT_FOUND, "cannot start '%s'", path);
	}
	helper->pid = pid;
	helper->fd = ends[0];
	helper->answers = 0;
	return ERR_OK;
}

int helper_stop(struct helper *helper)
{
	int status = -1;

	if (helper->pid == 0)
		return -1;
	(void)close(helper->fd);
	/* One that has ended by itself keeps how it did. */
	if (waitpid(helper->pid, &status, WNOHANG) == 0) {
		(void)kill(helper->pid, SIGKILL);
		while (waitpid(helper->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	helper->pid = 0;
	helper->fd = -1;
	return status;
}
