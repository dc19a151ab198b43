/* The schedule on a clock that the test turns: tables, then long random lives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/sched.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCHED _cleanup_(sched_freep) struct sched *

enum { KEYS_MAX = 512 };

static void sched_freep(struct sched **sched)
{
	sched_free(*sched);
}

static struct sched *make(int64_t interval_ms, unsigned batch_max, size_t n_keys)
{
	struct sched *sched = sched_new(interval_ms, batch_max, 7);
	struct err err;

	assert_non_null(sched);
	for (size_t i = 0; i < n_keys; i++)
		assert_int_equal(sched_add(sched, i, 0, &err), ERR_OK);
	return sched;
}

/* Take everything that is due and answer it with `view`. */
static void look_at_all(
    struct sched *sched, const struct sched_view *view, int64_t now_ms)
{
	size_t keys[KEYS_MAX], n;

	while ((n = sched_take(sched, now_ms, keys)) > 0)
		for (size_t i = 0; i < n; i++)
			sched_looked(sched, keys[i], view, now_ms);
}

static void nothing_to_do(void **state)
{
	SCHED sched = make(0, 50, 0);
	size_t keys[50];

	(void)state;
	assert_int_equal(sched_next_ms(sched), INT64_MAX);
	assert_int_equal(sched_take(sched, INT64_MAX, keys), 0);
	assert_int_equal(sched_trouble_since_ms(sched), -1);
	assert_int_equal(sched_batch(sched), 50);
	sched_free(NULL);
}

static void batches_are_full_and_no_fuller(void **state)
{
	SCHED sched = make(0, 50, 120);
	bool was_given[120] = { 0 };
	size_t keys[50], n;

	(void)state;
	for (size_t expected = 50; expected > 0; expected = expected == 50 ? 20 : 0)
		for (int i = 0; i < (expected == 50 ? 2 : 1); i++) {
			n = sched_take(sched, 0, keys);
			assert_int_equal(n, expected);
			for (size_t k = 0; k < n; k++) {
				assert_false(was_given[keys[k]]);
				was_given[keys[k]] = true;
			}
		}
	assert_int_equal(sched_take(sched, 0, keys), 0);
	assert_int_equal(sched_next_ms(sched), INT64_MAX);
}

static void not_before_it_is_due(void **state)
{
	SCHED sched = sched_new(0, 10, 7);
	struct err err;
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_add(sched, 0, 1000, &err), ERR_OK);
	assert_int_equal(sched_next_ms(sched), 1000);
	assert_int_equal(sched_take(sched, 999, keys), 0);
	assert_int_equal(sched_take(sched, 1000, keys), 1);
}

/* How soon, and how late, a view's next look may be due. */
static void intervals(void **state)
{
	static const struct {
		const char *label;
		int64_t interval_ms;
		struct sched_view view;
		int64_t min_ms, max_ms;
	} row[] = {
		{ "image", 0, { .state = TASK_GENERATING, .kind = MEDIA_IMAGE }, 3000,
		    5000 },
		{ "unknown kind", 0, { .state = TASK_GENERATING }, 3000, 5000 },
		{ "video", 0, { .state = TASK_GENERATING, .kind = MEDIA_VIDEO }, 10000,
		    20000 },
		{ "queued video", 0, { .state = TASK_QUEUED, .kind = MEDIA_VIDEO }, 10000,
		    30000 },
		{ "advice", 0,
		    { .state = TASK_GENERATING, .kind = MEDIA_IMAGE, .advice_ms = 30000 },
		    30000, 36000 },
		{ "short advice", 0,
		    { .state = TASK_QUEUED, .kind = MEDIA_VIDEO, .advice_ms = 2000 },
		    2000, 2400 },
		{ "mad advice", 0, { .kind = MEDIA_IMAGE, .advice_ms = INT64_MAX },
		    SCHED_ADVICE_MAX_MS, SCHED_ADVICE_MAX_MS * 6 / 5 },
		{ "negative advice", 0, { .kind = MEDIA_IMAGE, .advice_ms = -1 }, 3000,
		    5000 },
		{ "the user's word", 1000, { .kind = MEDIA_VIDEO, .advice_ms = 30000 },
		    1000, 1200 },
		{ "the user's word on absent ids", 250,
		    { .state = TASK_UNKNOWN, .absences = 9 }, 250, 300 },
		{ "the user's millisecond", 1, { .kind = MEDIA_IMAGE }, 1, 1 },
		{ "absent once", 0, { .absences = 1 }, 5000, 6000 },
		{ "twice", 0, { .absences = 2 }, 10000, 12000 },
		{ "thrice", 0, { .absences = 3 }, 20000, 24000 },
		{ "four times", 0, { .absences = 4 }, 40000, 48000 },
		{ "five times", 0, { .absences = 5 }, 60000, 72000 },
		{ "for ever", 0, { .absences = UINT32_MAX }, 60000, 72000 },
		{ "absent wins over advice", 0, { .absences = 5, .advice_ms = 1000 },
		    60000, 72000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCHED sched = make(row[i].interval_ms, 10, 1);
		int64_t now_ms = 0, seen_min = INT64_MAX, seen_max = 0;

		print_message("# %s\n", row[i].label);
		for (int look = 0; look < 300; look++) {
			int64_t gap_ms;

			look_at_all(sched, &row[i].view, now_ms);
			gap_ms = sched_next_ms(sched) - now_ms;
			assert_in_range(gap_ms, row[i].min_ms, row[i].max_ms);
			seen_min = gap_ms < seen_min ? gap_ms : seen_min;
			seen_max = gap_ms > seen_max ? gap_ms : seen_max;
			now_ms += gap_ms;
		}
		if (row[i].max_ms - row[i].min_ms >= 50)
			assert_true(
			    seen_max - seen_min > (row[i].max_ms - row[i].min_ms) / 2);
	}
}

/* --interval never: not even the largest number may run over. */
static void an_endless_interval(void **state)
{
	static const struct sched_view view = { .kind = MEDIA_IMAGE };
	SCHED sched = make(INT64_MAX, 10, 1);
	size_t keys[10];

	(void)state;
	look_at_all(sched, &view, 1000000);
	assert_true(sched_next_ms(sched) > INT64_C(1000) * 365 * 86400000);
	assert_int_equal(sched_take(sched, INT64_C(1000) * 365 * 86400000, keys), 0);
}

/* One is due; one may be looked at already and rides along; one may not. */
static void riding_along_respects_the_floor(void **state)
{
	static const struct sched_view image = { .kind = MEDIA_IMAGE };
	static const struct sched_view absent = { .absences = 5 };
	SCHED sched = make(0, 40, 30);
	size_t keys[KEYS_MAX], n;

	(void)state;
	assert_int_equal(sched_take(sched, 0, keys), 30);
	for (size_t key = 0; key < 29; key++)
		sched_looked(sched, key, &image, 0);
	sched_looked(sched, 29, &absent, 0);
	/* 29 are due between 3 and 5 s, and may be looked at from 3 s on. */
	n = sched_take(sched, sched_next_ms(sched), keys);
	assert_int_equal(n, 29);
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(keys[i], 29);
	assert_true(sched_next_ms(sched) >= SCHED_ABSENT_MAX_MS);
}

static void a_failure_pauses_the_account(void **state)
{
	const struct err net = { .kind = ERR_NET };
	static const int64_t ceilings[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
	SCHED sched = make(0, 50, 3);
	int64_t now_ms = 5000;
	size_t keys[50];

	(void)state;
	for (size_t i = 0; i < COUNT(ceilings); i++) {
		const size_t n = sched_take(sched, now_ms, keys);

		assert_int_equal(n, 3);
		assert_int_equal(sched_request_failed(sched, &net, 0, now_ms), i + 1);
		sched_again(sched, keys, n, now_ms);
		assert_int_equal(sched_trouble_since_ms(sched), 5000);
		assert_in_range(sched_next_ms(sched) - now_ms, 1, ceilings[i]);
		assert_int_equal(sched_take(sched, sched_next_ms(sched) - 1, keys), 0);
		now_ms = sched_next_ms(sched);
	}
	assert_int_equal(sched_take(sched, now_ms, keys), 3);
	sched_request_ok(sched, now_ms);
	assert_int_equal(sched_trouble_since_ms(sched), -1);
	assert_int_equal(sched_request_failed(sched, &net, 0, now_ms), 1);
}

/* Many clients that fail together must not come back together. */
static void backoff_is_spread(void **state)
{
	const struct err net = { .kind = ERR_NET };
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		SCHED sched = sched_new(0, 50, seed);
		int64_t pause_ms;
		struct err err;

		assert_int_equal(sched_add(sched, 0, 0, &err), ERR_OK);
		for (int i = 0; i < 6; i++)
			(void)sched_request_failed(sched, &net, 0, 0);
		pause_ms = sched_next_ms(sched);
		least = pause_ms < least ? pause_ms : least;
		most = pause_ms > most ? pause_ms : most;
	}
	assert_true(most - least > SCHED_BACKOFF_CAP_MS / 2);
}

static void the_server_says_how_long(void **state)
{
	const struct err busy = { .kind = ERR_BUSY, .retry_after_ms = 90000 };
	SCHED sched = make(0, 50, 1);
	size_t keys[50];

	(void)state;
	assert_int_equal(sched_take(sched, 0, keys), 1);
	(void)sched_request_failed(sched, &busy, 0, 0);
	sched_again(sched, keys, 1, 0);
	assert_int_equal(sched_next_ms(sched), 90000);
	assert_int_equal(sched_take(sched, 89999, keys), 0);
	assert_int_equal(sched_take(sched, 90000, keys), 1);
}

/* A date that a wrong clock has made up shall not put a watch to sleep for weeks. */
static void the_server_says_too_long(void **state)
{
	const struct err busy = { .kind = ERR_NET, .retry_after_ms = UINT32_MAX };
	SCHED sched = make(0, 50, 1);
	size_t keys[50];

	(void)state;
	assert_int_equal(sched_take(sched, 0, keys), 1);
	(void)sched_request_failed(sched, &busy, 0, 0);
	sched_again(sched, keys, 1, 0);
	assert_int_equal(sched_next_ms(sched), 3600000);
}

/* A request that was under way when the server said "wait" does not lift its word. */
static void an_older_success_does_not_end_retry_after(void **state)
{
	const struct err busy = { .kind = ERR_BUSY, .retry_after_ms = 30000 };
	SCHED sched = make(0, 1, 2);
	size_t keys[2];

	(void)state;
	assert_int_equal(sched_take(sched, 0, keys), 1);
	assert_int_equal(sched_take(sched, 0, keys + 1), 1);
	(void)sched_request_failed(sched, &busy, 0, 100);
	sched_again(sched, keys, 1, 100);
	sched_request_ok(sched, 200);
	assert_int_equal(sched_next_ms(sched), 30100);
	assert_int_equal(sched_take(sched, 30099, keys), 0);
	assert_int_equal(sched_take(sched, 30100, keys), 1);
}

/* Our own guess of a pause does end when the service is seen to work. */
static void a_success_ends_our_own_backoff(void **state)
{
	const struct err net = { .kind = ERR_NET };
	SCHED sched = make(0, 1, 2);
	size_t keys[2];

	(void)state;
	(void)sched_take(sched, 0, keys);
	(void)sched_take(sched, 0, keys + 1);
	for (int i = 0; i < 10; i++)
		(void)sched_request_failed(sched, &net, 0, 100);
	sched_again(sched, keys, 1, 100);
	sched_request_ok(sched, 200);
	assert_int_equal(sched_take(sched, 200, keys), 1);
}

static void batches_halve_and_grow_again(void **state)
{
	const struct err net = { .kind = ERR_NET };
	static const unsigned halves[] = { 25, 12, 6, 3, 1, 1 };
	static const unsigned doubles[] = { 2, 4, 8, 16, 32, 50, 50 };
	SCHED sched = make(0, 50, 0);

	(void)state;
	for (size_t i = 0; i < COUNT(halves); i++) {
		(void)sched_request_failed(sched, &net, sched_batch(sched), 0);
		assert_int_equal(sched_batch(sched), halves[i]);
	}
	for (size_t i = 0; i < COUNT(doubles); i++) {
		for (int k = 0; k < 4; k++)
			sched_request_ok(sched, 0);
		assert_int_equal(sched_batch(sched), doubles[i]);
	}
	(void)sched_request_failed(sched, &net, 0, 0);
	assert_int_equal(sched_batch(sched), 50);
}

/* Twelve ids were too many: half of 12 is tried next, not half of the 50 allowed. */
static void halving_starts_from_what_was_sent(void **state)
{
	const struct err net = { .kind = ERR_NET };
	SCHED sched = make(0, 50, 12);
	size_t keys[50];

	(void)state;
	assert_int_equal(sched_take(sched, 0, keys), 12);
	(void)sched_request_failed(sched, &net, 12, 0);
	sched_again(sched, keys, 12, 0);
	assert_int_equal(sched_take(sched, sched_next_ms(sched), keys), 6);
}

/* Two requests of one size that fail together say one thing, not two. */
static void two_failures_together_halve_once(void **state)
{
	const struct err net = { .kind = ERR_NET };
	SCHED sched = make(0, 50, 0);

	(void)state;
	(void)sched_request_failed(sched, &net, 50, 0);
	(void)sched_request_failed(sched, &net, 50, 0);
	assert_int_equal(sched_batch(sched), 25);
}

static void one_bad_answer_breaks_the_row_of_good_ones(void **state)
{
	const struct err net = { .kind = ERR_NET };
	SCHED sched = make(0, 8, 0);

	(void)state;
	(void)sched_request_failed(sched, &net, 8, 0);
	for (int i = 0; i < 3; i++)
		sched_request_ok(sched, 0);
	(void)sched_request_failed(sched, &net, 0, 0);
	sched_request_ok(sched, 0);
	assert_int_equal(sched_batch(sched), 4);
}

static void hurry_comes_sooner_but_not_at_once(void **state)
{
	static const struct sched_view view = { .kind = MEDIA_VIDEO };
	SCHED sched = make(0, 10, 1);
	size_t keys[10];

	(void)state;
	look_at_all(sched, &view, 0);
	sched_hurry(sched, 0, 200);
	assert_int_equal(sched_next_ms(sched), SCHED_HURRY_MS);
	sched_hurry(sched, 0, 300); /* again: no change */
	assert_int_equal(sched_next_ms(sched), SCHED_HURRY_MS);
	assert_int_equal(sched_take(sched, SCHED_HURRY_MS, keys), 1);
	sched_hurry(sched, 0, 2000); /* in flight: no change */
	assert_int_equal(sched_next_ms(sched), INT64_MAX);
	sched_looked(sched, 0, &view, 2000);
	sched_hurry(sched, 0, 50000); /* due already: not later */
	assert_in_range(sched_next_ms(sched), 12000, 50000);
}

static void hurry_brings_a_dropped_key_back_for_one_look(void **state)
{
	SCHED sched = make(0, 10, 1);
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(sched, 0, keys), 1);
	sched_drop(sched, 0);
	assert_int_equal(sched_next_ms(sched), INT64_MAX);
	sched_hurry(sched, 0, 5000);
	assert_int_equal(sched_take(sched, 5000, keys), 1);
}

/* Whatever arrives for a dropped key, it stays dropped. */
static void dropped_in_flight_stays_dropped(void **state)
{
	static const struct sched_view view = { .kind = MEDIA_IMAGE };
	SCHED sched = make(0, 10, 2);
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(sched, 0, keys), 2);
	sched_drop(sched, 0);
	sched_drop(sched, 1);
	sched_looked(sched, 0, &view, 100);
	sched_again(sched, keys, 2, 100);
	assert_int_equal(sched_next_ms(sched), INT64_MAX);
	assert_int_equal(sched_take(sched, INT64_MAX, keys), 0);
}

/* --- long lives ------------------------------------------------------------- */

struct life {
	struct sched *sched;
	uint64_t random;
	int64_t now_ms;
	struct {
		int64_t looked_ms, floor_ms;
		bool is_hurried, is_dropped, is_in_flight;
		unsigned looks;
	} key[KEYS_MAX];
	size_t n_keys;
};

static uint64_t roll(struct life *life, uint64_t sides)
{
	uint64_t z = life->random += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	return (z ^ (z >> 27)) % sides;
}

static void check_taken(struct life *life, const size_t *keys, size_t n)
{
	assert_true(n <= sched_batch(life->sched));
	for (size_t i = 0; i < n; i++) {
		const int64_t gap_ms = life->now_ms - life->key[keys[i]].looked_ms;

		assert_true(keys[i] < life->n_keys);
		assert_false(life->key[keys[i]].is_dropped);
		assert_false(life->key[keys[i]].is_in_flight);
		if (life->key[keys[i]].looks > 0)
			assert_true(gap_ms >= (life->key[keys[i]].is_hurried
						      ? SCHED_HURRY_MS
						      : life->key[keys[i]].floor_ms));
		life->key[keys[i]].is_in_flight = true;
		life->key[keys[i]].is_hurried = false;
		life->key[keys[i]].looks++;
	}
}

static void answer(struct life *life, const size_t *keys, size_t n)
{
	static const struct {
		struct sched_view view;
		int64_t floor_ms;
	} views[] = {
		{ { .state = TASK_GENERATING, .kind = MEDIA_IMAGE }, 3000 },
		{ { .state = TASK_QUEUED, .kind = MEDIA_VIDEO }, 10000 },
		{ { .kind = MEDIA_IMAGE, .advice_ms = 15000 }, 15000 },
		{ { .absences = 2 }, 10000 },
	};

	sched_request_ok(life->sched, life->now_ms);
	for (size_t i = 0; i < n; i++) {
		const size_t at = roll(life, COUNT(views));

		sched_looked(life->sched, keys[i], &views[at].view, life->now_ms);
		life->key[keys[i]].is_in_flight = false;
		life->key[keys[i]].looked_ms = life->now_ms;
		life->key[keys[i]].floor_ms = views[at].floor_ms;
	}
}

/* A request that failed showed nothing: its keys may be asked for again at once. */
static void refuse(struct life *life, const size_t *keys, size_t n)
{
	const struct err why = { .kind = ERR_NET,
		.retry_after_ms = roll(life, 4) ? 0 : 5000 };

	(void)sched_request_failed(
	    life->sched, &why, roll(life, 2) ? n : 0, life->now_ms);
	sched_again(life->sched, keys, n, life->now_ms);
	for (size_t i = 0; i < n; i++) {
		life->key[keys[i]].is_in_flight = false;
		life->key[keys[i]].floor_ms = 0;
	}
}

static void disturb(struct life *life)
{
	const size_t key = roll(life, life->n_keys);
	struct err err;

	switch (roll(life, 20)) {
	case 0:
		sched_drop(life->sched, key);
		life->key[key].is_dropped = true;
		break;
	case 1:
	case 2:
		if (!life->key[key].is_dropped) {
			sched_hurry(life->sched, key, life->now_ms);
			life->key[key].is_hurried = true;
		}
		break;
	case 3:
		if (life->n_keys < KEYS_MAX) {
			assert_int_equal(
			    sched_add(life->sched, life->n_keys++, life->now_ms, &err),
			    ERR_OK);
		}
		break;
	default:
		break;
	}
}

/* No key is lost, and none is looked at much less often than the slowest may be. */
static void check_nobody_starved(const struct life *life)
{
	for (size_t i = 0; i < life->n_keys; i++)
		if (!life->key[i].is_dropped)
			assert_true(life->now_ms - life->key[i].looked_ms < 400000);
}

static void a_long_life(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		SCHED sched = make(0, 20, 200);
		struct life life = { .sched = sched, .random = seed, .n_keys = 200 };

		for (int i = 0; i < 12000; i++) {
			const int64_t next_ms = sched_next_ms(sched);
			size_t keys[KEYS_MAX], n;

			if (next_ms == INT64_MAX)
				break;
			if (next_ms > life.now_ms)
				life.now_ms = next_ms;
			n = sched_take(sched, life.now_ms, keys);
			assert_true(n > 0);
			check_taken(&life, keys, n);
			life.now_ms += (int64_t)roll(&life, 80);
			if (roll(&life, 10) == 0)
				refuse(&life, keys, n);
			else
				answer(&life, keys, n);
			if (i % 8 == 0)
				disturb(&life);
		}
		check_nobody_starved(&life);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(batches_are_full_and_no_fuller),
		cmocka_unit_test(not_before_it_is_due),
		cmocka_unit_test(intervals),
		cmocka_unit_test(an_endless_interval),
		cmocka_unit_test(riding_along_respects_the_floor),
		cmocka_unit_test(a_failure_pauses_the_account),
		cmocka_unit_test(backoff_is_spread),
		cmocka_unit_test(the_server_says_how_long),
		cmocka_unit_test(the_server_says_too_long),
		cmocka_unit_test(an_older_success_does_not_end_retry_after),
		cmocka_unit_test(a_success_ends_our_own_backoff),
		cmocka_unit_test(batches_halve_and_grow_again),
		cmocka_unit_test(halving_starts_from_what_was_sent),
		cmocka_unit_test(two_failures_together_halve_once),
		cmocka_unit_test(one_bad_answer_breaks_the_row_of_good_ones),
		cmocka_unit_test(hurry_comes_sooner_but_not_at_once),
		cmocka_unit_test(hurry_brings_a_dropped_key_back_for_one_look),
		cmocka_unit_test(dropped_in_flight_stays_dropped),
		cmocka_unit_test(a_long_life),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
