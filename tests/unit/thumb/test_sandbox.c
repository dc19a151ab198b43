/* What the sandbox lets through, and what it kills for, each in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "thumb/sandbox.h"

enum { SURVIVED = 42, NO_SANDBOX = 43 };

/* A system call as it is: no library is in between, nor a sanitizer. */
static const struct {
	const char *what;
	long number;
	long args[6];
	bool is_killed;
} calls[] = {
	{ "open a file", SYS_openat, { AT_FDCWD, (long)"/etc/passwd", O_RDONLY }, true },
	{ "make a file", SYS_openat, { AT_FDCWD, (long)"evil", O_CREAT | O_WRONLY, 0600 },
	    true },
	{ "look at a file", SYS_newfstatat, { AT_FDCWD, (long)"/etc", 0, 0 }, true },
	{ "make a socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, true },
	{ "run a program", SYS_execve, { (long)"/bin/true", 0, 0 }, true },
	{ "make a process", SYS_clone, { SIGCHLD, 0 }, true },
	{ "send a signal", SYS_kill, { 1, 0 }, true },
	{ "trace", SYS_ptrace, { 0, 0, 0, 0 }, true },
	{ "ask for privileges", SYS_prctl, { PR_SET_DUMPABLE, 1 }, true },
	{ "lift a limit", SYS_prlimit64, { 0, RLIMIT_AS, 0, 0 }, true },
	{ "remove a file", SYS_unlinkat, { AT_FDCWD, (long)"evil", 0 }, true },
	{ "make memory that can be run", SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 },
	    true },
	{ "change memory's rights", SYS_mprotect, { 0, 4096, PROT_EXEC }, true },
	{ "have memory", SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 },
	    false },
	{ "read", SYS_read, { -1, 0, 0 }, false },
	{ "write", SYS_write, { -1, 0, 0 }, false },
	{ "seek", SYS_lseek, { -1, 0, 0 }, false },
	{ "close", SYS_close, { -1 }, false },
};

static int run(size_t i)
{
	const long *args = calls[i].args;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (!sandbox_enter())
			syscall(SYS_exit_group, NO_SANDBOX);
		syscall(calls[i].number, args[0], args[1], args[2], args[3], args[4],
		    args[5]);
		syscall(SYS_exit_group, SURVIVED);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const int status = run(i);

		if (calls[i].is_killed &&
		    !(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS))
			fail_msg("%s: not killed, status %#x", calls[i].what,
			    (unsigned)status);
		if (!calls[i].is_killed &&
		    !(WIFEXITED(status) && WEXITSTATUS(status) == SURVIVED))
			fail_msg("%s: status %#x", calls[i].what, (unsigned)status);
	}
}

#ifdef __x86_64__
/* The same numbers by another door of the processor. */
static void test_other_doors(void **state)
{
	const long x32 = 0x40000000;
	int status = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (!sandbox_enter())
			syscall(SYS_exit_group, NO_SANDBOX);
		syscall(x32 | SYS_read, -1, 0, 0);
		syscall(SYS_exit_group, SURVIVED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
#ifdef __x86_64__
		cmocka_unit_test(test_other_doors),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
