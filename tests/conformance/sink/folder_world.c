#include "world.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void set_up(char ret_place[PLACE_MAX])
{
	(void)strcpy(ret_place, "/tmp/dreamq-suite-XXXXXX");
	assert_non_null(mkdtemp(ret_place));
}

static void tear_down(const char *place)
{
	char command[PLACE_MAX + 16];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place);
	assert_int_equal(system(command), 0);
}

static void put(const char *location, const void *bytes, size_t len)
{
	const int fd = open(location, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(close(fd), 0);
}

static void damage(const char *partial, size_t offset)
{
	const int fd = open(partial, O_RDWR | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
	assert_int_equal(close(fd), 0);
}

static void cut(const char *partial, size_t len)
{
	assert_int_equal(truncate(partial, (off_t)len), 0);
}

static void killed_after(void (*steps)(void *payload), void *payload)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		steps(payload);
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

const struct world world = {
	.name = "folder",
	.set_up = set_up,
	.tear_down = tear_down,
	.put = put,
	.damage = damage,
	.cut = cut,
	.killed_after = killed_after,
};
