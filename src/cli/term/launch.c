#include "cli/term/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"

static int prepare(posix_spawn_file_actions_t *actions, bool is_quiet)
{
	int failed = posix_spawn_file_actions_addopen(
	    actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (!failed && is_quiet)
		failed = posix_spawn_file_actions_addopen(
		    actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!failed)
		failed = posix_spawn_file_actions_adddup2(
		    actions, STDERR_FILENO, STDOUT_FILENO);
	return failed;
}

static int spawn(const char *const *argv, bool is_quiet, pid_t *ret_pid)
{
	_cleanup_free_ char **environment = environ_for_others(NULL, 0);
	posix_spawn_file_actions_t actions;
	int failed = environment ? posix_spawn_file_actions_init(&actions) : ENOMEM;

	if (failed)
		return failed;
	failed = prepare(&actions, is_quiet);
	if (!failed)
		failed = posix_spawnp(ret_pid, argv[0], &actions, NULL,
		    (char *const *)(uintptr_t)argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

enum err_kind launch(const char *const *argv, bool is_quiet, struct err *err)
{
	int failed, status = -1;
	pid_t pid;

	failed = spawn(argv, is_quiet, &pid);
	if (failed) {
		errno = failed;
		return err_errno(err, ERR_NOT_FOUND, "cannot run '%s'", argv[0]);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ERR_OK;
	if (WIFEXITED(status))
		return err_set(err, ERR_FAILED, "'%s' ended with status %d", argv[0],
		    WEXITSTATUS(status));
	return err_set(err, ERR_FAILED, "'%s' was killed", argv[0]);
}

bool launch_has_desktop(void)
{
	static const char *const names[] = { "WAYLAND_DISPLAY", "DISPLAY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return true;
	}
	return false;
}
