#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/download/variant_note.h"
#include "core/offers/pick.h"

static const struct variant listed[] = {
	{ .definition = "360p",
	    .width = 640,
	    .height = 360,
	    .object = "tos/sample",
	    .url = "https://v/sample",
	    .expires_unix = 10,
	    .size_bytes = 120,
	    .md5 = "5a" },
	{ .definition = "240p",
	    .width = 320,
	    .height = 240,
	    .object = "tos/tiny",
	    .url = "https://v/tiny",
	    .size_bytes = -1 },
};
static const struct variant originals[] = {
	{ .definition = "1080p",
	    .width = 1920,
	    .height = 1080,
	    .object = "tos/original",
	    .url = "https://v/original",
	    .expires_unix = 20,
	    .size_bytes = 4000 },
	{ .width = 640,
	    .height = 360,
	    .object = "tos/sample",
	    .url = "https://v/sample?again",
	    .size_bytes = 120 },
};

static struct asset film_of(enum asset_wish wish)
{
	return (struct asset){ .kind = MEDIA_VIDEO,
		.url = "https://v/sample",
		.width = 640,
		.height = 360,
		.size_bytes = 120,
		.md5 = "5a",
		.stored_bytes = -1,
		.offer = { "7001", listed, 2 },
		.wish = wish };
}

static const struct asset answer = { .kind = MEDIA_VIDEO,
	.url = "https://v/original",
	.offer = { "7001", originals, 2 } };

static const char stored_sample[] =
    "{\"quality\":\"best-listed\",\"object\":\"tos/sample\"}";
static const char stored_original[] =
    "{\"quality\":\"original\",\"object\":\"tos/original\"}";

static void the_asset_becomes_the_one_that_is_picked(void **state)
{
	static const struct {
		enum quality quality;
		bool is_answered;
		const char *url, *object, *says;
		int64_t width, size_bytes;
	} rows[] = {
		{ QUALITY_ORIGINAL, true, "https://v/original", "tos/original",
		    "{\"quality\":\"original\"", 1920, 4000 },
		{ QUALITY_ORIGINAL, false, "https://v/sample", NULL,
		    "{\"quality\":\"best-listed\",\"wanted\":\"original\"", 640, 120 },
		{ QUALITY_BEST_LISTED, false, "https://v/sample", NULL,
		    "{\"quality\":\"best-listed\",\"wanted\":\"best-listed\"", 640, 120 },
		{ QUALITY_SMALLEST, false, "https://v/tiny", "tos/tiny",
		    "{\"quality\":\"smallest\"", 320, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(task_freep) struct task *task = task_new();
		struct asset asset = film_of(WISH_FETCH);

		assert_true(pick_variant(
		    task, &asset, rows[i].is_answered ? &answer : NULL, rows[i].quality));
		assert_string_equal(asset.url, rows[i].url);
		assert_int_equal(asset.width, rows[i].width);
		assert_int_equal(asset.size_bytes, rows[i].size_bytes);
		if (rows[i].object)
			assert_string_equal(asset.object, rows[i].object);
		else
			assert_null(asset.object);
		assert_ptr_equal(strstr(asset.picked, rows[i].says), asset.picked);
		assert_false(asset.is_outdone);
	}
}

/* What the sample's record tells of it is not asked of the original. */
static void claims_are_those_of_the_picked_one(void **state)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct asset asset = film_of(WISH_FETCH);

	(void)state;
	assert_true(pick_variant(task, &asset, &answer, QUALITY_ORIGINAL));
	assert_null(asset.md5);
	assert_int_equal(asset.expires_unix, 20);
}

static void what_is_here_is_left_alone(void **state)
{
	static const struct {
		const char *what, *choice;
		int64_t stored_bytes;
		bool is_answered, is_outdone;
	} rows[] = {
		{ "a sample, and the original", stored_sample, 120, true, true },
		{ "a sample, and no original", stored_sample, 120, false, false },
		{ "the original", stored_original, 4000, true, false },
		{ "nobody knows which, of its size", NULL, 4000, true, false },
		{ "nobody knows which, of another size", NULL, 120, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(task_freep) struct task *task = task_new();
		struct asset asset = film_of(WISH_BETTER);

		print_message("# %s\n", rows[i].what);
		asset.state = ASSET_STORED;
		asset.choice = rows[i].choice;
		asset.stored_bytes = rows[i].stored_bytes;
		assert_true(pick_variant(task, &asset,
		    rows[i].is_answered ? &answer : NULL, QUALITY_ORIGINAL));
		assert_int_equal(asset.is_outdone, rows[i].is_outdone);
		assert_string_equal(asset.url,
		    rows[i].is_outdone ? "https://v/original" : "https://v/sample");
	}
}

static void it_is_known_what_could_be_better(void **state)
{
	struct asset asset = film_of(WISH_FETCH);

	(void)state;
	assert_false(pick_may_better(&asset, QUALITY_ORIGINAL));
	asset.state = ASSET_STORED;
	assert_true(pick_may_better(&asset, QUALITY_ORIGINAL));
	assert_false(pick_may_better(&asset, QUALITY_BEST_LISTED));
	asset.choice = stored_sample;
	assert_true(pick_may_better(&asset, QUALITY_ORIGINAL));
	assert_false(pick_may_better(&asset, QUALITY_BEST_LISTED));
	assert_false(pick_may_better(&asset, QUALITY_SMALLEST));
	asset.choice = stored_original;
	assert_false(pick_may_better(&asset, QUALITY_ORIGINAL));
	assert_false(pick_may_better(&asset, QUALITY_BEST_LISTED));
	asset.choice = "{\"quality\":\"smallest\"}";
	assert_true(pick_may_better(&asset, QUALITY_BEST_LISTED));
}

static void a_note_tells_variants_apart(void **state)
{
	_cleanup_free_ char *plain = variant_note(NULL, "\"tag\"");
	_cleanup_free_ char *other = variant_note("tos/original", "\"tag\"");
	_cleanup_free_ char *third = variant_note("tos/middle", "\"tag\"");

	(void)state;
	assert_string_equal(plain, "\"tag\"");
	assert_null(variant_note("tos/original", NULL));
	assert_string_equal(variant_validator(plain, NULL), "\"tag\"");
	assert_string_equal(variant_validator(other, "tos/original"), "\"tag\"");
	assert_null(variant_validator(other, NULL));
	assert_null(variant_validator(plain, "tos/original"));
	assert_null(variant_validator(third, "tos/original"));
	assert_null(variant_validator(NULL, NULL));
	assert_true(variant_is_other(other, NULL));
	assert_true(variant_is_other(plain, "tos/original"));
	assert_true(variant_is_other(third, "tos/original"));
	assert_false(variant_is_other(other, "tos/original"));
	assert_false(variant_is_other(plain, NULL));
	assert_false(variant_is_other(NULL, "tos/original"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_asset_becomes_the_one_that_is_picked),
		cmocka_unit_test(claims_are_those_of_the_picked_one),
		cmocka_unit_test(what_is_here_is_left_alone),
		cmocka_unit_test(it_is_known_what_could_be_better),
		cmocka_unit_test(a_note_tells_variants_apart),
	};

	return cmocka_run_group_tests_name("pick", tests, NULL, NULL);
}
