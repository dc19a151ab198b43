/*
 * test_ledger_again.c - a transaction may be run again: after all of it was undone, and
 * after it was committed and nobody heard so. ledger_run() is wrapped for that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/lease.h"
#include "ledger/sqlite/handle.h"
#include "ledger/walk.h"
#include "ledger_fixture.h"

/* What happens to each transaction before it is run as it should be. */
static enum outcome { NOTHING, IS_UNDONE, IS_UNHEARD } outcome;

/* Between the two: another process. */
static void (*meanwhile)(void);

struct undone {
	ledger_work *work;
	void *payload;
	enum err_kind kind;
};

enum err_kind __real_ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err);
enum err_kind __wrap_ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err);

static enum err_kind work_and_fail(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct undone *undone = payload;

	undone->kind = undone->work(ledger, undone->payload, err);
	return undone->kind ? undone->kind : err_set(err, ERR_LOCKED, "try again");
}

enum err_kind __wrap_ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err)
{
	struct undone undone = { work, payload, ERR_OK };
	struct err unheard;

	if (outcome == IS_UNDONE) {
		(void)__real_ledger_run(ledger, purpose, work_and_fail, &undone, err);
		if (undone.kind)
			return undone.kind;
	}
	if (outcome == IS_UNHEARD &&
	    __real_ledger_run(ledger, purpose, work, payload, &unheard)) {
		*err = unheard;
		return unheard.kind;
	}
	if (outcome != NOTHING && meanwhile)
		meanwhile();
	return __real_ledger_run(ledger, purpose, work, payload, err);
}

static int both_make(void **state)
{
	outcome = NOTHING;
	meanwhile = NULL;
	return fixture_make(state);
}

static int64_t n_events(const struct fixture *f)
{
	return peek(f, "SELECT count(*) FROM events");
}

/* --- submitting --------------------------------------------------------------------- */

static void intends(struct fixture *f, enum outcome what)
{
	struct intent intents[3] = { intent_of("a"), intent_of("b"), intent_of("c") };
	struct intended intended[3];

	intents[1].idempotency_key = "k";
	intents[1].content_hash = "w";
	intents[2].idempotency_key = "k"; /* the same wish: b's task */
	intents[2].content_hash = "w";
	outcome = what;
	ok(ledger_intend(f->ledger, intents, 3, intended, NULL, &f->err));
	assert_string_equal(intended[0].submit_id, "a");
	assert_false(intended[0].is_known);
	assert_string_equal(intended[1].submit_id, "b");
	assert_false(intended[1].is_known);
	assert_string_equal(intended[2].submit_id, "b");
	assert_true(intended[2].is_known);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 2);
	assert_int_equal(n_events(f), 2);
	/* Another call with the id is a mistake, as ever; the key's task is known. */
	assert_int_equal(
	    ledger_intend(f->ledger, intents, 1, intended, NULL, &f->err), ERR_USAGE);
	ok(ledger_intend(f->ledger, intents + 1, 1, intended, NULL, &f->err));
	assert_true(intended[0].is_known);
}

static void a_wish_is_one_task(void **state)
{
	intends(*state, IS_UNDONE);
}

static void a_wish_that_was_written_is_ours(void **state)
{
	intends(*state, IS_UNHEARD);
}

/* The key that it took over is its own now, and stays. */
static void a_repeat_keeps_its_key(void **state)
{
	struct fixture *f = *state;
	struct intent first = intent_of("first"), again = intent_of("again");
	struct intended intended;

	first.idempotency_key = again.idempotency_key = "k";
	first.content_hash = again.content_hash = "w";
	again.rerolls = "first";
	ok(wait_one(f->ledger, &first, &f->err));
	for (outcome = IS_UNDONE; outcome <= IS_UNHEARD; outcome++) {
		ok(ledger_intend(f->ledger, &again, 1, &intended, NULL, &f->err));
		assert_string_equal(intended.submit_id, again.submit_id);
		assert_false(intended.is_known);
		assert_int_equal(peek(f,
				     "SELECT count(*) FROM tasks WHERE "
				     "idempotency_key = 'k' AND submit_id LIKE 'again%'"),
		    1);
		again.submit_id = "again2";
		again.rerolls = "again";
	}
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 3);
}

static struct fixture *here;

static void send_it(void)
{
	struct fixture *f = here;
	struct ledger *other;

	meanwhile = NULL;
	outcome = NOTHING;
	other = open_ledger(f->path);
	ok(begin(other, ME, "a", &f->err));
	ledger_close(other);
}

/* Who hears late that it was written finds it being sent by another: still his wish. */
static void what_was_sent_meanwhile_is_ours_too(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("a");

	here = f;
	meanwhile = send_it;
	outcome = IS_UNHEARD;
	ok(wait_one(f->ledger, &intent, &f->err));
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 1);
}

static void begins(struct fixture *f, enum outcome what)
{
	const struct intent intent = intent_of("a");

	ok(wait_one(f->ledger, &intent, &f->err));
	outcome = what;
	ok(begin(f->ledger, ME, "a", &f->err));
	assert_int_equal(n_events(f), 2);
	/* A second call gets no request: the first one may be on its way. */
	assert_int_equal(begin(f->ledger, ME, "a", &f->err), ERR_NOT_FOUND);
}

static void a_request_is_given_once(void **state)
{
	begins(*state, IS_UNDONE);
}

static void a_request_that_was_begun_is_ours(void **state)
{
	begins(*state, IS_UNHEARD);
}

/* Undone, and begun by another before it could be run again: nothing may be sent. */
static void a_request_that_another_begins_is_not_ours(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("a");

	ok(wait_one(f->ledger, &intent, &f->err));
	here = f;
	meanwhile = send_it;
	outcome = IS_UNDONE;
	assert_int_equal(begin(f->ledger, ME, "a", &f->err), ERR_NOT_FOUND);
}

static void answers(struct fixture *f, enum outcome what, enum task_state state)
{
	const struct intent intent = intent_of("a");
	const struct task_fail fail = { .class = FAIL_SERVICE, .code = "7" };
	const struct answered answered = { .account = ME,
		.submit_id = "a",
		.state = state,
		.fail = state == TASK_QUEUED ? NULL : &fail,
		.history_id = state == TASK_QUEUED ? "77" : NULL };

	ok(wait_one(f->ledger, &intent, &f->err));
	ok(begin(f->ledger, ME, "a", &f->err));
	outcome = what;
	ok(ledger_submitted(f->ledger, &answered, &f->err));
	assert_int_equal(state_of(f, "a"), state);
	assert_int_equal(n_events(f), 3);
	outcome = NOTHING;
	if (state == TASK_SUBMITTING)
		ok(begin(f->ledger, ME, "a", &f->err));
}

static void an_answer_is_taken_once(void **state)
{
	struct fixture *f = *state;

	for (outcome = IS_UNDONE; outcome <= IS_UNHEARD; outcome++) {
		const enum outcome now = outcome;

		outcome = NOTHING;
		answers(f, now, now == IS_UNDONE ? TASK_QUEUED : TASK_SUBMITTING);
		ok(ledger_forget(f->ledger, ME, "a", &f->err));
		outcome = now;
	}
}

/* --- the others --------------------------------------------------------------------- */

static void what_is_forgotten_was_there(void **state)
{
	struct fixture *f = *state;

	for (outcome = IS_UNDONE; outcome <= IS_UNHEARD; outcome++) {
		adopt(f, "t");
		ok(ledger_forget(f->ledger, ME, "t", &f->err));
		assert_int_equal(
		    ledger_forget(f->ledger, ME, "t", &f->err), ERR_NOT_FOUND);
	}
}

static void a_lease_is_taken_with_a_token_that_holds(void **state)
{
	struct fixture *f = *state;
	struct lease lease = { .id = "t" };
	struct task *seen;
	int64_t token;

	adopt(f, "t");
	for (outcome = IS_UNDONE; outcome <= IS_UNHEARD; outcome++) {
		ok(ledger_lease(f->ledger, ME, &lease, 1, NOW, &f->err));
		token = lease.token;
		assert_true(token > 0);
		assert_int_equal(peek(f, "SELECT lease_token FROM tasks"), token);
		seen = look("t", outcome == IS_UNDONE ? TASK_QUEUED : TASK_GENERATING);
		ok(ledger_observe(f->ledger, ME, &seen, &token, 1, NOW, &f->err));
		assert_int_equal(token, lease.token);
		task_free(seen);
		ok(ledger_lease_release(f->ledger, ME, &lease.id, 1, &f->err));
	}
	assert_int_equal(state_of(f, "t"), TASK_GENERATING);
}

static void looks_and_files_are_written_once(void **state)
{
	struct fixture *f = *state;
	struct task *seen, *task;

	for (outcome = IS_UNDONE; outcome <= IS_UNHEARD; outcome++) {
		const char *id = outcome == IS_UNDONE ? "t" : "u";

		seen = look(id, TASK_SUCCEEDED);
		(void)show(seen, "u0");
		(void)show(seen, "u1");
		observe(f, seen);
		assert_int_equal(seen->n_assets, 2);
		task_free(seen);
		store(f, id, 1, "u1", "/a");
		task = find(f, id);
		assert_int_equal(task->n_assets, 2);
		assert_int_equal(task->finished, 1);
		assert_string_equal(task->assets[1].path, "/a");
		task_free(task);
	}
	assert_int_equal(peek(f, "SELECT count(*) FROM assets"), 4);
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM events WHERE text LIKE '%wanted'"), 4);
}

static bool count_task(void *payload, const struct task *task)
{
	(void)task;
	++*(size_t *)payload;
	return true;
}

static bool count_past(void *payload, const struct past_task *task)
{
	(void)task;
	++*(size_t *)payload;
	return true;
}

/* A page that is read again is shown once. */
static void lists_are_shown_once(void **state)
{
	static const struct ledger_filter all = { .account = ME };
	struct fixture *f = *state;
	size_t n_listed = 0, n_past = 0;

	for (int i = 0; i < 450; i++) {
		char id[16];
		struct task *seen;

		(void)snprintf(id, sizeof(id), "t%d", i);
		seen = look(id, TASK_QUEUED);
		seen->created_unix_ms = NOW;
		observe(f, seen);
		task_free(seen);
	}
	outcome = IS_UNDONE;
	ok(ledger_list(f->ledger, &all, count_task, &n_listed, &f->err));
	ok(ledger_past(f->ledger, ME, 0, 0, count_past, &n_past, &f->err));
	assert_int_equal(n_listed, 450);
	assert_int_equal(n_past, 450);
}

/* --- walks ---------------------------------------------------------------------- */

static void a_page_is_turned_once(void **state)
{
	struct fixture *f = *state;

	for (outcome = IS_UNDONE; outcome <= IS_UNHEARD; outcome++) {
		const struct ledger_walk walk = { .mark_unix_ms = NOW + outcome,
			.deep = "c" };
		struct task *seen = look("paged", TASK_SUCCEEDED);
		const struct ledger_page page = { "assets", &walk, &seen, 1 };

		(void)show(seen, "u");
		ok(ledger_turn_page(f->ledger, ME, &page, NOW, &f->err));
		assert_int_equal(seen->n_assets, 1);
		task_free(seen);
		assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 1);
		assert_int_equal(peek(f, "SELECT count(*) FROM assets"), 1);
		assert_int_equal(n_events(f), 3);
		assert_int_equal(
		    peek(f, "SELECT mark_unix_ms FROM walks"), NOW + (int64_t)outcome);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, both_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(a_page_is_turned_once),
		T(a_wish_is_one_task),
		T(a_wish_that_was_written_is_ours),
		T(a_repeat_keeps_its_key),
		T(what_was_sent_meanwhile_is_ours_too),
		T(a_request_is_given_once),
		T(a_request_that_was_begun_is_ours),
		T(a_request_that_another_begins_is_not_ours),
		T(an_answer_is_taken_once),
		T(what_is_forgotten_was_there),
		T(a_lease_is_taken_with_a_token_that_holds),
		T(looks_and_files_are_written_once),
		T(lists_are_shown_once),
	};

	return cmocka_run_group_tests_name("ledger_again", tests, NULL, NULL);
}
