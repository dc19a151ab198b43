/* Who goes into the next request, and who first? */
#include "sched_desk.h"

static void nothing_to_do(void **state)
{
	DESK desk = desk_make(0, 50, 0);
	size_t keys[50];

	(void)state;
	assert_int_equal(sched_next_ms(desk.sched), INT64_MAX);
	assert_int_equal(sched_take(desk.sched, INT64_MAX, keys), 0);
	assert_int_equal(sched_trouble_since_ms(desk.sched), -1);
	assert_int_equal(sched_batch(desk.sched), 50);
	sched_free(NULL);
}

/* --- who goes together ---------------------------------------------------------- */

static void batches_are_full_and_no_fuller(void **state)
{
	static const size_t expected[] = { 50, 50, 20 };
	DESK desk = desk_make(0, 50, 120);
	bool was_given[120] = { 0 };
	size_t keys[50];

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		const size_t n = sched_take(desk.sched, 0, keys);

		assert_int_equal(n, expected[i]);
		for (size_t k = 0; k < n; k++) {
			assert_false(was_given[keys[k]]);
			was_given[keys[k]] = true;
		}
	}
	assert_int_equal(sched_take(desk.sched, 0, keys), 0);
	assert_int_equal(sched_next_ms(desk.sched), INT64_MAX);
}

static void not_before_it_is_due(void **state)
{
	DESK desk = desk_make(0, 10, 0);
	struct err err;
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_add(desk.sched, 0, 1000, &err), ERR_OK);
	assert_int_equal(sched_next_ms(desk.sched), 1000);
	assert_int_equal(sched_take(desk.sched, 999, keys), 0);
	assert_int_equal(sched_take(desk.sched, 1000, keys), 1);
}

/* With more ids than a request takes, one waits a moment for others; alone it doesn't. */
static void a_moment_for_company(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	struct err err;
	size_t keys[10];

	(void)state;
	for (size_t key = 1; key < 20; key++)
		assert_int_equal(sched_add(desk.sched, key, 60000, &err), ERR_OK);
	assert_int_equal(sched_take(desk.sched, 0, keys), 0);
	assert_in_range(sched_next_ms(desk.sched), 1, PLAN_GATHER_MS);
	assert_int_equal(sched_take(desk.sched, PLAN_GATHER_MS, keys), 1);
	assert_int_equal(keys[0], 0);
	assert_int_equal(sched_take(desk.sched, 60000, keys), 10);
}

/* One is due; those that are nearly due ride along; one may not. */
static void riding_along(void **state)
{
	DESK desk = desk_make(0, 40, 30);
	struct sched_view absent = desk_view(&desk, TASK_UNKNOWN, MEDIA_IMAGE);
	size_t keys[KEYS_MAX], n;

	(void)state;
	absent.absences = 5;
	assert_int_equal(sched_take(desk.sched, 0, keys), 30);
	for (size_t key = 0; key < 29; key++)
		desk_polled(&desk, key, MEDIA_IMAGE, 0);
	sched_polled(desk.sched, 29, &absent, 0);
	n = sched_take(desk.sched, sched_next_ms(desk.sched), keys);
	assert_int_equal(n, 29);
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(keys[i], 29);
	assert_true(sched_next_ms(desk.sched) >= PLAN_ABSENT_MAX_MS);
}

/* A request that leaves anyway takes nobody who is under his floor. */
static void riding_along_respects_the_floor(void **state)
{
	DESK desk = desk_make(0, 40, 2);
	size_t keys[40];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 2);
	desk_polled(&desk, 0, MEDIA_VIDEO, 0); /* due after 13.7 s at least */
	sched_hurry(desk.sched, 1, 0);
	desk_polled(&desk, 1, MEDIA_IMAGE, 0);
	sched_hurry(desk.sched, 1, 9900);
	assert_int_equal(sched_take(desk.sched, PLAN_VIDEO_FLOOR_MS - 1, keys), 1);
	assert_int_equal(keys[0], 1);
	desk_polled(&desk, 1, MEDIA_IMAGE, PLAN_VIDEO_FLOOR_MS);
	sched_hurry(desk.sched, 1, 11000);
	assert_true(desk_reason(&desk, 0).due_ms > 11000);
	assert_int_equal(sched_take(desk.sched, 11000, keys), 2);
}

/* --- who goes first ------------------------------------------------------------- */

static void the_longest_overdue_of_equals_first(void **state)
{
	static const size_t expected[][2] = { { 4, 3 }, { 2, 1 } };
	DESK desk = desk_make(0, 2, 5);
	size_t keys[2], n = 0;

	(void)state;
	while (sched_take(desk.sched, 0, keys) > 0)
		n++;
	assert_int_equal(n, 3);
	for (size_t key = 0; key < 5; key++)
		desk_polled(&desk, key, MEDIA_IMAGE, (int64_t)(4 - key) * 1000);
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(sched_take(desk.sched, 60000, keys), 2);
		assert_int_equal(keys[0], expected[i][0]);
		assert_int_equal(keys[1], expected[i][1]);
	}
	assert_int_equal(sched_take(desk.sched, 60000, keys), 1);
	assert_int_equal(keys[0], 0);
}

/* The video waits for longer; the image is sooner done, so its delay is larger. */
static void the_most_to_gain_first(void **state)
{
	DESK desk = desk_make(0, 1, 2);
	size_t key;

	(void)state;
	(void)sched_take(desk.sched, 0, &key);
	(void)sched_take(desk.sched, 0, &key);
	desk_polled(&desk, 0, MEDIA_VIDEO, 0);
	desk_polled(&desk, 1, MEDIA_IMAGE, 10000);
	assert_int_equal(sched_take(desk.sched, 50000, &key), 1);
	assert_int_equal(key, 1);
	assert_int_equal(sched_take(desk.sched, 50000, &key), 1);
	assert_int_equal(key, 0);
}

/* A link to be renewed holds up a download: it goes before what is just due. */
static void a_link_before_what_is_just_due(void **state)
{
	DESK desk = desk_make(0, 1, 2);
	size_t key;

	(void)state;
	(void)sched_take(desk.sched, 0, &key);
	(void)sched_take(desk.sched, 0, &key);
	desk_polled(&desk, 0, MEDIA_IMAGE, 0);
	desk_polled(&desk, 1, MEDIA_VIDEO, 0);
	sched_hurry(desk.sched, 1, 1500);
	assert_int_equal(sched_take(desk.sched, desk_reason(&desk, 0).due_ms, &key), 1);
	assert_int_equal(key, 1);
	/* Neither the budget nor a failed request takes its hurry away. */
	sched_again(desk.sched, &key, 1, desk_reason(&desk, 0).due_ms);
	assert_int_equal(sched_take(desk.sched, desk_reason(&desk, 0).due_ms, &key), 1);
	assert_int_equal(key, 1);
}

/* Not even the most urgent comes before one that nobody has looked at for so long. */
static void beyond_the_guard_before_all_others(void **state)
{
	static const struct {
		int64_t now_ms;
		size_t first;
	} row[] = {
		{ PLAN_GENERATING_MAX_MS - 1000, 1 },
		{ PLAN_GENERATING_MAX_MS + 1000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		DESK desk = desk_make(0, 1, 2);
		struct sched_view absent = desk_view(&desk, TASK_UNKNOWN, MEDIA_IMAGE);
		size_t key;

		absent.absences = 5;
		(void)sched_take(desk.sched, 0, &key);
		(void)sched_take(desk.sched, 0, &key);
		sched_polled(desk.sched, 0, &absent, 0);
		desk_polled(&desk, 1, MEDIA_IMAGE, 20000);
		assert_int_equal(sched_take(desk.sched, row[i].now_ms, &key), 1);
		assert_int_equal(key, row[i].first);
	}
}

/* Half an hour is what a queue may be left alone: its ids don't push others aside. */
static void a_queue_has_a_guard_of_its_own(void **state)
{
	const int64_t now_ms = 400000;
	DESK desk = desk_make(0, 1, 2);
	struct sched_view queued = desk_view(&desk, TASK_QUEUED, MEDIA_VIDEO);
	size_t key;

	(void)state;
	(void)sched_take(desk.sched, 0, &key);
	(void)sched_take(desk.sched, 0, &key);
	queued.queue_eta_ms = 780000; /* half of it has just passed */
	sched_polled(desk.sched, 0, &queued, 0);
	desk_polled(&desk, 1, MEDIA_IMAGE, now_ms - 90000);
	assert_true(desk_reason(&desk, 0).due_ms <= now_ms);
	assert_int_equal(sched_take(desk.sched, now_ms, &key), 1);
	assert_int_equal(key, 1);
}

/* --- sleep ----------------------------------------------------------------------- */

static void after_a_sleep_not_everybody_at_once(void **state)
{
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		const int64_t now_ms = 4000000;
		DESK desk = desk_untaught(0, 10, seed, 3);
		size_t keys[10];
		int64_t awake_ms;

		assert_int_equal(sched_take(desk.sched, 1000, keys), 3);
		for (size_t key = 0; key < 3; key++)
			desk_polled(&desk, key, MEDIA_IMAGE, 1000);
		if (sched_take(desk.sched, now_ms, keys) > 0) {
			least = 0; /* its moment is the very first */
			continue;
		}
		awake_ms = sched_next_ms(desk.sched);
		assert_in_range(awake_ms, now_ms + 1, now_ms + SCHED_AWAKE_MS);
		assert_int_equal(sched_take(desk.sched, awake_ms - 1, keys), 0);
		assert_int_equal(sched_take(desk.sched, awake_ms, keys), 3);
		least = awake_ms - now_ms < least ? awake_ms - now_ms : least;
		most = awake_ms - now_ms > most ? awake_ms - now_ms : most;
	}
	assert_true(most - least > SCHED_AWAKE_MS / 2);
}

/* Nobody asked because there was nothing to ask for, or because we had to wait. */
static void a_long_pause_is_no_sleep(void **state)
{
	const struct err busy = { .kind = ERR_NET, .retry_after_ms = 600000 };
	DESK desk = desk_make(0, 10, 1);
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 1000, keys), 1);
	(void)sched_request_failed(desk.sched, &busy, 0, 1000);
	sched_again(desk.sched, keys, 1, 1000);
	assert_int_equal(sched_take(desk.sched, 601000, keys), 1);
	sched_again(desk.sched, keys, 1, 900000); /* an answer that took very long */
	assert_int_equal(sched_take(desk.sched, 900000, keys), 1);
	sched_again(desk.sched, keys, 1, 900000);
	sched_budget_until(desk.sched, 1900000);
	assert_int_equal(sched_take(desk.sched, 1900000, keys), 1);
}

/* --- one id, from outside ----------------------------------------------------------- */

static void hurry_comes_sooner_but_not_at_once(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 1);
	desk_polled(&desk, 0, MEDIA_VIDEO, 0);
	sched_hurry(desk.sched, 0, 200);
	assert_int_equal(sched_next_ms(desk.sched), SCHED_HURRY_MS);
	sched_hurry(desk.sched, 0, 300); /* again: no change */
	assert_int_equal(sched_next_ms(desk.sched), SCHED_HURRY_MS);
	assert_int_equal(sched_take(desk.sched, SCHED_HURRY_MS, keys), 1);
	sched_hurry(desk.sched, 0, 2000); /* in flight: no change */
	assert_int_equal(sched_next_ms(desk.sched), INT64_MAX);
	desk_polled(&desk, 0, MEDIA_VIDEO, 2000);
	sched_hurry(desk.sched, 0, 50000); /* due already: not later */
	assert_in_range(sched_next_ms(desk.sched), 12000, 50000);
}

static void hurry_brings_a_dropped_key_back_for_one_look(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 1);
	sched_drop(desk.sched, 0);
	assert_int_equal(sched_next_ms(desk.sched), INT64_MAX);
	sched_hurry(desk.sched, 0, 5000);
	assert_int_equal(sched_take(desk.sched, 5000, keys), 1);
}

/* Whatever arrives for a dropped key, it stays dropped. */
static void dropped_in_flight_stays_dropped(void **state)
{
	DESK desk = desk_make(0, 10, 2);
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 2);
	sched_drop(desk.sched, 0);
	sched_drop(desk.sched, 1);
	sched_drop(desk.sched, 99); /* never added */
	desk_polled(&desk, 0, MEDIA_IMAGE, 100);
	sched_again(desk.sched, keys, 2, 100);
	assert_int_equal(sched_next_ms(desk.sched), INT64_MAX);
	assert_int_equal(sched_take(desk.sched, INT64_MAX, keys), 0);
}

/* Due and waiting for its turn, it can be dropped, hurried, and told about as well. */
static void changed_while_its_turn_is_near(void **state)
{
	DESK desk = desk_make(0, 2, 6);
	size_t keys[2];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 2);
	assert_int_equal(keys[0] + keys[1], 1);
	sched_drop(desk.sched, 2);
	desk_polled(&desk, 3, MEDIA_VIDEO, 0);
	assert_int_equal(sched_take(desk.sched, 0, keys), 2);
	assert_int_equal(keys[0] + keys[1], 4 + 5);
	assert_int_equal(sched_take(desk.sched, 9999, keys), 0);
	assert_int_equal(sched_take(desk.sched, sched_next_ms(desk.sched), keys), 1);
	assert_int_equal(keys[0], 3);
}

static void a_key_is_used_again(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	struct sched_reason reason;
	struct err err;
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 1);
	desk_polled(&desk, 0, MEDIA_VIDEO, 0);
	sched_drop(desk.sched, 0);
	assert_int_equal(sched_add(desk.sched, 0, 500, &err), ERR_OK);
	assert_false(sched_reason(desk.sched, 0, &reason));
	assert_int_equal(sched_take(desk.sched, 500, keys), 1);
}

/* A damaged ledger shows a task twice. */
static void a_key_that_is_there_keeps_its_turn(void **state)
{
	DESK desk = desk_make(0, 10, 0);
	struct err err;
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_add(desk.sched, 0, 1000, &err), ERR_OK);
	assert_int_equal(sched_add(desk.sched, 0, 500, &err), ERR_OK);
	assert_int_equal(sched_next_ms(desk.sched), 1000);
	assert_int_equal(sched_take(desk.sched, 1000, keys), 1);
	assert_int_equal(sched_add(desk.sched, 0, 1500, &err), ERR_OK);
	assert_int_equal(sched_take(desk.sched, 60000, keys), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(batches_are_full_and_no_fuller),
		cmocka_unit_test(not_before_it_is_due),
		cmocka_unit_test(a_moment_for_company),
		cmocka_unit_test(riding_along),
		cmocka_unit_test(riding_along_respects_the_floor),
		cmocka_unit_test(the_longest_overdue_of_equals_first),
		cmocka_unit_test(the_most_to_gain_first),
		cmocka_unit_test(a_link_before_what_is_just_due),
		cmocka_unit_test(beyond_the_guard_before_all_others),
		cmocka_unit_test(a_queue_has_a_guard_of_its_own),
		cmocka_unit_test(after_a_sleep_not_everybody_at_once),
		cmocka_unit_test(a_long_pause_is_no_sleep),
		cmocka_unit_test(hurry_comes_sooner_but_not_at_once),
		cmocka_unit_test(hurry_brings_a_dropped_key_back_for_one_look),
		cmocka_unit_test(dropped_in_flight_stays_dropped),
		cmocka_unit_test(changed_while_its_turn_is_near),
		cmocka_unit_test(a_key_is_used_again),
		cmocka_unit_test(a_key_that_is_there_keeps_its_turn),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
