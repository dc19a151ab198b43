/*
 * test_ledger_owners.c - leases among processes: killed ones, stopped ones, crowds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "base/clock.h"
#include "ledger/lease.h"
#include "ledger_processes.h"

enum { TASKS = 200, TAKINGS = 12 };

static char names[TASKS][16];
static const char *ids[TASKS];

static void name_tasks(void)
{
	for (int i = 0; i < TASKS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "t-%03d", i % TASKS);
		ids[i] = names[i];
	}
}

static void adopt_tasks(struct fixture *f)
{
	name_tasks();
	f->ledger = open_ledger(f->path);
	ok(ledger_adopt(f->ledger, ME, ids, TASKS, NOW, &f->err));
	ledger_close(f->ledger);
	f->ledger = NULL;
}

static size_t lease_all(struct ledger *ledger, struct lease *leases, struct err *err)
{
	size_t n = 0;

	for (int i = 0; i < TASKS; i++)
		leases[i] = (struct lease){ .id = ids[i] };
	if (ledger_lease(ledger, ME, leases, TASKS, clock_unix_ms(), err))
		return SIZE_MAX;
	for (int i = 0; i < TASKS; i++)
		n += leases[i].token != 0;
	return n;
}

/* --- killed ------------------------------------------------------------------------- */

static int take_all(const char *path, int me)
{
	static struct lease leases[TASKS];
	struct ledger *ledger = NULL;
	struct err err = { 0 };

	(void)me;
	must(ledger_open(path, &ledger, &err));
	return lease_all(ledger, leases, &err) == TASKS ? 0 : 2;
}

static void a_killed_owner_is_replaced_at_once(void **state)
{
	struct fixture *f = *state;
	static struct lease leases[TASKS];
	struct victim victim;
	int64_t highest;

	adopt_tasks(f);
	victim = victim_start(take_all, f->path, 0);
	f->ledger = open_ledger(f->path);
	assert_int_equal(lease_all(f->ledger, leases, &f->err), 0);
	highest = peek(f, "SELECT max(lease_token) FROM tasks");
	victim_kill(victim);
	assert_int_equal(lease_all(f->ledger, leases, &f->err), TASKS);
	for (int i = 0; i < TASKS; i++)
		assert_true(leases[i].token > highest);
	/* Nothing is left of the dead. */
	assert_int_equal(peek(f, "SELECT count(*) FROM owners"), 1);
}

/* As after an end of the power, or when somebody tidies up: nobody holds a lock. */
static void without_locks_nobody_owns(void **state)
{
	struct fixture *f = *state;
	static struct lease leases[TASKS], theirs[TASKS];
	struct ledger *other = open_ledger(f->path);
	char live[128];
	struct task *seen;

	adopt_tasks(f);
	f->ledger = open_ledger(f->path);
	assert_int_equal(lease_all(f->ledger, leases, &f->err), TASKS);
	(void)snprintf(live, sizeof(live), "%s-live", f->path);
	assert_int_equal(unlink(live), 0);
	assert_int_equal(lease_all(other, theirs, &f->err), TASKS);
	/* The first one still runs, and can't harm. */
	assert_int_equal(lease_all(f->ledger, leases, &f->err), 0);
	seen = look(ids[0], TASK_QUEUED);
	leases[0].token = 1;
	ok(ledger_observe(f->ledger, ME, &seen, &leases[0].token, 1, NOW, &f->err));
	task_free(seen);
	assert_int_equal(state_of(f, ids[0]), TASK_UNKNOWN);
	ledger_close(other);
}

/* --- a crowd ------------------------------------------------------------------------ */

/*
 * A process writes down what it does, a line in one piece: "+" after it has taken a
 * lease or found it still its own, "-" before it gives it back, "x" before it ends.
 */
static bool note(int log, char what, int me, const struct lease *lease)
{
	return dprintf(log, "%c %d %s %lld\n", what, me, lease->id,
		   (long long)lease->token) > 0;
}

static int take_some(struct ledger *ledger, int log, int me, int round)
{
	static struct lease leases[TASKS];
	const char *back[TASKS];
	struct err err = { 0 };
	size_t n = 0;

	if (lease_all(ledger, leases, &err) == SIZE_MAX) {
		(void)fprintf(stderr, "# %s\n", err.msg);
		return 4;
	}
	for (int i = 0; i < TASKS; i++)
		if (leases[i].token && !note(log, '+', me, &leases[i]))
			return 5;
	/* A part is kept, another one each time. */
	for (int i = 0; i < TASKS; i++) {
		if (!leases[i].token || (i + me + round) % 3 == 0)
			continue;
		if (!note(log, '-', me, &leases[i]))
			return 6;
		back[n++] = leases[i].id;
	}
	must(ledger_lease_renew(ledger, clock_unix_ms(), &err));
	must(ledger_lease_release(ledger, ME, back, n, &err));
	return 0;
}

static int compete(const char *path, int me)
{
	struct ledger *ledger = NULL;
	const struct lease end = { .id = "t-0" };
	struct err err = { 0 };
	char name[160];
	int log, status = 0;

	(void)snprintf(name, sizeof(name), "%s-log", path);
	log = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	must(ledger_open(path, &ledger, &err));
	for (int round = 0; !status && round < TAKINGS; round++)
		status = take_some(ledger, log, me, round);
	if (!note(log, 'x', me, &end))
		return 7;
	/* Half of them end without a word, as if killed. */
	if (me % 2 == 0)
		_exit(status);
	ledger_close(ledger);
	return status;
}

/*
 * By the order of the lines: whoever takes a lease finds that the one before has given
 * it back or ended, and draws a larger token.
 */
static void check_log(FILE *file)
{
	enum { NOBODY = -1 };
	static int holders[TASKS];
	static long long tokens[TASKS];
	bool has_ended[PROCESSES] = { false };
	char what, id[16];
	int me, task;
	long long token;
	size_t n_takings = 0;

	memset(holders, 0xff, sizeof(holders));
	while (fscanf(file, " %c %d %15s %lld", &what, &me, id, &token) == 4) {
		assert_int_equal(sscanf(id, "t-%d", &task), 1);
		if (what == 'x') {
			has_ended[me] = true;
			continue;
		}
		if (holders[task] == me) {
			assert_int_equal(token, tokens[task]);
		} else {
			assert_int_equal(what, '+');
			assert_true(holders[task] == NOBODY || has_ended[holders[task]]);
			assert_true(token > tokens[task]);
			n_takings++;
		}
		tokens[task] = token;
		holders[task] = what == '+' ? me : NOBODY;
	}
	assert_true(n_takings > 2 * (size_t)TASKS);
}

static void a_crowd_has_one_owner_for_each(void **state)
{
	struct fixture *f = *state;
	static struct lease leases[TASKS];
	char name[160];
	FILE *file;

	adopt_tasks(f);
	run_processes(compete, f->path);
	(void)snprintf(name, sizeof(name), "%s-log", f->path);
	file = fopen(name, "r");
	assert_non_null(file);
	check_log(file);
	(void)fclose(file);
	/* All have ended, however: everything is free. */
	f->ledger = open_ledger(f->path);
	assert_int_equal(lease_all(f->ledger, leases, &f->err), TASKS);
	assert_int_equal(peek(f, "SELECT count(*) FROM owners"), 1);
}

int main(void)
{
#define P(name) cmocka_unit_test_setup_teardown(name, closed_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		P(a_killed_owner_is_replaced_at_once),
		P(without_locks_nobody_owns),
		P(a_crowd_has_one_owner_for_each),
	};

	return cmocka_run_group_tests_name("ledger_owners", tests, NULL, NULL);
}
