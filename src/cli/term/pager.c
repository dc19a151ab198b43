#include "cli/term/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"

size_t pager_columns_of(int fd)
{
	struct winsize size;

	if (isatty(fd) != 1 || ioctl(fd, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

/* Is there a program of this name on the PATH? */
static bool is_there(const char *name)
{
	const char *path = getenv("PATH");
	_cleanup_free_ char *all = path ? strdup(path) : NULL;
	char *rest = all;

	for (char *folder; rest && (folder = strsep(&rest, ":"));) {
		_cleanup_free_ char *file = NULL;

		if (asprintf(&file, "%s/%s", *folder ? folder : ".", name) < 0)
			file = NULL;
		if (file && access(file, X_OK) == 0)
			return true;
	}
	return false;
}

/* NULL: none is wanted, or the usual one is not installed. */
static const char *command_of(void)
{
	const char *command = getenv("DREAMQ_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = is_there("less") ? "less -FRX" : "";
	return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

/* Signals are its own affair, as if a shell had started it. */
static pid_t spawn(const char *command, int from)
{
	char *argv[] = { strdup("sh"), strdup("-c"), strdup(command), NULL };
	_cleanup_free_ char **environment = environ_for_others(NULL, 0);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	pid_t pid = 0;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigdefault(&attributes, &all);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	if (!argv[0] || !argv[1] || !argv[2] || !environment ||
	    posix_spawn(&pid, "/bin/sh", &actions, &attributes, argv, environment) != 0)
		pid = 0;
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	for (size_t i = 0; i < 3; i++)
		free(argv[i]);
	return pid;
}

void pager_start(struct pager *pager)
{
	const size_t columns = pager_columns_of(STDOUT_FILENO);
	const char *command = isatty(STDOUT_FILENO) == 1 ? command_of() : NULL;
	int ends[2], terminal;

	if (!command || pipe2(ends, O_CLOEXEC))
		return;
	(void)setenv("LESS", "FRX", 0); /* for a $PAGER that is less, as git does */
	/* Our text is UTF-8 in every locale, also in one that this system never made. */
	(void)setenv("LESSCHARSET", "utf-8", 0);
	terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	*pager = (struct pager){ .terminal = terminal, .columns = columns };
	if (terminal >= 0)
		pager->pid = spawn(command, ends[0]);
	(void)close(ends[0]);
	if (pager->pid > 0)
		(void)dup2(ends[1], STDOUT_FILENO);
	else if (terminal >= 0)
		(void)close(terminal);
	(void)close(ends[1]);
}

void pager_end(struct pager *pager)
{
	if (!pager_runs(pager))
		return;
	(void)fflush(stdout);
	(void)dup2(pager->terminal, STDOUT_FILENO);
	(void)close(pager->terminal);
	while (waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pager = (struct pager){ .pid = 0 };
}
