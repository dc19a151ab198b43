/*
 * ledger_processes.h - several processes on the ledger of a fixture, and such as are
 * killed. For the tests of the ledger; include it behind cmocka.h.
 */
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger_fixture.h"

enum { PROCESSES = 8 };

/* A fixture without an open ledger: sqlite's bookkeeping must not be inherited. */
static inline int closed_make(void **state)
{
	struct fixture *f;

	(void)fixture_make(state);
	f = *state;
	ledger_close(f->ledger);
	f->ledger = NULL;
	return 0;
}

#define must(call)                                                           \
	do {                                                                 \
		if ((call) != ERR_OK) {                                      \
			(void)fprintf(stderr, "# %s: %s\n", #call, err.msg); \
			return 1;                                            \
		}                                                            \
	} while (0)

typedef int child_work(const char *path, int me);

/* Start them, let them go at one moment, and expect each to end with 0. */
static inline void run_processes(child_work *work, const char *path)
{
	pid_t pids[PROCESSES];
	int gate[2], status;
	char byte;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			(void)close(gate[1]);
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(read(gate[0], &byte, 1) == 0 ? work(path, i) : 2);
		}
	}
	(void)close(gate[0]);
	(void)close(gate[1]);
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

/* A process that has done its work and now waits for its end. */
struct victim {
	pid_t pid;
};

/* Returns when the work is done; it must not return other than 0. */
static inline struct victim victim_start(child_work *work, const char *path, int me)
{
	struct victim victim;
	char byte = 0;
	int told[2];

	assert_int_equal(pipe(told), 0);
	victim.pid = fork();
	assert_true(victim.pid >= 0);
	if (victim.pid == 0) {
		/* A test that fails before the kill leaves nobody behind. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		byte = (char)work(path, me);
		(void)!write(told[1], &byte, 1);
		for (;;)
			(void)pause();
	}
	(void)close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(byte, 0);
	(void)close(told[0]);
	return victim;
}

static inline void victim_kill(struct victim victim)
{
	assert_int_equal(kill(victim.pid, SIGKILL), 0);
	assert_int_equal(waitpid(victim.pid, NULL, 0), victim.pid);
}
