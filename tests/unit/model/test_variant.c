#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "model/choice.h"

enum { ROOM = 4 };

static const struct {
	const char *what;
	struct variant all[ROOM];
	size_t n, best, smallest;
} rows[] = {
	{ "one is all there is", { { .width = 0 } }, 1, 0, 0 },
	{ "pixels come first",
	    { { .width = 640, .height = 360, .bitrate = 9000000, .size_bytes = 900 },
		{ .width = 1920, .height = 1080, .bitrate = 100, .size_bytes = 1 } },
	    2, 1, 0 },
	{ "then bits",
	    { { .width = 640, .height = 360, .bitrate = 1273 },
		{ .width = 360, .height = 640, .bitrate = 11564 } },
	    2, 1, 0 },
	{ "then bytes",
	    { { .width = 640, .height = 360, .size_bytes = 120 },
		{ .width = 640, .height = 360, .size_bytes = 4000 },
		{ .width = 640, .height = 360, .size_bytes = 119 } },
	    3, 1, 2 },
	{ "bytes of the file outweigh those that are told beside it",
	    { { .size_bytes = 10, .about_bytes = 1000 }, { .size_bytes = 20 } }, 2, 1,
	    0 },
	{ "bytes that are only told are better than none",
	    { { .about_bytes = 10 }, { .about_bytes = 1000 } }, 2, 1, 0 },
	{ "what one does not tell says nothing",
	    { { .bitrate = 2000 }, { .width = 640, .height = 360, .bitrate = 1000 } }, 2,
	    0, 1 },
	{ "a side alone is no measure",
	    { { .size_bytes = 2 }, { .width = 9999, .size_bytes = 1 } }, 2, 0, 1 },
	{ "nothing tells: the first",
	    { { .definition = "720p" }, { .definition = "4k" } }, 2, 0, 0 },
	{ "equals: the first",
	    { { .width = 2, .height = 2 }, { .width = 2, .height = 2 } }, 2, 0, 0 },
	{ "a mark is no reason",
	    { { .width = 2, .height = 2, .logo = "" },
		{ .width = 3, .height = 2, .logo = "mark" } },
	    2, 1, 0 },
	{ "nor is being called the original",
	    { { .width = 2, .height = 2, .is_original = true },
		{ .width = 3, .height = 3 } },
	    2, 1, 0 },
	{ "the largest numbers that are read",
	    { { .width = 1000000, .height = 1000000 },
		{ .width = 999999, .height = 1000000 } },
	    2, 0, 1 },
};

static void the_wanted_one_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("# %s\n", rows[i].what);
		assert_int_equal(variant_choose(rows[i].all, rows[i].n, QUALITY_ORIGINAL),
		    rows[i].best);
		assert_int_equal(
		    variant_choose(rows[i].all, rows[i].n, QUALITY_BEST_LISTED),
		    rows[i].best);
		assert_int_equal(variant_choose(rows[i].all, rows[i].n, QUALITY_SMALLEST),
		    rows[i].smallest);
	}
}

static void names_are_read_back(void **state)
{
	enum quality quality = QUALITY_SMALLEST;

	(void)state;
	for (unsigned i = 0; i < QUALITIES; i++) {
		assert_true(quality_parse(quality_names[i], &quality));
		assert_int_equal(quality, i);
	}
	assert_null(quality_names[QUALITIES]);
	assert_false(quality_parse("best", &quality));
	assert_false(quality_parse(NULL, &quality));
}

static void the_same_object_is_known_by_its_name(void **state)
{
	const struct variant a = { .object = "tos/1" }, b = { .object = "tos/1" },
			     c = { .object = "tos/2" }, none = { 0 };

	(void)state;
	assert_true(variant_is_same(&a, &b));
	assert_false(variant_is_same(&a, &c));
	assert_false(variant_is_same(&a, &none));
	assert_false(variant_is_same(&none, &none));
}

static const struct variant film[] = {
	{ .definition = "360p",
	    .width = 640,
	    .height = 360,
	    .bitrate = 1273000,
	    .size_bytes = 120000,
	    .logo = "mark",
	    .object = "tos/sample",
	    .url = "https://x/?sign=secret" },
	{ .definition = "1080p",
	    .width = 1920,
	    .height = 1080,
	    .about_bytes = 4000000,
	    .size_bytes = -1,
	    .logo = "",
	    .is_original = true,
	    .object = "tos/\"original\"" },
};

static void a_choice_is_kept(void **state)
{
	const struct choice choice = { film, 2, 1, QUALITY_ORIGINAL, true };
	_cleanup_free_ char *text = choice_text(&choice);
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 16);
	struct chosen chosen;

	(void)state;
	assert_string_equal(text,
	    "{\"quality\":\"original\",\"wanted\":\"original\",\"definition\":\"1080p\","
	    "\"width\":1920,\"height\":1080,\"bitrate\":null,\"size\":4000000,"
	    "\"logo\":\"\",\"object\":\"tos/\\\"original\\\"\",\"variants\":["
	    "{\"definition\":\"360p\",\"width\":640,\"height\":360,\"bitrate\":1273000,"
	    "\"size\":120000,\"logo\":\"mark\",\"original\":false,\"chosen\":false},"
	    "{\"definition\":\"1080p\",\"width\":1920,\"height\":1080,\"bitrate\":null,"
	    "\"size\":4000000,\"logo\":\"\",\"original\":true,\"chosen\":true}]}");
	assert_true(choice_read(text, &arena, &chosen));
	assert_int_equal(chosen.quality, QUALITY_ORIGINAL);
	assert_string_equal(chosen.object, "tos/\"original\"");
	assert_int_equal(chosen.width, 1920);
	assert_int_equal(chosen.height, 1080);
}

static void what_was_stored_is_told_not_what_was_wanted(void **state)
{
	const struct choice choice = { film, 1, 0, QUALITY_ORIGINAL, false };
	_cleanup_free_ char *text = choice_text(&choice);
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 16);
	struct chosen chosen;

	(void)state;
	assert_true(choice_read(text, &arena, &chosen));
	assert_int_equal(chosen.quality, QUALITY_BEST_LISTED);
	assert_null(strstr(text, "secret"));
}

static void many_are_cut_and_the_chosen_one_stays(void **state)
{
	struct variant many[100] = { 0 };
	const struct choice choice = { many, 100, 99, QUALITY_BEST_LISTED, false };
	_cleanup_free_ char *text = NULL;
	size_t n = 0;

	(void)state;
	many[99].definition = "last";
	text = choice_text(&choice);
	for (const char *at = text; (at = strstr(at, "\"original\":")); at++)
		n++;
	assert_int_equal(n, CHOICE_VARIANTS_MAX + 1);
	assert_non_null(strstr(text, "\"definition\":\"last\""));
	assert_true(strlen(text) < CHOICE_MAX);
}

static void what_is_no_choice_is_none(void **state)
{
	static const char *const texts[] = { NULL, "", "{}", "[]", "{\"quality\":1}",
		"{\"quality\":\"best\"}", "{\"quality\":\"original\"" };
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 16);
	struct chosen chosen;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(choice_read(texts[i], &arena, &chosen));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wanted_one_is_chosen),
		cmocka_unit_test(names_are_read_back),
		cmocka_unit_test(the_same_object_is_known_by_its_name),
		cmocka_unit_test(a_choice_is_kept),
		cmocka_unit_test(what_was_stored_is_told_not_what_was_wanted),
		cmocka_unit_test(many_are_cut_and_the_chosen_one_stays),
		cmocka_unit_test(what_is_no_choice_is_none),
	};

	return cmocka_run_group_tests_name("variant", tests, NULL, NULL);
}
