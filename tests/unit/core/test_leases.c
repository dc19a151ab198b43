/*
 * test_leases.c - the leases of a run as a part (leases.h), on a real ledger and at
 * moments that the test names; nothing here waits for a clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/lease/batch.h"
#include "core/lease/leases.h"
#include "ledger_lab.h"
#include "moments.h"

/* Two runs on one ledger. */
struct bench {
	struct moments moments; /* first */
	struct dq *dq;
	struct leases *leases;
};

static int make(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	moments_open(&bench->moments);
	bench->dq = &bench->moments.dq;
	ok(leases_new(bench->dq, &bench->leases, &bench->moments.err));
	*state = bench;
	return 0;
}

static int unmake(void **state)
{
	struct bench *bench = *state;

	leases_free(bench->leases);
	moments_close(&bench->moments);
	free(bench);
	return 0;
}

static void pass(struct bench *bench, int64_t span_ms)
{
	moments_pass(&bench->moments, span_ms);
}

static void look(struct bench *bench, struct ledger *ledger, const char *id)
{
	moments_look(&bench->moments, ledger, id);
}

static int64_t take(struct bench *bench, struct ledger *ledger, const char *id)
{
	return moments_take(&bench->moments, ledger, id);
}

/* --- renewing -------------------------------------------------------------------- */

static void a_renewal_is_due_each_ten_seconds(void **state)
{
	struct bench *bench = *state;

	assert_false(leases_renew_is_due(bench->leases));
	pass(bench, LEDGER_RENEW_MS - 1);
	assert_false(leases_renew_is_due(bench->leases));
	pass(bench, 1);
	assert_true(leases_renew_is_due(bench->leases));
	leases_plan_renew(bench->leases);
	assert_false(leases_renew_is_due(bench->leases));
	pass(bench, LEDGER_RENEW_MS);
	assert_true(leases_renew_is_due(bench->leases));
}

/* Three times as long as a lease lasts; the other one asks all the time. */
static void renewed_in_time_it_stays_ours(void **state)
{
	struct bench *bench = *state;
	int64_t token;

	look(bench, bench->dq->ledger, "t");
	token = take(bench, bench->dq->ledger, "t");
	assert_true(token > 0);
	for (int i = 0; i < 3 * LEDGER_LEASE_MS / LEDGER_RENEW_MS; i++) {
		pass(bench, LEDGER_RENEW_MS);
		ok(leases_renew(bench->leases, &bench->moments.err));
		assert_false(leases_were_away(bench->leases));
		assert_int_equal(take(bench, bench->moments.other, "t"), 0);
	}
	assert_int_equal(take(bench, bench->dq->ledger, "t"), token);
}

/* The machine slept: its steady clock stood still, and the other one went on. */
static void who_slept_too_long_was_away(void **state)
{
	struct bench *bench = *state;
	struct moment *now = &bench->dq->now;

	look(bench, bench->dq->ledger, "t");
	assert_true(take(bench, bench->dq->ledger, "t") > 0);
	now->unix_ms += LEDGER_LEASE_MS - LEDGER_RENEW_MS;
	assert_false(leases_were_away(bench->leases));
	assert_int_equal(take(bench, bench->moments.other, "t"), 0);
	now->unix_ms += LEDGER_RENEW_MS + 1;
	assert_false(leases_renew_is_due(bench->leases));
	assert_true(leases_were_away(bench->leases));
	assert_true(take(bench, bench->moments.other, "t") > 0);
	/* To renew does not bring back what another has taken. */
	ok(leases_renew(bench->leases, &bench->moments.err));
	assert_false(leases_were_away(bench->leases));
	assert_int_equal(take(bench, bench->dq->ledger, "t"), 0);
}

static void a_clock_set_back_counts_as_away(void **state)
{
	struct bench *bench = *state;

	bench->dq->now.unix_ms--;
	assert_true(leases_were_away(bench->leases));
	ok(leases_renew(bench->leases, &bench->moments.err));
	assert_false(leases_were_away(bench->leases));
}

/* Who could not renew was away all the same; the next try comes in its time. */
static void a_renewal_that_fails_is_none(void **state)
{
	struct bench *bench = *state;
	struct lab_lock *lock;

	look(bench, bench->dq->ledger, "t");
	assert_true(take(bench, bench->dq->ledger, "t") > 0);
	lock = lab_lock(bench->moments.url);
	pass(bench, LEDGER_LEASE_MS);
	leases_plan_renew(bench->leases);
	assert_int_equal(leases_renew(bench->leases, &bench->moments.err), ERR_LOCKED);
	assert_true(leases_were_away(bench->leases));
	assert_false(leases_renew_is_due(bench->leases));
	lab_unlock(lock);
	ok(leases_renew(bench->leases, &bench->moments.err));
	assert_false(leases_were_away(bench->leases));
}

/* --- giving back ----------------------------------------------------------------- */

static void what_is_released_goes_with_the_next_flush(void **state)
{
	struct bench *bench = *state;

	look(bench, bench->dq->ledger, "t");
	look(bench, bench->dq->ledger, "u");
	assert_true(take(bench, bench->dq->ledger, "t") > 0);
	assert_true(take(bench, bench->dq->ledger, "u") > 0);
	leases_release(bench->leases, "t");
	assert_int_equal(take(bench, bench->moments.other, "t"), 0);
	leases_flush(bench->leases);
	assert_true(take(bench, bench->moments.other, "t") > 0);
	assert_int_equal(take(bench, bench->moments.other, "u"), 0);
	assert_int_equal(take(bench, bench->dq->ledger, "t"), 0);
	/* Once: what is ours again is not given back a second time. */
	ok(ledger_lease_release(bench->moments.other, bench->moments.profile,
	    &(const char *){ "t" }, 1, &bench->moments.err));
	assert_true(take(bench, bench->dq->ledger, "t") > 0);
	leases_flush(bench->leases);
	assert_int_equal(take(bench, bench->moments.other, "t"), 0);
}

/* From the first of them on; who looks at the clock is told when. */
static void what_is_released_waits_for_company(void **state)
{
	struct bench *bench = *state;
	const int64_t begun_ms = bench->dq->now.mono_ms;

	assert_false(leases_flush_is_due(bench->leases));
	leases_release(bench->leases, "t");
	assert_false(leases_flush_is_due(bench->leases));
	assert_int_equal(leases_next_ms(bench->leases), begun_ms + LEASES_FLUSH_MS);
	pass(bench, LEASES_FLUSH_MS - 1);
	leases_release(bench->leases, "u");
	assert_false(leases_flush_is_due(bench->leases));
	pass(bench, 1);
	assert_true(leases_flush_is_due(bench->leases));
	leases_flush(bench->leases);
	assert_false(leases_flush_is_due(bench->leases));
	assert_int_equal(leases_next_ms(bench->leases), begun_ms + LEASES_CHECK_MS);
}

static void the_end_gives_back_what_was_released(void **state)
{
	struct bench *bench = *state;

	look(bench, bench->dq->ledger, "t");
	assert_true(take(bench, bench->dq->ledger, "t") > 0);
	leases_release(bench->leases, "t");
	leases_free(bench->leases);
	bench->leases = NULL;
	assert_true(take(bench, bench->moments.other, "t") > 0);
}

/* More than are kept at once: they go earlier, and none is forgotten. */
static void many_are_given_back(void **state)
{
	enum { KEPT_MAX = 4096 };
	struct bench *bench = *state;

	look(bench, bench->dq->ledger, "first");
	look(bench, bench->dq->ledger, "last");
	assert_true(take(bench, bench->dq->ledger, "first") > 0);
	assert_true(take(bench, bench->dq->ledger, "last") > 0);
	leases_release(bench->leases, "first");
	for (int i = 1; i < KEPT_MAX; i++)
		leases_release(bench->leases, "nobody");
	assert_int_equal(take(bench, bench->moments.other, "first"), 0);
	leases_release(bench->leases, "last");
	assert_true(take(bench, bench->moments.other, "first") > 0);
	assert_int_equal(take(bench, bench->moments.other, "last"), 0);
	leases_flush(bench->leases);
	assert_true(take(bench, bench->moments.other, "last") > 0);
}

/* All of a run's are asked for at once. */
static void a_batch_says_which_are_ours(void **state)
{
	_cleanup_(lease_batch_release) struct lease_batch batch = { 0 };
	struct bench *bench = *state;

	look(bench, bench->dq->ledger, "ours");
	look(bench, bench->dq->ledger, "theirs");
	assert_true(take(bench, bench->moments.other, "theirs") > 0);
	lease_batch_add(&batch, "ours", false);
	lease_batch_add(&batch, "theirs", true);
	lease_batch_add(&batch, "nobody", false);
	ok(lease_batch_take(bench->dq, &batch, &bench->moments.err));
	assert_int_equal(batch.n, 3);
	assert_true(batch.leases[0].token > 0);
	assert_int_equal(batch.leases[1].token, 0);
	assert_true(batch.all[1].is_waiting);
	assert_int_equal(batch.leases[2].token, 0);
}

/* --- checking -------------------------------------------------------------------- */

/* The first check sees whatever there is. */
static void check_once(struct bench *bench)
{
	pass(bench, LEASES_CHECK_MS);
	assert_true(leases_check(bench->leases));
}

static void each_second_a_glance_is_due(void **state)
{
	struct bench *bench = *state;

	pass(bench, LEASES_CHECK_MS - 1);
	assert_false(leases_check_is_due(bench->leases));
	pass(bench, 1);
	assert_true(leases_check_is_due(bench->leases));
	assert_true(leases_check(bench->leases));
	assert_false(leases_check_is_due(bench->leases));
	assert_int_equal(
	    leases_next_ms(bench->leases), bench->dq->now.mono_ms + LEASES_CHECK_MS);
}

static void only_what_others_did_is_seen(void **state)
{
	struct bench *bench = *state;

	check_once(bench);
	look(bench, bench->dq->ledger, "ours");
	pass(bench, LEASES_CHECK_MS);
	assert_false(leases_check(bench->leases));
	look(bench, bench->moments.other, "theirs");
	pass(bench, LEASES_CHECK_MS);
	assert_true(leases_check(bench->leases));
	pass(bench, LEASES_CHECK_MS);
	assert_false(leases_check(bench->leases));
}

/* One that died writes nothing. */
static void the_dead_are_looked_for_all_the_same(void **state)
{
	struct bench *bench = *state;

	check_once(bench);
	for (int i = 1; i < LEASES_DEAD_MS / LEASES_CHECK_MS; i++) {
		pass(bench, LEASES_CHECK_MS);
		assert_false(leases_check(bench->leases));
	}
	pass(bench, LEASES_CHECK_MS);
	assert_true(leases_check(bench->leases));
	pass(bench, LEASES_CHECK_MS);
	assert_false(leases_check(bench->leases));
}

static void in_a_hurry_it_is_now(void **state)
{
	struct bench *bench = *state;

	check_once(bench);
	leases_hurry(bench->leases);
	assert_true(leases_check_is_due(bench->leases));
	assert_int_equal(leases_next_ms(bench->leases), 0);
	assert_true(leases_check(bench->leases));
	assert_false(leases_check_is_due(bench->leases));
}

/* A tenth of the time, no more; but never for longer than the dead may lie. */
static void after_a_long_glance_it_rests(void **state)
{
	struct bench *bench = *state;
	const int64_t begun_ms = bench->dq->now.mono_ms += LEASES_CHECK_MS;

	assert_true(leases_check(bench->leases));
	leases_checked(bench->leases, 300);
	assert_int_equal(leases_next_ms(bench->leases), begun_ms + 2700);
	leases_checked(bench->leases, 60000);
	assert_int_equal(leases_next_ms(bench->leases), begun_ms + LEASES_DEAD_MS);
	/* A hurry meanwhile is not forgotten. */
	leases_hurry(bench->leases);
	leases_checked(bench->leases, 60000);
	assert_true(leases_check_is_due(bench->leases));
}

static void after_a_short_glance_it_does_not(void **state)
{
	struct bench *bench = *state;
	const int64_t begun_ms = bench->dq->now.mono_ms += LEASES_CHECK_MS;

	assert_true(leases_check(bench->leases));
	leases_checked(bench->leases, LEASES_CHECK_MS / 20);
	assert_int_equal(leases_next_ms(bench->leases), begun_ms + LEASES_CHECK_MS);
}

static void the_next_is_the_sooner_of_both(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(leases_next_ms(bench->leases), MOMENTS_MS + LEASES_CHECK_MS);
	pass(bench, LEDGER_RENEW_MS - LEASES_CHECK_MS / 2);
	(void)leases_check(bench->leases);
	assert_int_equal(leases_next_ms(bench->leases), MOMENTS_MS + LEDGER_RENEW_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_renewal_is_due_each_ten_seconds),
		TEST(renewed_in_time_it_stays_ours),
		TEST(who_slept_too_long_was_away),
		TEST(a_clock_set_back_counts_as_away),
		TEST(a_renewal_that_fails_is_none),
		TEST(what_is_released_goes_with_the_next_flush),
		TEST(what_is_released_waits_for_company),
		TEST(the_end_gives_back_what_was_released),
		TEST(many_are_given_back),
		TEST(a_batch_says_which_are_ours),
		TEST(each_second_a_glance_is_due),
		TEST(only_what_others_did_is_seen),
		TEST(the_dead_are_looked_for_all_the_same),
		TEST(in_a_hurry_it_is_now),
		TEST(after_a_long_glance_it_rests),
		TEST(after_a_short_glance_it_does_not),
		TEST(the_next_is_the_sooner_of_both),
	};

	return cmocka_run_group_tests_name("leases", tests, NULL, NULL);
}
