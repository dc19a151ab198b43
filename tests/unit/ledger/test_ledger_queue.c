/*
 * test_ledger_queue.c - the local queue: what waits is sent once, whoever sends it and
 * whatever kills him.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "ledger_processes.h"

/* --- every order of moves --------------------------------------------------------- */

/* What the ledger should make of it, said once more in other words. */
struct model {
	enum task_state state;
	bool is_waiting;
};

static const char moves[] = "bqufwgnd";

static struct model move_model(struct model m, char move)
{
	static const enum task_state told[256] = { ['q'] = TASK_QUEUED,
		['u'] = TASK_UNKNOWN,
		['f'] = TASK_FAILED,
		['g'] = TASK_GENERATING,
		['n'] = TASK_NOT_FOUND };
	const enum task_state to = told[(unsigned char)move];
	const bool is_early = m.state == TASK_SUBMITTING || m.state == TASK_UNKNOWN;
	const bool is_answer = strchr("quf", move);

	if (move == 'b')
		m.is_waiting = false;
	if (move == 'w' && m.state == TASK_SUBMITTING)
		m.is_waiting = true;
	if ((is_answer && is_early) || move == 'g' || move == 'n') {
		if (task_state_may_become(m.state, to))
			m.state = to;
		if (m.state != TASK_SUBMITTING)
			m.is_waiting = false;
	}
	return m;
}

static void do_move(struct fixture *f, const char *id, char move, const struct model *m)
{
	static const struct task_fail refused = { .class = FAIL_QUOTA };
	struct task *seen = NULL;
	size_t n;

	switch (move) {
	case 'b':
		assert_int_equal(
		    begin(f->ledger, ME, id, &f->err) == ERR_OK, m->is_waiting);
		break;
	case 'q':
		ok(answer(f->ledger, id, TASK_QUEUED, NULL, NULL, &f->err));
		break;
	case 'u':
		ok(answer(f->ledger, id, TASK_UNKNOWN, NULL, NULL, &f->err));
		break;
	case 'f':
		ok(answer(f->ledger, id, TASK_FAILED, &refused, NULL, &f->err));
		break;
	case 'w':
		ok(answer(f->ledger, id, TASK_SUBMITTING, &refused, NULL, &f->err));
		break;
	case 'd':
		ok(ledger_settle_dead(f->ledger, &n, &f->err));
		assert_int_equal(n, 0);
		break;
	default:
		seen = look(id, move == 'g' ? TASK_GENERATING : TASK_NOT_FOUND);
		observe(f, seen);
		assert_int_equal(seen->is_waiting, move_model(*m, move).is_waiting);
		task_free(seen);
	}
}

static void run_order(struct fixture *f, const char *order)
{
	const struct intent intent = intent_of(order);
	struct model m = { TASK_SUBMITTING, true };
	struct task *task;

	ok(wait_one(f->ledger, &intent, &f->err));
	for (const char *move = order; *move; move++) {
		do_move(f, order, *move, &m);
		m = move_model(m, *move);
		task = find(f, order);
		if (task->state != m.state || task->is_waiting != m.is_waiting)
			fail_msg("'%.*s': %s%s, expected %s%s", (int)(move - order + 1),
			    order, task_state_name(task->state),
			    task->is_waiting ? ", waits" : "", task_state_name(m.state),
			    m.is_waiting ? ", waits" : "");
		task_free(task);
	}
}

/* Of three moves; and of three more once it was begun. */
static void moves_in_all_orders(void **state)
{
	struct fixture *f = *state;
	const size_t n = strlen(moves);

	for (size_t i = 0; i < n * n * n; i++) {
		const char order[] = { 'b', moves[i % n], moves[i / n % n],
			moves[i / n / n], '\0' };

		run_order(f, order);
		if (order[1] != 'b')
			run_order(f, order + 1);
	}
}

/* --- the request -------------------------------------------------------------------- */

static void the_request_comes_back_to_the_byte(void **state)
{
	struct fixture *f = *state;
	struct intent intent = intent_of("t");
	enum media_kind kind = MEDIA_UNKNOWN;
	char *body = NULL;

	intent.kind = MEDIA_VIDEO;
	intent.body = "{\"prompt\":\"一只猫\\n\",\"submit_id\":\"t\"}";
	ok(wait_one(f->ledger, &intent, &f->err));
	reopen(f);
	ok(ledger_send_begin(f->ledger, ME, "t", &kind, &body, &f->err));
	assert_int_equal(kind, MEDIA_VIDEO);
	assert_string_equal(body, intent.body);
	free(body);
	kind = MEDIA_UNKNOWN;
	ok(ledger_body(f->ledger, ME, "t", &kind, &body, &f->err));
	assert_int_equal(kind, MEDIA_VIDEO);
	assert_string_equal(body, intent.body);
	free(body);
	/* Nothing may be sent for what is being sent, is gone, or is not ours. */
	ok(ledger_send_begin(f->ledger, ME, "t", &kind, &body, &f->err));
	assert_null(body);
	ok(ledger_send_begin(f->ledger, ME, "nobody", &kind, &body, &f->err));
	assert_null(body);
	ok(ledger_send_begin(f->ledger, "other", "t", &kind, &body, &f->err));
	assert_null(body);
	adopt(f, "theirs");
	ok(ledger_send_begin(f->ledger, ME, "theirs", &kind, &body, &f->err));
	assert_null(body);
	ok(ledger_body(f->ledger, ME, "theirs", &kind, &body, &f->err));
	assert_null(body);
	assert_int_equal(
	    ledger_body(f->ledger, ME, "nobody", &kind, &body, &f->err), ERR_NOT_FOUND);
}

static void all_of_a_batch_or_none(void **state)
{
	struct fixture *f = *state;
	struct intent intents[3] = { intent_of("a"), intent_of("b"), intent_of("a") };
	struct intended intended[3];
	size_t refused = 9;

	memset(intended, 'x', sizeof(intended));
	assert_int_equal(
	    ledger_intend(f->ledger, intents, 3, intended, &refused, &f->err), ERR_USAGE);
	assert_int_equal(refused, 2);
	assert_non_null(strstr(f->err.msg, "'a'"));
	assert_int_equal(intended[0].submit_id[0], 'x');
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 0);
	intents[2].submit_id = "c";
	ok(ledger_intend(f->ledger, intents, 3, intended, NULL, &f->err));
	assert_string_equal(intended[2].submit_id, "c");
	assert_false(intended[2].is_known);
	ok(ledger_intend(f->ledger, intents, 0, intended, NULL, &f->err));
	intents[1] = intent_of("d");
	intents[1].body = NULL;
	assert_int_equal(
	    ledger_intend(f->ledger, intents + 1, 1, intended, NULL, &f->err), ERR_USAGE);
	assert_null(strstr(f->err.msg, "submit 1"));
	assert_int_equal(peek(f,
			     "SELECT count(*) FROM tasks WHERE state = 'submitting' "
			     "AND owner = 0 AND is_open = 1"),
	    3);
}

static void a_task_has_three_names(void **state)
{
	struct fixture *f = *state;
	const struct intent one = intent_of("one"), two = intent_of("two");
	const struct answered answered = { .account = ME,
		.submit_id = "one",
		.state = TASK_QUEUED,
		.history_id = "77",
		.alias_id = "two" };
	const struct answered other = { .account = ME,
		.submit_id = "two",
		.state = TASK_QUEUED,
		.history_id = "no id!",
		.alias_id = "theirs" };
	struct task *task;

	ok(send_one(f->ledger, &one, &f->err));
	ok(send_one(f->ledger, &two, &f->err));
	ok(ledger_submitted(f->ledger, &answered, &f->err));
	ok(ledger_submitted(f->ledger, &other, &f->err));
	task = find(f, "77");
	assert_string_equal(task->submit_id, "one");
	assert_string_equal(task->alias_id, "two");
	task_free(task);
	/* The submit id wins over the alias of another. */
	task = find(f, "two");
	assert_string_equal(task->submit_id, "two");
	assert_null(task->history_id);
	task_free(task);
	task = find(f, "theirs");
	assert_string_equal(task->submit_id, "two");
	task_free(task);
	/* A poll that calls it by another name does not lose that one. */
	task = look("theirs", TASK_GENERATING);
	observe(f, task);
	assert_string_equal(task->submit_id, "theirs");
	assert_string_equal(task->alias_id, "theirs");
	task_free(task);
	assert_int_equal(state_of(f, "two"), TASK_GENERATING);
}

/* --- several senders ---------------------------------------------------------------- */

static void only_its_sender_puts_it_back(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	const struct intent intent = intent_of("t");
	const struct task_fail full = { .class = FAIL_QUOTA, .code = "1310" };

	ok(send_one(f->ledger, &intent, &f->err));
	ok(answer(other, "t", TASK_SUBMITTING, &full, NULL, &f->err));
	assert_int_equal(begin(other, ME, "t", &f->err), ERR_NOT_FOUND);
	ok(answer(f->ledger, "t", TASK_SUBMITTING, &full, NULL, &f->err));
	assert_int_equal(peek(f,
			     "SELECT count(*) FROM events WHERE text = 'submitting: "
			     "not accepted this time, waits again (1310)'"),
	    1);
	ok(begin(other, ME, "t", &f->err));
	assert_int_equal(begin(f->ledger, ME, "t", &f->err), ERR_NOT_FOUND);
	/* The first one's sender is not the last one's. */
	ok(answer(f->ledger, "t", TASK_SUBMITTING, &full, NULL, &f->err));
	assert_int_equal(begin(f->ledger, ME, "t", &f->err), ERR_NOT_FOUND);
	ledger_close(other);
}

enum { RACED = 60 };

/* Each begins whatever it can, and writes down what it got. */
static int begin_them_all(const char *path, int me)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };
	char log[160];
	int fd;

	(void)me;
	(void)snprintf(log, sizeof(log), "%s-log", path);
	fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	must(ledger_open(path, &ledger, &err));
	for (int i = 0; i < RACED; i++) {
		enum media_kind kind;
		char id[32], *body = NULL;

		(void)snprintf(id, sizeof(id), "race-%02d", i);
		must(ledger_send_begin(ledger, ME, id, &kind, &body, &err));
		if (!body)
			continue;
		free(body);
		must(answer(ledger, id, TASK_QUEUED, NULL, NULL, &err));
		if (dprintf(fd, "%s\n", id) < 0)
			return 3;
	}
	ledger_close(ledger);
	(void)close(fd);
	return 0;
}

static void of_many_senders_one_gets_it(void **state)
{
	struct fixture *f = *state;
	int got[RACED] = { 0 }, number;
	char log[160], line[16];
	FILE *file;

	f->ledger = open_ledger(f->path);
	for (int i = 0; i < RACED; i++) {
		char id[32];
		struct intent intent;

		(void)snprintf(id, sizeof(id), "race-%02d", i);
		intent = intent_of(id);
		ok(wait_one(f->ledger, &intent, &f->err));
	}
	ledger_close(f->ledger);
	f->ledger = NULL;
	run_processes(begin_them_all, f->path);
	(void)snprintf(log, sizeof(log), "%s-log", f->path);
	file = fopen(log, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		assert_int_equal(sscanf(line, "race-%d", &number), 1);
		got[number]++;
	}
	(void)fclose(file);
	for (int i = 0; i < RACED; i++)
		assert_int_equal(got[i], 1);
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM tasks WHERE state = 'queued'"), RACED);
}

/* --- killed ------------------------------------------------------------------------- */

static int leave_one_at_each_step(const char *path, int me)
{
	const struct intent waits = intent_of("waits"), sent = intent_of("sent"),
			    again = intent_of("again"), done = intent_of("done");
	struct ledger *ledger = NULL;
	struct err err = { 0 };

	(void)me;
	must(ledger_open(path, &ledger, &err));
	must(wait_one(ledger, &waits, &err));
	must(send_one(ledger, &sent, &err));
	must(send_one(ledger, &again, &err));
	must(answer(ledger, "again", TASK_SUBMITTING, NULL, NULL, &err));
	must(send_one(ledger, &done, &err));
	must(answer(ledger, "done", TASK_QUEUED, NULL, "5", &err));
	return 0;
}

static void a_killed_sender_leaves_the_truth(void **state)
{
	struct fixture *f = *state;
	const struct victim victim = victim_start(leave_one_at_each_step, f->path, 0);
	size_t n = 0;

	f->ledger = open_ledger(f->path);
	ok(ledger_settle_dead(f->ledger, &n, &f->err));
	assert_int_equal(n, 0);
	assert_int_equal(begin(f->ledger, ME, "sent", &f->err), ERR_NOT_FOUND);
	victim_kill(victim);
	ok(ledger_settle_dead(f->ledger, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(state_of(f, "sent"), TASK_UNKNOWN);
	assert_int_equal(state_of(f, "done"), TASK_QUEUED);
	/* It may have arrived: never again. What waits has not left. */
	assert_int_equal(begin(f->ledger, ME, "sent", &f->err), ERR_NOT_FOUND);
	ok(begin(f->ledger, ME, "waits", &f->err));
	ok(begin(f->ledger, ME, "again", &f->err));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
#define P(name) cmocka_unit_test_setup_teardown(name, closed_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(moves_in_all_orders),
		T(the_request_comes_back_to_the_byte),
		T(all_of_a_batch_or_none),
		T(a_task_has_three_names),
		T(only_its_sender_puts_it_back),
		P(of_many_senders_one_gets_it),
		P(a_killed_sender_leaves_the_truth),
	};

	return cmocka_run_group_tests_name("ledger_queue", tests, NULL, NULL);
}
