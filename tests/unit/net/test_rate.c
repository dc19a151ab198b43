/* The arithmetic of a rate: what a plan says, and how a bucket keeps to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/rate.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void rates_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t usual; /* -1: refused */
	} rows[] = {
		{ "2M", 2 << 20 },
		{ "2m", 2 << 20 },
		{ "500k", 500 << 10 },
		{ "500K", 500 << 10 },
		{ "1.5M", 3 << 19 },
		{ "1g", 1 << 30 },
		{ "1", 1 },
		{ "300000", 300000 },
		{ "off", 0 },
		{ "0.25k", 256 },
		{ "1024g", INT64_C(1) << 40 },
		{ "1025g", -1 },
		{ "99999999999999999999", -1 },
		{ "0", -1 },
		{ "0.0001", -1 },
		{ "", -1 },
		{ "M", -1 },
		{ ".5M", -1 },
		{ "5.M", -1 },
		{ "2MB", -1 },
		{ "2 M", -1 },
		{ "-2M", -1 },
		{ "2M,", -1 },
		{ "fast", -1 },
		{ "OFF", -1 },
		{ "1e6", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rate_plan plan = { .usual = 12345 };
		struct err err = { 0 };
		const enum err_kind kind = rate_plan_parse(rows[i].text, &plan, &err);

		if ((kind == ERR_OK) != (rows[i].usual >= 0))
			fail_msg("'%s': %s", rows[i].text, err.msg);
		if (!kind && plan.usual != (uint64_t)rows[i].usual)
			fail_msg(
			    "'%s': %llu", rows[i].text, (unsigned long long)plan.usual);
	}
}

static void hours_have_their_rate(void **state)
{
	static const char *const bad[] = { "2M,22:00-07:00",
		"2M,22:00-07:00=", "2M,22:00-07:00=fast", "2M,22:00=off",
		"22:00-07:00=off", "2M,off", "2M,22:00-07:00=off,",
		"2M,22:00-07:00=1M=2M" };
	struct rate_plan plan;
	struct err err;

	(void)state;
	assert_int_equal(
	    rate_plan_parse(
		"2M,22:00-07:00=off,12:00-13:00=100k,06:00-12:30=1k", &plan, &err),
	    ERR_OK);
	assert_int_equal(rate_plan_at(&plan, 23 * 60), 0);
	assert_int_equal(rate_plan_at(&plan, 6 * 60 + 30), 0); /* the first counts */
	assert_int_equal(rate_plan_at(&plan, 7 * 60), 1024);
	assert_int_equal(rate_plan_at(&plan, 12 * 60), 100 << 10);
	assert_int_equal(rate_plan_at(&plan, 13 * 60), 2 << 20);
	assert_int_equal(rate_plan_least(&plan), 1024);
	assert_int_equal(rate_plan_parse("off,08:00-09:00=3k", &plan, &err), ERR_OK);
	assert_int_equal(rate_plan_least(&plan), 3 << 10);
	assert_int_equal(rate_plan_parse("off", &plan, &err), ERR_OK);
	assert_int_equal(rate_plan_least(&plan), 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (rate_plan_parse(bad[i], &plan, &err) != ERR_USAGE)
			fail_msg("'%s' is taken", bad[i]);
}

/* Somebody who always wants more, at whatever rate, in pieces of whatever size. */
static void a_minute_is_exact(void **state)
{
	static const uint64_t rates[] = { 1, 999, 10 << 10, 500 << 10, 2 << 20,
		UINT64_C(100) << 20, UINT64_C(1) << 40 };
	static const uint64_t pieces[] = { 1, 700, RATE_PIECE };
	const int64_t begun_ms = 5000, minute_ms = 60000;

	(void)state;
	for (size_t i = 0; i < COUNT(rates) * COUNT(pieces); i++) {
		const uint64_t rate = rates[i / COUNT(pieces)];
		uint64_t piece = pieces[i % COUNT(pieces)], came = 0;
		struct rate_bucket bucket = bucket_make(rate, begun_ms);

		/* As few steps as can be, where the pieces are many. */
		if (rate / piece > 100000)
			piece = rate / 100;
		for (int64_t now_ms = begun_ms; now_ms <= begun_ms + minute_ms;) {
			if (bucket_take(&bucket, piece, now_ms)) {
				came += piece;
				continue;
			}
			assert_true(bucket_when_ms(&bucket, piece) > now_ms);
			now_ms = bucket_when_ms(&bucket, piece);
		}
		/* Within one piece, or what is made up for. */
		if (came > rate * 60 + piece || came + piece + 1 < rate * 60)
			fail_msg("at %llu a second, in %llus: %llu came",
			    (unsigned long long)rate, (unsigned long long)piece,
			    (unsigned long long)came);
	}
}

static void an_idle_time_is_made_up_for_a_little(void **state)
{
	struct rate_bucket bucket = bucket_make(1 << 20, 0);

	(void)state;
	assert_int_equal(bucket_level(&bucket, 0), 0);
	assert_int_equal(bucket_level(&bucket, 100), 104857);
	assert_int_equal(bucket_level(&bucket, 3600 * 1000), 1 << 18);
	assert_true(bucket_take(&bucket, 1 << 18, 3600 * 1000));
	assert_false(bucket_take(&bucket, 1, 3600 * 1000));
	/* A slow one holds a whole piece, or nothing would ever come. */
	bucket = bucket_make(100, 0);
	assert_false(bucket_take(&bucket, RATE_PIECE, RATE_PIECE * 10 - 10));
	assert_true(bucket_take(&bucket, RATE_PIECE, RATE_PIECE * 10));
}

static void more_than_it_holds_is_owed(void **state)
{
	struct rate_bucket bucket = bucket_make(100 << 10, 0);
	const uint64_t much = 1 << 20;

	(void)state;
	assert_true(bucket_take(&bucket, much, 1000));
	assert_false(bucket_take(&bucket, 1, 10000));
	assert_true(bucket_take(&bucket, 1, 11000));
}

static void a_clock_that_stands_fills_nothing(void **state)
{
	struct rate_bucket bucket = bucket_make(1000, 500);

	(void)state;
	assert_int_equal(bucket_level(&bucket, 400), 0);
	assert_int_equal(bucket_level(&bucket, 500), 0);
	assert_int_equal(bucket_level(&bucket, 501), 1);
}

static void another_rate_counts_from_then(void **state)
{
	struct rate_bucket bucket = bucket_make(1 << 20, 0);

	(void)state;
	bucket_change(&bucket, 1 << 10, 250);
	assert_int_equal(bucket_level(&bucket, 250), RATE_PIECE); /* all it holds now */
	assert_true(bucket_take(&bucket, RATE_PIECE, 250));
	assert_int_equal(bucket_level(&bucket, 1250), 1 << 10);
	assert_int_equal(bucket_when_ms(&bucket, 2 << 10), 2250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_read),
		cmocka_unit_test(hours_have_their_rate),
		cmocka_unit_test(a_minute_is_exact),
		cmocka_unit_test(an_idle_time_is_made_up_for_a_little),
		cmocka_unit_test(more_than_it_holds_is_owed),
		cmocka_unit_test(a_clock_that_stands_fills_nothing),
		cmocka_unit_test(another_rate_counts_from_then),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
