#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/jimeng/read/assets.h"
#include "service/jimeng/read/variants.h"

/* A link to one object of several. */
#define SIGNED "https://v3.x/0123456789abcdef0123456789abcdef/70000000/video/tos/"
#define ITEM(transcoded, model)                                              \
	"{\"common_attr\":{\"id\":\"7001\"},\"video\":{\"video_id\":\"v0\"," \
	"\"duration_ms\":5042,\"transcoded_video\":" transcoded              \
	",\"video_model\":" model "}}"
#define SAMPLE                                                                         \
	"{\"origin\":{\"vid\":\"v0\",\"video_url\":\"" SIGNED "sample/?br=1273&a=1\"," \
	"\"width\":640,\"height\":360,\"format\":\"mp4\",\"definition\":\"360p\","     \
	"\"logo_type\":\"mark\",\"md5\":\"0123456789abcdef0123456789abcdef\","         \
	"\"size\":120000}}"
/* Of a model: its links are those of `link`, in plain. */
#define QUALITY(link, more) \
	"{\\\"main_url\\\":\\\"" SIGNED link "\\\",\\\"vtype\\\":\\\"mp4\\\"" more "}"
#define MODEL(list) "\"{\\\"url_expire\\\":1900000000,\\\"video_list\\\":" list "}\""

struct expected {
	const char *definition, *logo, *object;
	int64_t width, bitrate, about_bytes, size_bytes;
	bool has_md5;
};

static const struct row {
	const char *what, *item;
	size_t n;
	struct expected all[4];
} rows[] = {
	{ "the link of the record alone", ITEM(SAMPLE, "null"), 1,
	    { { "360p", "mark", "video/tos/sample/", 640, 1273000, 0, 120000, true } } },
	{ "all that the player is told, the same object once",
	    ITEM(SAMPLE,
		MODEL("{\\\"video_1\\\":" QUALITY("sample/",
		    ",\\\"size\\\":119824,\\\"bitrate\\\":95000,\\\"logo_type\\\":"
		    "\\\"\\\"") ",\\\"video_3\\\":" QUALITY("original/?br=11564",
		    ",\\\"vwidth\\\":1920,\\\"vheight\\\":1080,\\\"size\\\":4000000,"
		    "\\\"definition\\\":\\\"1080p\\\",\\\"logo_type\\\":\\\"\\\"") "}")),
	    2,
	    { { "360p", "mark", "video/tos/sample/", 640, 1273000, 119824, 120000, true },
		{ "1080p", "", "video/tos/original/", 1920, 11564000, 4000000, -1,
		    false } } },
	{ "a list in place of an object, a mark in the link",
	    ITEM(SAMPLE, MODEL("[" QUALITY("middle/?lr=theirs&br=6297", "") "]")), 2,
	    { { "360p", "mark", "video/tos/sample/", 640, 1273000, 0, 120000, true },
		{ NULL, "theirs", "video/tos/middle/", 0, 6297000, 0, -1, false } } },
	{ "more definitions of the record",
	    ITEM("{\"720p\":{\"video_url\":\"" SIGNED "middle/\",\"width\":1280,"
		 "\"height\":720,\"size\":5},\"360p\":{\"video_url\":\"" SIGNED
		 "sample/\",\"width\":640,\"height\":360,\"logo_type\":7}}",
		"null"),
	    2,
	    { { NULL, NULL, "video/tos/middle/", 1280, 0, 0, 5, false },
		{ NULL, NULL, "video/tos/sample/", 640, 0, 0, -1, false } } },
	{ "no links at all",
	    ITEM(SAMPLE,
		MODEL("{\\\"video_1\\\":{\\\"main_url\\\":\\\"!!\\\"},"
		      "\\\"video_2\\\":{\\\"main_url\\\":\\\"ZmlsZTovLy94\\\"},\\\"video_"
		      "3\\\":7,"
		      "\\\"video_4\\\":{\\\"main_url\\\":7}}")),
	    1,
	    { { "360p", "mark", "video/tos/sample/", 640, 1273000, 0, 120000, true } } },
	{ "no JSON", ITEM(SAMPLE, "\"{\""), 1,
	    { { "360p", "mark", "video/tos/sample/", 640, 1273000, 0, 120000, true } } },
	{ "no list", ITEM(SAMPLE, MODEL("7")), 1,
	    { { "360p", "mark", "video/tos/sample/", 640, 1273000, 0, 120000, true } } },
	{ "one picture: nothing to choose",
	    "{\"image\":{\"large_images\":[{\"image_url\":\"https://p/tos/a~t:0:0.png\","
	    "\"width\":2,\"height\":2}]}}",
	    0, { { 0 } } },
	{ "two pictures, the largest first",
	    "{\"image\":{\"large_images\":[{\"image_url\":\"https://p/tos/a~t:0:0.png\","
	    "\"width\":2,\"height\":2,\"size\":9},{\"image_url\":\"https://p/tos/"
	    "b~t.png\","
	    "\"width\":4,\"height\":4}]}}",
	    2,
	    { { NULL, NULL, "tos/b", 4, 0, 0, -1, false },
		{ NULL, NULL, "tos/a", 2, 0, 0, 9, false } } },
};

/* One item, read; the tree is the caller's to free. */
static struct asset_list read_item(
    const char *item, struct arena *arena, unsigned *odd, cJSON **ret_json)
{
	struct fields fields = { .arena = arena, .mistyped = odd };
	_cleanup_free_ char *text = NULL;
	struct err err;

	assert_true(asprintf(&text, "[%s]", item) > 0);
	if (json_parse(text, strlen(text), ret_json, &err))
		fail_msg("%s: %s", item, err.msg);
	return assets_read(&fields, *ret_json, MEDIA_UNKNOWN, 1800000000);
}

static void expect_text(const char *is, const char *wanted)
{
	if (wanted)
		assert_string_equal(is, wanted);
	else
		assert_null(is);
}

static void expect_variant(const struct variant *is, const struct expected *wanted)
{
	expect_text(is->definition, wanted->definition);
	expect_text(is->logo, wanted->logo);
	expect_text(is->object, wanted->object);
	assert_int_equal(is->width, wanted->width);
	assert_int_equal(is->bitrate, wanted->bitrate);
	assert_int_equal(is->about_bytes, wanted->about_bytes);
	assert_int_equal(is->size_bytes, wanted->size_bytes);
	assert_int_equal(is->md5 != NULL, wanted->has_md5);
	assert_non_null(is->url);
}

static void every_variant_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);
		_cleanup_(json_deletep) cJSON *json = NULL;
		unsigned odd = 0;
		struct asset_list list = read_item(row->item, &arena, &odd, &json);

		print_message("# %s\n", row->what);
		assert_int_equal(list.n, 1);
		assert_int_equal(list.at[0].offer.n, row->n);
		for (size_t k = 0; k < row->n; k++)
			expect_variant(&list.at[0].offer.variants[k], &row->all[k]);
		if (row->n > 0)
			assert_string_equal(
			    list.at[0].offer.variants[0].url, list.at[0].url);
		/* An offer is no reason to doubt the record. */
		assert_int_equal(odd, 0);
	}
}

static void links_in_base64_are_links(void **state)
{
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct asset_list list;
	unsigned odd = 0;
	static const char item[] = ITEM(SAMPLE,
	    MODEL(
		"{\\\"video_1\\\":{\\\"main_url\\\":"
		"\\\"aHR0cHM6Ly92My54LzAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmLzcwMDAw"
		"MDAwL3ZpZGVvL3Rvcy9vcmlnaW5hbC8/YnI9MTE1NjQ=\\\"}}"));

	(void)state;
	list = read_item(item, &arena, &odd, &json);
	assert_int_equal(list.at[0].offer.n, 2);
	assert_string_equal(
	    list.at[0].offer.variants[1].url, SIGNED "original/?br=11564");
	assert_int_equal(list.at[0].offer.variants[1].expires_unix, 0x70000000);
	assert_string_equal(list.at[0].offer.item, "7001");
}

static void many_have_a_ceiling(void **state)
{
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);
	_cleanup_(json_deletep) cJSON *json = NULL;
	_cleanup_free_ char *item = NULL;
	_cleanup_(buf_release) struct buf list = buf_make(1 << 20);
	struct asset_list assets;
	unsigned odd = 0;

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_addf(&list, "%s{\\\"main_url\\\":\\\"https://v/tos/%d/\\\"}",
		    i ? "," : "[", i);
	buf_addf(&list, "]");
	assert_true(asprintf(&item,
			"{\"video\":{\"video_id\":\"v0\",\"transcoded_video\":%s,"
			"\"video_model\":\"{\\\"video_list\\\":%s}\"}}",
			SAMPLE, list.data) > 0);
	assets = read_item(item, &arena, &odd, &json);
	assert_int_equal(assets.at[0].offer.n, VARIANTS_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_variant_is_read),
		cmocka_unit_test(links_in_base64_are_links),
		cmocka_unit_test(many_have_a_ceiling),
	};

	return cmocka_run_group_tests_name("variants", tests, NULL, NULL);
}
