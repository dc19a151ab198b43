/*
 * suite_deliver.c - what is to be told to webhooks: it is there with what it tells, each
 * is taken by one, and comes back when that one has ended.
 */
#include "deliver.h"

static void put(struct suite *s, const char *id, const char *body, bool unless_known)
{
	const struct delivery_made made = { .is = { .hook = HOOK,
						.account = ME,
						.submit_id = id,
						.event = "done",
						.index = -1,
						.body = body },
		.unless_known = unless_known,
		.now_unix_ms = NOW };

	ok(ledger_deliver(s->a, &made, &s->err));
}

/* How many are there to be taken? They stay taken. */
static size_t takes(
    struct suite *s, struct ledger *ledger, size_t max, int64_t now_unix_ms)
{
	struct delivery_claims claims;

	ok(ledger_delivery_claim(ledger, HOOK, max, now_unix_ms, &claims, &s->err));
	arena_release(&claims.arena);
	return claims.n;
}

static int64_t take_one(struct suite *s, struct ledger *ledger, int64_t now_unix_ms)
{
	struct delivery_claims claims;
	int64_t number;

	ok(ledger_delivery_claim(ledger, HOOK, 1, now_unix_ms, &claims, &s->err));
	assert_int_equal(claims.n, 1);
	number = claims.all[0].number;
	arena_release(&claims.arena);
	return number;
}

static void settle(struct suite *s, struct ledger *ledger, int64_t number,
    enum delivery_state state, int64_t due_unix_ms, const char *why)
{
	const struct delivery_end end = {
		.state = state, .due_unix_ms = due_unix_ms, .why = why
	};

	ok(ledger_delivery_settle(ledger, number, &end, NOW + 1, &s->err));
}

/* --- they are made --------------------------------------------------------------- */

static void who_wants_none_gets_none(void **state)
{
	struct suite *s = *state;
	struct ledger_hook some = all_events;

	see(s, "t0", TASK_NOT_FOUND, NULL);
	some.wants_stored = some.wants_done = false;
	ledger_deliver_to(s->a, &some);
	see(s, "t1", TASK_SUCCEEDED, "u1");
	store_file(s, "t1", 0, "/x");
	see(s, "t2", TASK_CANCELLED, NULL);
	ledger_deliver_to(s->a, NULL);
	see(s, "t3", TASK_CANCELLED, NULL);
	assert_string_equal(outbox(s), "failed|waiting|t2|0|t2 cancelled\n");
}

static void what_is_known_is_not_told_again(void **state)
{
	struct suite *s = *state;

	put(s, "t1", "one", true);
	put(s, "t1", "two", true);
	put(s, "t1", "three", false);
	put(s, "", "alert", true);
	put(s, "", "alert", true);
	assert_string_equal(outbox(s),
	    "done|waiting|t1|0|one\ndone|waiting|t1|0|three\n"
	    "done|waiting||0|alert\ndone|waiting||0|alert\n");
	/* Neither is what has been sent, nor when the task is forgotten. */
	settle(s, s->a, take_one(s, s->a, NOW), DELIVERY_SENT, 0, NULL);
	put(s, "t1", "one", true);
	assert_null(strstr(outbox(s), "|one"));
}

/* --- each is one's --------------------------------------------------------------- */

static void one_has_it(void **state)
{
	struct suite *s = *state;
	struct delivery_claims claims;

	for (int i = 0; i < 3; i++)
		put(s, "t1", i ? "later" : "first", false);
	ok(ledger_delivery_claim(s->a, HOOK, 2, NOW, &claims, &s->err));
	assert_int_equal(claims.n, 2);
	assert_string_equal(claims.all[0].body, "first");
	assert_int_equal(claims.all[0].tries, 1);
	assert_true(strncmp(claims.all[0].message, "msg_", 4) == 0);
	assert_string_not_equal(claims.all[0].message, claims.all[1].message);
	assert_int_equal(claims.next_unix_ms, NOW); /* the third */
	arena_release(&claims.arena);
	assert_int_equal(takes(s, s->b, 8, NOW), 1);
	assert_int_equal(takes(s, s->a, 8, NOW), 0);
	assert_int_equal(takes(s, s->b, 8, NOW), 0);
	ok(ledger_delivery_claim(s->a, "another", 2, NOW, &claims, &s->err));
	assert_int_equal(claims.n, 0);
	assert_int_equal(claims.next_unix_ms, INT64_MAX);
	arena_release(&claims.arena);
}

static void what_a_killed_one_had_is_free(void **state)
{
	struct suite *s = *state;

	put(s, "t1", "x", false);
	(void)take_one(s, s->a, NOW);
	assert_int_equal(takes(s, s->b, 8, NOW), 0);
	world_kill(s->a);
	s->a = NULL;
	assert_int_equal(takes(s, s->b, 8, NOW), 1);
	assert_string_equal(outbox(s), "done|waiting|t1|2|x\n");
}

static void who_sleeps_long_loses_it(void **state)
{
	struct suite *s = *state;
	int64_t first;

	put(s, "t1", "x", false);
	first = take_one(s, s->a, NOW);
	assert_int_equal(takes(s, s->b, 8, NOW + LEDGER_CLAIM_MS - 1), 0);
	assert_int_equal(takes(s, s->b, 8, NOW + LEDGER_CLAIM_MS), 1);
	/* He wakes up: what failed is none of his any more; what was sent is sent. */
	settle(s, s->a, first, DELIVERY_DEAD, 0, "late");
	assert_non_null(strstr(outbox(s), "waiting"));
	settle(s, s->a, first, DELIVERY_SENT, 0, NULL);
	assert_string_equal(outbox(s), "done|sent|t1|2|-\n");
	settle(s, s->b, first, DELIVERY_WAITING, NOW, "no");
	assert_string_equal(outbox(s), "done|sent|t1|2|-\n");
}

static void a_failure_waits_its_turn(void **state)
{
	struct suite *s = *state;
	struct delivery_claims claims;
	const struct delivery_end back = {
		.state = DELIVERY_WAITING, .due_unix_ms = NOW, .was_not_tried = true
	};
	int64_t number;

	put(s, "t1", "x", false);
	number = take_one(s, s->a, NOW);
	settle(s, s->a, number, DELIVERY_WAITING, NOW + 5000, "500");
	ok(ledger_delivery_claim(s->b, HOOK, 8, NOW + 4999, &claims, &s->err));
	assert_int_equal(claims.n, 0);
	assert_int_equal(claims.next_unix_ms, NOW + 5000);
	arena_release(&claims.arena);
	ok(ledger_delivery_claim(s->b, HOOK, 8, NOW + 5000, &claims, &s->err));
	assert_int_equal(claims.n, 1);
	assert_int_equal(claims.all[0].tries, 2);
	assert_string_equal(claims.all[0].why, "500");
	arena_release(&claims.arena);
	ok(ledger_delivery_settle(s->b, number, &back, NOW, &s->err));
	assert_string_equal(outbox(s), "done|waiting|t1|1|x\n");
	assert_int_equal(take_one(s, s->b, NOW), number);
	settle(s, s->b, number, DELIVERY_DEAD, 0, "no");
	assert_string_equal(outbox(s), "done|dead|t1|2|x\n");
	assert_int_equal(takes(s, s->b, 8, NOW + 9999), 0);
}

/* Made, and tried in vain, by a clock that was a day ahead. */
static void a_clock_that_is_put_back_holds_nothing_up(void **state)
{
	const int64_t day_ms = (int64_t)24 * 60 * 60 * 1000;
	struct suite *s = *state;
	const struct delivery_end again = { .state = DELIVERY_WAITING,
		.due_unix_ms = NOW + day_ms + 5000,
		.why = "500" };
	int64_t number;

	put(s, "t1", "x", false);
	number = take_one(s, s->a, NOW + day_ms);
	ok(ledger_delivery_settle(s->a, number, &again, NOW + day_ms, &s->err));
	assert_int_equal(take_one(s, s->a, NOW), number);
	assert_int_equal(takes(s, s->b, 8, NOW), 0);
	world_kill(s->a);
	s->a = NULL;
	assert_int_equal(take_one(s, s->b, NOW), number);
	settle(s, s->b, number, DELIVERY_WAITING, NOW + 5000, "500");
	assert_int_equal(takes(s, s->b, 8, NOW), 0);
	assert_int_equal(takes(s, s->b, 8, NOW + 5000), 1);
}

/* --- people ---------------------------------------------------------------------- */

static void people_change_them(void **state)
{
	struct suite *s = *state;
	const struct delivery_filter of_hook = { .hook = HOOK },
				     of_another = { .hook = "another" };
	struct delivery_filter one = { .message = NULL };
	struct delivery_claims claims;
	size_t n = 9;

	put(s, "t1", "x", false);
	put(s, "t2", "y", false);
	ok(ledger_delivery_claim(s->a, HOOK, 1, NOW, &claims, &s->err));
	one.message = claims.all[0].message;
	settle(s, s->a, claims.all[0].number, DELIVERY_DEAD, 0, "no");
	ok(ledger_delivery_change(s->b, &of_another, DELIVERY_DROPPED, NOW, &n, &s->err));
	assert_int_equal(n, 0);
	ok(ledger_delivery_change(s->b, &of_hook, DELIVERY_WAITING, NOW, &n, &s->err));
	assert_int_equal(n, 2);
	assert_string_equal(outbox(s), "done|waiting|t1|0|x\ndone|waiting|t2|0|y\n");
	ok(ledger_delivery_change(s->b, &one, DELIVERY_DROPPED, NOW, &n, &s->err));
	assert_int_equal(n, 1);
	assert_string_equal(outbox(s), "done|dropped|t1|0|-\ndone|waiting|t2|0|y\n");
	/* What is over can't come back. */
	ok(ledger_delivery_change(s->b, &one, DELIVERY_WAITING, NOW, &n, &s->err));
	assert_int_equal(n, 0);
	assert_int_equal(
	    ledger_delivery_change(s->b, &one, DELIVERY_SENT, NOW, &n, &s->err),
	    ERR_USAGE);
	arena_release(&claims.arena);
}

/* 'dreamq webhook send', while another program has it in hand. */
static void what_is_being_sent_is_not_taken_away(void **state)
{
	struct suite *s = *state;
	const struct delivery_filter all = { .hook = HOOK };
	int64_t number;
	size_t n = 0;

	put(s, "t1", "x", false);
	number = take_one(s, s->a, NOW);
	ok(ledger_delivery_change(s->b, &all, DELIVERY_WAITING, NOW, &n, &s->err));
	assert_int_equal(takes(s, s->b, 8, NOW), 0);
	settle(s, s->a, number, DELIVERY_SENT, 0, NULL);
	assert_string_equal(outbox(s), "done|sent|t1|1|-\n");
}

static void old_ones_go(void **state)
{
	const int64_t month_ms = (int64_t)LEDGER_DELIVERY_KEPT_DAYS * 24 * 60 * 60 * 1000;
	struct suite *s = *state;

	put(s, "t1", "x", false);
	settle(s, s->a, take_one(s, s->a, NOW), DELIVERY_SENT, 0, NULL);
	put(s, "t2", "y", false);
	assert_int_equal(takes(s, s->b, 1, NOW + month_ms), 1);
	assert_non_null(strstr(outbox(s), "sent|t1"));
	put(s, "t3", "z", false);
	assert_int_equal(takes(s, s->b, 1, NOW + month_ms + 2), 1);
	assert_null(strstr(outbox(s), "sent|t1"));
}

static void they_outlive_their_task(void **state)
{
	struct suite *s = *state;

	ledger_deliver_to(s->a, &all_events);
	see(s, "t1", TASK_CANCELLED, NULL);
	ok(ledger_forget(s->a, ME, "t1", &s->err));
	assert_string_equal(outbox(s), "failed|waiting|t1|0|t1 cancelled\n");
}

static void nonsense_is_refused(void **state)
{
	struct suite *s = *state;
	struct delivery_made made = { .is = { .hook = HOOK,
					  .account = ME,
					  .submit_id = "t1",
					  .event = "done",
					  .index = -1 } };

	assert_int_equal(ledger_deliver(s->a, &made, &s->err), ERR_USAGE); /* no body */
	made.is.body = "x";
	made.is.hook = "https://x";
	assert_int_equal(ledger_deliver(s->a, &made, &s->err), ERR_USAGE);
	made.is.hook = HOOK "0";
	assert_int_equal(ledger_deliver(s->a, &made, &s->err), ERR_USAGE);
	made.is.hook = "";
	assert_int_equal(ledger_deliver(s->a, &made, &s->err), ERR_USAGE);
	assert_string_equal(outbox(s), "");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(who_wants_none_gets_none),
		T(what_is_known_is_not_told_again),
		T(one_has_it),
		T(a_clock_that_is_put_back_holds_nothing_up),
		T(what_a_killed_one_had_is_free),
		T(who_sleeps_long_loses_it),
		T(a_failure_waits_its_turn),
		T(people_change_them),
		T(what_is_being_sent_is_not_taken_away),
		T(old_ones_go),
		T(they_outlive_their_task),
		T(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
