/*
 * test_life.c - unit tests of life.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "state/life.h"

static const int64_t start = 1757778120000;

static struct clock plain(void)
{
	return clock_make(1.0, false, start, 0);
}

static struct life make(enum task_kind kind, const char *prompt, uint64_t seed)
{
	struct clock clock = plain();
	struct wishes wishes = prompt_wishes(prompt);

	return life_make(&clock, kind, &wishes, seed, start);
}

static void clock_runs_faster_or_spans_shrink(void **state)
{
	struct clock scaled = clock_make(100.0, false, start, 0);
	struct clock real = clock_make(100.0, true, start, 0);

	(void)state;
	assert_int_equal(clock_at_ms(&scaled, 1000000000), start + 100000);
	assert_int_equal(clock_span_ms(&scaled, 60.0), 60000);
	assert_int_equal(clock_at_ms(&real, 1000000000), start + 1000);
	assert_int_equal(clock_span_ms(&real, 60.0), 600);
	assert_int_equal(clock_advice_s(&scaled, 30.0), 1);
	assert_int_equal(clock_advice_s(&real, 300.0), 3);
}

static void images_only_move_forward(void **state)
{
	static const int order[] = { 20, 42, 45, 50 };

	(void)state;
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct life life = make(KIND_IMAGE, "a cat", seed);
		int items = 0;
		size_t at = 0;

		for (int64_t t = 0; t < 120000; t += 100) {
			struct life_view view = life_look(&life, start + t);

			while (at < 4 && order[at] != view.status)
				at++;
			assert_true(at < 4);
			assert_true(view.items >= items);
			assert_int_equal(view.status, view.task_status);
			assert_int_equal(view.is_ended, view.status == 50);
			items = view.items;
		}
		assert_int_equal(at, 3);
		assert_int_equal(items, life.items);
		assert_true(life.items == 1 || life.items == 4);
	}
}

static void image_lengths_are_as_measured(void **state)
{
	int below = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 4000; seed++) {
		struct life life = make(KIND_IMAGE, "", seed);
		int64_t length = life.end_at - start;

		below += length < 19000;
		assert_in_range(length, 5000, 80000);
	}
	assert_in_range(below, 1850, 2150);
}

static void items_come_one_by_one(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct life life = make(KIND_IMAGE, "[items=4][seconds=20]", seed);

		for (int64_t t = 0; t < 20000; t += 50) {
			struct life_view view = life_look(&life, start + t);

			if (view.status == 45)
				seen |= 1u << view.items;
		}
	}
	assert_int_equal(seen, 0x1f); /* 45 with 0, 1, 2, 3 and 4 items */
}

static void videos_queue_first(void **state)
{
	struct life life = make(KIND_VIDEO, "[queue=400][seconds=30]", 3);
	struct life_view first = life_look(&life, start);
	int last = first.queue_idx, rises = 0;
	int64_t t = 0;

	(void)state;
	assert_in_range(first.queue_idx, 390, 440);
	assert_true(first.queue_length >= first.queue_idx);
	for (; start + t < life.queued_until; t += 100) {
		struct life_view view = life_look(&life, start + t);

		assert_int_equal(view.status, 20);
		assert_int_equal(view.queue_status, 1);
		assert_true(view.queue_idx >= 1);
		rises += view.queue_idx > last;
		last = view.queue_idx;
	}
	assert_true(rises > 0);
	assert_true(last < 60);
	assert_int_equal(life_look(&life, life.queued_until).queue_status, 2);
	assert_int_equal(life_look(&life, life.queued_until).status, 20);
	assert_int_equal(life.end_at - life.queued_until, 30000);
	assert_int_equal(life_look(&life, life.end_at).status, 50);
	assert_int_equal(life_look(&life, life.end_at).items, 1);
}

static const struct end_row {
	const char *prompt;
	int status, task_status, items, failed;
	const char *code; /* NULL: no failure */
} ends[] = {
	{ "[items=4]", 50, 50, 4, 0, NULL },
	{ "[reject-text]", 30, 10, 0, 0, "2038" },
	{ "[reject-output]", 30, 40, 0, 0, "2041" },
	{ "[fail]", 30, 30, 0, 0, "100402" },
	{ "[fail-empty-code]", 30, 30, 0, 0, "" },
	{ "[items=4][fail-with-items]", 30, 30, 2, 0, "100402" },
	{ "[deleted]", 100, 100, 0, 0, "0" },
	{ "[items=4] [one-missing]", 50, 50, 3, 1, NULL },
	{ "[items=2][final=10]", 10, 10, 2, 0, NULL },
	{ "[[items=3]]", 50, 50, 3, 0, NULL },
};

static void every_word_ends_as_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct life life = make(KIND_IMAGE, ends[i].prompt, 1);
		struct life_view view = life_look(&life, start + 3600000);

		assert_true(view.is_ended);
		assert_int_equal(view.status, ends[i].status);
		assert_int_equal(view.task_status, ends[i].task_status);
		assert_int_equal(view.items, ends[i].items);
		assert_int_equal(view.failed_items, ends[i].failed);
		assert_int_equal(view.queue_status, 3);
		if (ends[i].code)
			assert_string_equal(view.failure->code, ends[i].code);
		else
			assert_null(view.failure);
	}
}

static void odd_words(void **state)
{
	struct life stuck = make(KIND_IMAGE, "[stuck]", 1);
	struct life cancelled = make(KIND_VIDEO, "[cancel]", 1);
	struct life odd = make(KIND_IMAGE, "[status=77][seconds=10]", 1);
	struct life empty = make(KIND_IMAGE, "[no-assets]", 1);
	struct life_view view = life_look(&cancelled, start + 3600000);

	(void)state;
	assert_false(life_look(&stuck, start + 1000000000000).is_ended);
	assert_null(view.failure->code);
	assert_int_equal(view.status, 30);
	assert_int_equal(life_look(&odd, start + 9000).status, 77);
	assert_int_equal(life_look(&odd, start + 10000).status, 50);
	assert_true(life_look(&empty, start + 3600000).is_empty);
}

static void values_out_of_range_are_ignored(void **state)
{
	struct wishes w =
	    prompt_wishes("[items=99] [size=0x5] [bytes=x] [ret=1006] [queue=]"
			  "[unknown] [seconds=-1] [webp] [slow=50k] [size=64x32]");

	(void)state;
	assert_int_equal(w.items, 0);
	assert_int_equal(w.asset_bytes, 0);
	assert_int_equal(w.ret, 1006);
	assert_int_equal(w.queue, -1);
	assert_true(w.seconds <= 0.0);
	assert_int_equal(w.bytes_as, FORMAT_WEBP);
	assert_int_equal(w.slow, 50 * 1024);
	assert_int_equal(w.width, 64);
	assert_int_equal(w.height, 32);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_runs_faster_or_spans_shrink),
		cmocka_unit_test(images_only_move_forward),
		cmocka_unit_test(image_lengths_are_as_measured),
		cmocka_unit_test(items_come_one_by_one),
		cmocka_unit_test(videos_queue_first),
		cmocka_unit_test(every_word_ends_as_told),
		cmocka_unit_test(odd_words),
		cmocka_unit_test(values_out_of_range_are_ignored),
	};

	return cmocka_run_group_tests_name("emulator life", tests, NULL, NULL);
}
