/*
 * test_outbox_begun.c - between the queue and the wire: what is begun is durable before
 * it leaves, nothing of that is written on the loop's thread, and what may not leave any
 * more waits again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "outbox_bench.h"

/* --- on which thread, and when --------------------------------------------------- */

static void nothing_durable_is_written_on_the_loop(void **state)
{
	struct bench *bench = *state;

	add(bench, 3);
	send_all(bench);
	assert_int_equal(bench->n_sent, 3);
	accept_it(bench, 0);
	answer(bench, 1, SENT_UNCLEAR, ERR_NET);
	answer(bench, 2, SENT_REFUSED, ERR_USAGE);
	settle(bench);
	assert_is(bench, 0, TASK_QUEUED);
	assert_is(bench, 1, TASK_UNKNOWN);
	assert_is(bench, 2, TASK_FAILED);
	assert_int_equal(atomic_load(&books.on_loop), 0);
	assert_true(atomic_load(&books.on_thread) >= 2);
}

/* keep_request() asserts it of each; here it is made to take long. */
static void a_request_leaves_when_its_beginning_is_durable(void **state)
{
	struct bench *bench = *state;

	add(bench, 1);
	hold_commits(true);
	outbox_step(bench->outbox, true);
	outbox_step(bench->outbox, true);
	assert_int_equal(bench->n_sent, 0);
	assert_waits(bench, 0);
	assert_true(outbox_is_busy(bench->outbox));
	assert_true(outbox_is_sending(bench->outbox, 0));
	assert_int_equal(outbox_under_way(bench->outbox), 0);
	assert_int_equal(outbox_next_ms(bench->outbox), INT64_MAX);
	hold_commits(false);
	settle(bench);
	assert_int_equal(bench->n_sent, 0);
	assert_is_being_sent(bench, 0);
	assert_int_equal(outbox_next_ms(bench->outbox), 0);
	outbox_step(bench->outbox, true);
	assert_int_equal(bench->n_sent, 1);
	assert_int_equal(outbox_under_way(bench->outbox), 1);
}

/* The first is begun at once; whatever comes meanwhile is one more transaction. */
static void beginnings_and_answers_share_transactions(void **state)
{
	struct bench *bench = *state;

	add(bench, 5);
	hold_commits(true);
	outbox_step(bench->outbox, true);
	hold_commits(false);
	settle(bench);
	assert_int_equal(group_commit_made(bench->commits), 2);
	outbox_step(bench->outbox, true);
	assert_int_equal(bench->n_sent, 4);
	hold_commits(true);
	for (size_t i = 0; i < 4; i++)
		accept_it(bench, i);
	hold_commits(false);
	settle(bench);
	assert_int_equal(group_commit_made(bench->commits), 4);
	for (size_t key = 0; key < 4; key++)
		assert_is(bench, key, TASK_QUEUED);
	assert_waits(bench, 4);
}

static void an_answer_counts_when_it_is_durable(void **state)
{
	struct bench *bench = *state;

	add(bench, 1);
	send_all(bench);
	hold_commits(true);
	accept_it(bench, 0);
	assert_int_equal(told_of(bench, 0), -1);
	assert_true(outbox_is_busy(bench->outbox));
	assert_true(outbox_is_sending(bench->outbox, 0));
	assert_int_equal(outbox_under_way(bench->outbox), 0);
	hold_commits(false);
	settle(bench);
	assert_true(outbox_is_sending(bench->outbox, 0));
	assert_int_equal(told_of(bench, 0), OUTBOX_ACCEPTED);
	assert_false(outbox_is_busy(bench->outbox));
	assert_false(outbox_is_sending(bench->outbox, 0));
}

/* --- begun, and it may not leave any more ------------------------------------------ */

static void what_may_not_leave_waits_again(void **state)
{
	struct bench *bench = *state;

	add(bench, 2);
	outbox_step(bench->outbox, true);
	settle(bench);
	assert_is_being_sent(bench, 0);
	outbox_step(bench->outbox, false);
	assert_true(outbox_is_busy(bench->outbox));
	settle(bench);
	assert_false(outbox_is_busy(bench->outbox));
	assert_int_equal(bench->n_sent, 0);
	assert_waits(bench, 0);
	assert_waits(bench, 1);
	assert_int_equal(told_of(bench, 0), OUTBOX_WAITS);
	/* It is no failure: nobody has tried. */
	assert_int_equal(told_of(bench, OUTBOX_NO_KEY), -1);
	send_all(bench);
	assert_int_equal(bench->n_sent, 2);
	assert_string_equal(bench->sent[0].id, bench->ids[0]);
}

static void what_is_dropped_does_not_leave(void **state)
{
	struct bench *bench = *state;

	add(bench, 2);
	hold_commits(true);
	outbox_step(bench->outbox, true);
	outbox_drop(bench->outbox, 0);
	hold_commits(false);
	settle(bench);
	outbox_drop(bench->outbox, 1);
	outbox_step(bench->outbox, true);
	settle(bench);
	assert_int_equal(bench->n_sent, 0);
	assert_waits(bench, 0);
	assert_waits(bench, 1);
	assert_int_equal(told_of(bench, 0), -1);
	assert_false(outbox_is_busy(bench->outbox));
}

/* A refusal is a reason for the others to wait, also for one that is begun. */
static void a_refusal_holds_what_is_begun(void **state)
{
	struct bench *bench = *state;

	add(bench, 5);
	send_all(bench);
	assert_int_equal(bench->n_sent, 4);
	accept_it(bench, 0);
	settle(bench);
	assert_int_equal(told_of(bench, 0), OUTBOX_ACCEPTED);
	outbox_step(bench->outbox, true);
	settle(bench);
	assert_is_being_sent(bench, 4);
	hold_commits(true);
	answer(bench, 1, SENT_LATER, ERR_BUSY);
	outbox_step(bench->outbox, true);
	assert_int_equal(bench->n_sent, 4);
	hold_commits(false);
	settle(bench);
	outbox_step(bench->outbox, true);
	settle(bench);
	assert_int_equal(bench->n_sent, 4);
	assert_waits(bench, 1);
	assert_waits(bench, 4);
	assert_int_equal(told_of(bench, 4), OUTBOX_WAITS);
	assert_true(outbox_next_ms(bench->outbox) > bench->dq->now.mono_ms);
}

/* While it is not known what an answer leads to, nothing new is begun. */
static void a_refusal_that_is_being_written_holds_the_next(void **state)
{
	struct bench *bench = *state;

	add(bench, 2);
	outbox_drop(bench->outbox, 1);
	send_all(bench);
	ok(outbox_add(bench->outbox, 1, bench->ids[1], MEDIA_IMAGE, &bench->moments.err));
	hold_commits(true);
	answer(bench, 0, SENT_ACCOUNT, ERR_AUTH);
	outbox_step(bench->outbox, true);
	assert_int_equal(outbox_next_ms(bench->outbox), INT64_MAX);
	hold_commits(false);
	settle(bench);
	assert_waits(bench, 1);
	assert_int_equal(told_of(bench, OUTBOX_NO_KEY), OUTBOX_ACCOUNT);
	assert_int_equal(bench->n_sent, 1);
}

static void what_can_not_be_sent_waits_again(void **state)
{
	struct bench *bench = *state;

	add(bench, 1);
	bench->can_not_send = true;
	send_all(bench);
	assert_true(outbox_is_busy(bench->outbox));
	settle(bench);
	assert_waits(bench, 0);
	assert_int_equal(told_of(bench, OUTBOX_NO_KEY), OUTBOX_NEVER_LEFT);
	assert_false(outbox_is_busy(bench->outbox));
}

/* --- it is not ours any more ----------------------------------------------------- */

static void what_another_has_begun_is_told(void **state)
{
	struct bench *bench = *state;
	enum media_kind kind;
	char *body = NULL;

	add(bench, 2);
	ok(ledger_send_begin(bench->moments.other, bench->dq->profile, bench->ids[0],
	    &kind, &body, &bench->moments.err));
	free(body);
	ok(ledger_forget(bench->moments.other, bench->dq->profile, bench->ids[1],
	    &bench->moments.err));
	send_all(bench);
	assert_int_equal(bench->n_sent, 0);
	assert_false(outbox_is_busy(bench->outbox));
	struct outbox_told told;

	assert_true(outbox_told(bench->outbox, &told));
	assert_int_equal(told.what, OUTBOX_SENT_BY_OTHER);
	assert_int_equal(told.key, 0);
	assert_true(outbox_told(bench->outbox, &told));
	assert_int_equal(told.what, OUTBOX_FORGOTTEN);
	assert_int_equal(told.key, 1);
	assert_false(outbox_told(bench->outbox, &told));
}

static void what_is_forgotten_under_way_is_told(void **state)
{
	struct bench *bench = *state;

	add(bench, 1);
	send_all(bench);
	ok(ledger_forget(bench->moments.other, bench->dq->profile, bench->ids[0],
	    &bench->moments.err));
	accept_it(bench, 0);
	settle(bench);
	assert_int_equal(told_of(bench, 0), OUTBOX_FORGOTTEN);
}

/* --- no room, no lock ------------------------------------------------------------ */

static void without_room_nothing_is_begun(void **state)
{
	struct bench *bench = *state;
	struct outbox_told told;

	add(bench, 3);
	refuse_commits(ERR_NOSPACE);
	outbox_step(bench->outbox, true);
	settle(bench);
	for (size_t i = 0; i < 3; i++) {
		assert_true(outbox_told(bench->outbox, &told));
		assert_int_equal(told.what, OUTBOX_WAITS);
	}
	assert_true(outbox_told(bench->outbox, &told));
	assert_int_equal(told.what, OUTBOX_NO_ROOM);
	assert_false(outbox_told(bench->outbox, &told));
	assert_waits(bench, 0);
	refuse_commits(ERR_OK);
	send_all(bench);
	assert_int_equal(bench->n_sent, 3);
}

static void a_locked_ledger_is_an_end_or_is_waited_for(void **state)
{
	struct bench *bench = *state;

	add(bench, 1);
	refuse_commits(ERR_LOCKED);
	outbox_step(bench->outbox, true);
	settle(bench);
	assert_int_equal(told_of(bench, OUTBOX_NO_KEY), OUTBOX_CANT_GO_ON);
	close_outbox(bench);
	open_outbox(bench, true);
	ok(outbox_add(bench->outbox, 0, bench->ids[0], MEDIA_IMAGE, &bench->moments.err));
	outbox_step(bench->outbox, true);
	settle(bench);
	assert_int_equal(told_of(bench, OUTBOX_NO_KEY), OUTBOX_NO_ROOM);
	refuse_commits(ERR_OK);
	send_all(bench);
	assert_int_equal(bench->n_sent, 1);
}

/* It is kept, nothing else is begun, and a second later it is written again. */
static void an_answer_without_room_is_kept(void **state)
{
	struct bench *bench = *state;

	add(bench, 5);
	send_all(bench);
	refuse_commits(ERR_NOSPACE);
	accept_it(bench, 0);
	settle(bench);
	assert_int_equal(told_of(bench, 0), OUTBOX_UNWRITTEN);
	assert_false(outbox_is_sending(bench->outbox, 0));
	refuse_commits(ERR_OK);
	outbox_step(bench->outbox, true);
	assert_int_equal(group_commit_busy(bench->commits), 0);
	assert_int_equal(outbox_next_ms(bench->outbox), bench->dq->now.mono_ms + 1000);
	moments_pass(&bench->moments, 1000);
	outbox_step(bench->outbox, false);
	assert_int_equal(group_commit_busy(bench->commits), 0);
	outbox_step(bench->outbox, true);
	assert_int_equal(outbox_next_ms(bench->outbox), INT64_MAX);
	settle(bench);
	assert_int_equal(told_of(bench, 0), OUTBOX_ACCEPTED);
	assert_is(bench, 0, TASK_QUEUED);
	send_all(bench);
	assert_int_equal(bench->n_sent, 5);
}

/* --- the end --------------------------------------------------------------------- */

static void at_the_end_what_is_begun_waits_again(void **state)
{
	struct bench *bench = *state;

	add(bench, 2);
	outbox_drop(bench->outbox, 1);
	outbox_step(bench->outbox, true);
	settle(bench); /* one is begun, ... */
	ok(outbox_add(bench->outbox, 1, bench->ids[1], MEDIA_IMAGE, &bench->moments.err));
	outbox_step(bench->outbox, true); /* ... has left, and the next is being begun */
	assert_int_equal(bench->n_sent, 1);
	close_outbox(bench);
	assert_waits(bench, 1);
	open_outbox(bench, false);
	ok(outbox_add(bench->outbox, 1, bench->ids[1], MEDIA_IMAGE, &bench->moments.err));
	outbox_step(bench->outbox, true);
	settle(bench);
	assert_is_being_sent(bench, 1);
	close_outbox(bench);
	assert_waits(bench, 1);
	assert_int_equal(bench->n_sent, 1);
}

static void at_the_end_an_answer_is_written(void **state)
{
	struct bench *bench = *state;

	add(bench, 2);
	send_all(bench);
	refuse_commits(ERR_NOSPACE);
	accept_it(bench, 0);
	settle(bench);
	assert_int_equal(told_of(bench, 0), OUTBOX_UNWRITTEN);
	refuse_commits(ERR_OK);
	accept_it(bench, 1);
	close_outbox(bench);
	assert_is(bench, 0, TASK_QUEUED);
	assert_is(bench, 1, TASK_QUEUED);
}

/* Nobody can know: it is asked for, and not sent again. */
static void at_the_end_what_is_under_way_is_unknown(void **state)
{
	struct bench *bench = *state;
	size_t n = 0;

	add(bench, 1);
	send_all(bench);
	ok(ledger_settle_dead(bench->moments.other, &n, &bench->moments.err));
	assert_int_equal(n, 0);
	assert_is_being_sent(bench, 0);
	close_outbox(bench);
	ok(ledger_settle_dead(bench->moments.other, &n, &bench->moments.err));
	assert_int_equal(n, 1);
	assert_is(bench, 0, TASK_UNKNOWN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(nothing_durable_is_written_on_the_loop),
		TEST(a_request_leaves_when_its_beginning_is_durable),
		TEST(beginnings_and_answers_share_transactions),
		TEST(an_answer_counts_when_it_is_durable),
		TEST(what_may_not_leave_waits_again),
		TEST(what_is_dropped_does_not_leave),
		TEST(a_refusal_holds_what_is_begun),
		TEST(a_refusal_that_is_being_written_holds_the_next),
		TEST(what_can_not_be_sent_waits_again),
		TEST(what_another_has_begun_is_told),
		TEST(what_is_forgotten_under_way_is_told),
		TEST(without_room_nothing_is_begun),
		TEST(a_locked_ledger_is_an_end_or_is_waited_for),
		TEST(an_answer_without_room_is_kept),
		TEST(at_the_end_what_is_begun_waits_again),
		TEST(at_the_end_an_answer_is_written),
		TEST(at_the_end_what_is_under_way_is_unknown),
	};

	return cmocka_run_group_tests_name("outbox_begun", tests, NULL, NULL);
}
