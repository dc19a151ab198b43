#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/name.h"
#include "tame.h"

static enum err_kind check(const char *template, struct err *err)
{
	return name_check(&(struct naming){ .template = template }, err);
}

static enum err_kind make(const char *template, const struct task *task,
    const struct asset *asset, const char *extension, char **ret_name, struct err *err)
{
	return name_make(&(struct naming){ .template = template },
	    &(struct name_of){
		task, asset, extension, "0123456789abcdef0123456789abcdef" },
	    ret_name, err);
}

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct task task = {
	.account = "default",
	.submit_id = "0f9a-b2",
	.history_id = "7548849513423963431",
	.kind = MEDIA_IMAGE,
	.created_unix_ms = 1757778120779,
	.model = "high_aes_general_v40",
	.prompt = "一只猫 a cat",
	.ratio = "16:9",
	.seed = 20260817,
	.has_seed = true,
	.mode = MODE_EDIT,
	.tags = " cat good project:zoo ",
};
static const struct asset asset = {
	.index = 2,
	.kind = MEDIA_IMAGE,
	.uri = "tos-cn-i-tb4s082cfz/1ac07e23cac54449",
	.width = 2048,
	.height = 1152,
	.duration_ms = 5041,
};

static const char *const hostile[] = { "", ".", "..", "...", "/", "//",
	"../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "..\\..\\x", "C:\\x",
	"a:b*c?d\"e<f>g|h", "\n", "\t\r\n\x1b", "\x7f", "\xff\xfe", "\xe5\x9b",
	"\xed\xa0\x80", "\xc0\xae\xc0\xae/", "\xe2\x80\xaegnp.exe", "\xc2\x85",
	"\xe2\x80\xa8", "\xef\xbb\xbf", " ", "  x  ", "~", "-rf", "$(id)", "`id`",
	".dreamq-x.0.part", "{id}", "{{", "%s%n", "CON", "图片",
	"🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨" };

static void names_are_made(void **state)
{
	static const struct {
		const char *template, *name;
	} row[] = {
		{ NAME_TEMPLATE, "0f9a-b2_2.png" }, { "{submit_id}", "0f9a-b2" },
		{ "{history_id}-{index1}.{ext}", "7548849513423963431-3.png" },
		{ "{date}/{time}_{id}.{ext}", "20250913/154200_0f9a-b2.png" },
		{ "{kind}/{model}/{account}", "image/high_aes_general_v40/default" },
		{ "{prompt}.{ext}", "一只猫 a cat.png" }, { "{uri}", "1ac07e23cac54449" },
		{ "{width}x{height}", "2048x1152" }, { "{{{id}}}", "{0f9a-b2}" },
		{ "a}b", "a}b" }, { "a//b/{index}", "a/b/2" },
		{ ".hidden/..x", "_hidden/__x" }, { "x. /y.", "x__/y_" }, { " x", "_x" },
		{ "...", "___" }, { "图/片", "图/片" }, { "plain", "plain" },
		{ "{index:02}-{index1:03}-{seed:010}", "02-003-0020260817" },
		{ "{index:020}", "00000000000000000002" },
		{ "{date:%Y-%m}/{date:%d} {time:%H.%M}", "2025-09/13 15.42" },
		{ "{date:%Y/%m/%d}/{id}", "2025/09/13/0f9a-b2" },
		{ "{date:%j %G-W%V-%u %y}", "256 2025-W37-6 25" },
		{ "{prompt:3}", "一只猫-82b122c1" }, { "{model:4}.{ext}", "high.png" },
		{ "{sha}", "0123456789ab" }, { "{sha:4}", "0123" },
		{ "{duration}s {mode} {profile}", "5s edit default" },
		{ "{tags|}/{id}", "cat good project_zoo/0f9a-b2" },
		{ "{prompt|id}", "一只猫 a cat" }, { "{prompt:1|id}", "一-82b122c1" },
		{ "{seed|}-{id}", "20260817-0f9a-b2" }, { "con", "_con" },
		{ "NUL.{ext}", "_NUL.png" },
		{ "Com1/lpt\xc2\xb2.tar.gz", "_Com1/_lpt\xc2\xb2.tar.gz" },
		{ "aux .txt", "_aux .txt" }, { "console/com/com10", "console/com/com10" },
		{ "-rf", "_rf" },
		{ "e\xcc\x81", "\xc3\xa9" }, /* e and an accent are one letter */
		{ "a:b?", "a:b?" }, /* the user's own words */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *name = NULL;
		struct err err;

		assert_int_equal(
		    make(row[i].template, &task, &asset, "png", &name, &err), ERR_OK);
		assert_string_equal(name, row[i].name);
	}
}

static void bad_templates_are_explained(void **state)
{
	static const struct {
		const char *template, *says;
	} row[] = {
		{ "", "empty" },
		{ "{indx}", "did you mean '{index}'" },
		{ "{Index}", "did you mean '{index}'" },
		{ "{promt}.png", "did you mean '{prompt}'" },
		{ "{zzzzzzzz}",
		    "there is no field '{zzzzzzzz}'; there are '{id} {index}" },
		{ "{}", "there is no field '{}'" },
		{ "{|id}", "there is no field '{}'" },
		{ "{id||ext}", "there is no field '{}'" },
		{ "{id|indx}", "did you mean '{index}'" },
		{ "{id:}", "no way to write" },
		{ "{id:0}", "no way to write" },
		{ "{id:201}", "no way to write" },
		{ "{id:-1}", "no way to write" },
		{ "{prompt:02}", "no way to write" },
		{ "{index:2}", "write '{index:02}'" },
		{ "{index:021}", "write '{index:02}'" },
		{ "{index:0x2}", "write '{index:02}'" },
		{ "{date:%B}", "there are %Y %m" },
		{ "{date:%}", "there are %Y %m" },
		{ "{date:}", "there are %Y %m" },
		{ "{time:%n}", "there are %Y %m" },
		{ "{date:%Y%m%d%Y%m%d%Y%m%d%Y%m%d%Y%m%d%Y%m%d%Y%m%d%Y%m%d%Y%m%d%Y%m%d%Y%"
		  "m%d}",
		    "too long" },
		{ "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/{id}", "more than 15 folders" },
		{ "{id", "not closed" },
		{ "x{", "not closed" },
		{ "{id{index}}", "not closed" },
		{ "/etc/{id}", "absolute" },
		{ "../{id}", "'..'" },
		{ "a/../{id}", "'..'" },
		{ "a/..", "'..'" },
		{ "./{id}", "'.'" },
		{ "..", "'..'" },
		{ "{id}/", "slash" },
		{ "a\nb", "control" },
		{ "a\x1b[0m", "control" },
		{ "\xff", "UTF-8" },
		{ "\xe2\x80\xae{id}", "control" },
		{ "{\x01}", "control" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char *name = NULL;
		struct err err = { 0 };

		assert_int_equal(check(row[i].template, &err), ERR_USAGE);
		print_message("# %s\n", err.msg);
		assert_non_null(strstr(err.msg, row[i].says));
		assert_int_equal(
		    make(row[i].template, &task, &asset, "png", &name, &err), ERR_USAGE);
		assert_null(name);
	}
}

static void a_template_that_is_too_long(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(5000), uri = buf_make(5000);
	struct asset long_asset = { .index = 0 };
	char *name = NULL;
	struct err err;

	(void)state;
	for (int i = 0; i < 1200; i++)
		buf_addf(&b, "x");
	assert_int_equal(check(b.data, &err), ERR_USAGE);
	buf_release(&b);
	for (int i = 0; i < 1000; i++)
		buf_addf(&uri, "é");
	long_asset.uri = uri.data;
	for (int i = 0; i < 15; i++)
		buf_addf(&b, "{uri}{uri}{uri}/");
	buf_addf(&b, "{uri}{uri}{uri}.{ext}");
	assert_int_equal(make(b.data, &task, &long_asset, "png", &name, &err), ERR_OK);
	assert_tame(name);
	assert_in_range(strlen(name), 1500, 2000);
	free(name);
	buf_release(&b);
	buf_release(&uri);
}

static void what_is_unknown_has_a_word(void **state)
{
	static const struct task nothing = { .kind = MEDIA_UNKNOWN };
	static const struct asset none = { .index = 0 };
	static const struct {
		const char *template, *name;
	} row[] = {
		{ "{id}_{index}.{ext}", "unknown_0.bin" },
		{ "{submit_id}/{history_id}/{prompt}", "unknown/unknown/unknown" },
		{ "{model}/{account}/{uri}", "unknown/unknown/unknown" },
		{ "{date}/{time}", "unknown/unknown" },
		{ "{kind}", "unknown" },
		{ "{width}x{height}", "unknownxunknown" },
		{ "{seed|}{width|}{duration|}x", "x" },
		{ "{seed|}", "_" },
		{ "{prompt|model|id}", "unknown" },
		{ "{prompt|index:02}", "00" },
		{ "{seed|}/{prompt|}/x", "x" },
		{ "{prompt|}.{ext}", "_bin" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *name = NULL;
		struct err err;

		assert_int_equal(
		    make(row[i].template, &nothing, &none, NULL, &name, &err), ERR_OK);
		assert_string_equal(name, row[i].name);
	}
}

static void an_id_may_be_a_history_id(void **state)
{
	const struct task history = { .history_id = "75488" };
	_cleanup_free_ char *name = NULL;
	struct err err;

	(void)state;
	assert_int_equal(
	    make(NAME_TEMPLATE, &history, &asset, "jpg", &name, &err), ERR_OK);
	assert_string_equal(name, "75488_2.jpg");
}

static void no_value_is_dangerous(void **state)
{
	static const char *const templates[] = { NAME_TEMPLATE, "{prompt}",
		"{uri}{model}", "{model}/{prompt}/{uri}.{ext}", "{submit_id}{history_id}",
		".{prompt}.", "{account}/{account}{account}", "x.{prompt}" };

	(void)state;
	for (size_t t = 0; t < COUNT(templates); t++) {
		for (size_t i = 0; i < COUNT(hostile) * COUNT(hostile); i++) {
			const char *one = hostile[i % COUNT(hostile)];
			const char *two = hostile[i / COUNT(hostile)];
			const struct task bad = { .account = one,
				.submit_id = two,
				.history_id = one,
				.model = two,
				.prompt = one };
			const struct asset worse = { .index = -1, .uri = two };
			_cleanup_free_ char *name = NULL;
			struct err err;

			assert_int_equal(
			    make(templates[t], &bad, &worse, "png", &name, &err), ERR_OK);
			assert_tame(name);
		}
	}
}

static void values_never_make_folders(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		const struct task bad = { .prompt = hostile[i] };
		_cleanup_free_ char *name = NULL;
		struct err err;

		assert_int_equal(
		    make("{prompt}", &bad, &asset, "png", &name, &err), ERR_OK);
		assert_null(strpbrk(name, "/\\:*?\"<>|"));
	}
}

static void long_parts_keep_their_extension(void **state)
{
	_cleanup_(buf_release) struct buf uri = buf_make(1 << 20);
	_cleanup_free_ char *name = NULL;
	struct asset long_asset = { .index = 0 };
	struct err err;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addf(&uri, "图");
	long_asset.uri = uri.data;
	assert_int_equal(
	    make("x{uri}.{ext}", &task, &long_asset, "webp", &name, &err), ERR_OK);
	assert_tame(name);
	assert_in_range(strlen(name), 190, 200);
	assert_string_equal(name + strlen(name) - 5, ".webp");
}

static void prompts_are_cut_at_forty_characters(void **state)
{
	_cleanup_(buf_release) struct buf prompt = buf_make(1 << 20);
	_cleanup_free_ char *name = NULL;
	struct task wordy = { .created_unix_ms = 0 };
	struct err err;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_addf(&prompt, "é");
	wordy.prompt = prompt.data;
	assert_int_equal(make("{prompt}", &wordy, &asset, "png", &name, &err), ERR_OK);
	assert_int_equal(strlen(name), 80 + 9);
	assert_int_equal(name[80], '-');
}

static void alternatives(void **state)
{
	static const struct {
		const char *name;
		unsigned n;
		const char *other;
	} row[] = {
		{ "x_0.png", 2, "x_0-2.png" },
		{ "a.b/x", 3, "a.b/x-3" },
		{ "a/x.tar.gz", 2, "a/x.tar-2.gz" },
		{ "x", 4294967295, "x-4294967295" },
		{ "x.a_very_long_extension", 2, "x.a_very_long_extension-2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *other = name_alternative(row[i].name, row[i].n);

		assert_string_equal(other, row[i].other);
		assert_int_equal(name_number(row[i].name, other),
		    row[i].n < 1000000000 ? row[i].n : 0);
	}
}

static void a_counter_is_the_number_itself(void **state)
{
	const struct task tagged = { .submit_id = "id", .tags = "a project:cats zoo" };
	const struct asset first = { .index = 0 };
	const struct name_of of = { &tagged, &first, "png", NULL };
	static const struct {
		const char *template;
		unsigned n;
		const char *want;
	} row[] = {
		{ "{counter:03}.{ext}", 1, "001.png" },
		{ "{counter:03}.{ext}", 1234, "1234.png" },
		{ "{project}/{counter}2.{ext}", 2, "cats/22.png" },
		{ "{counter}_{counter:02}", 7, "7_07" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *name = NULL;
		_cleanup_free_ char *other = NULL;
		struct err err;

		assert_int_equal(
		    name_make(&(struct naming){ .template = row[i].template }, &of, &name,
			&err),
		    ERR_OK);
		other = name_alternative(name, row[i].n);
		assert_string_equal(other, row[i].want);
		assert_int_equal(name_number(name, other), row[i].n);
		assert_int_equal(name_number(name, "x"), 0);
		assert_int_equal(name_number(name, "0.png"), 0);
	}
}

static void a_counter_counts_no_folders(void **state)
{
	static const char *const templates[] = { "{counter}/{id}",
		"{counter:02}{date:%Y/%m}", "{seed|counter}/x", "{counter:2}" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(templates); i++)
		assert_int_equal(
		    name_check(&(struct naming){ .template = templates[i] }, &err),
		    ERR_USAGE);
}

static void what_is_no_alternative(void **state)
{
	static const char *const others[] = { "x.png", "x-1.png", "x-0.png", "x-02.png",
		"x-.png", "x-2", "x-2.jpg", "y-2.png", "x-2a.png", "a/x-2.png",
		"x-9999999999.png", "", "x" };

	(void)state;
	assert_int_equal(name_number("x.png", others[0]), 1);
	for (size_t i = 1; i < COUNT(others); i++)
		assert_int_equal(name_number("x.png", others[i]), 0);
	assert_int_equal(name_number("x", ""), 0);
}

static void every_field_works_and_is_listed(void **state)
{
	char template[64];

	(void)state;
	for (const char *const *field = name_fields(); *field; field++) {
		_cleanup_free_ char *name = NULL;
		struct err err;

		(void)snprintf(template, sizeof(template), "{%s}", *field);
		assert_int_equal(
		    make(template, &task, &asset, "png", &name, &err), ERR_OK);
		assert_string_not_equal(name, "unknown");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_made),
		cmocka_unit_test(bad_templates_are_explained),
		cmocka_unit_test(a_template_that_is_too_long),
		cmocka_unit_test(what_is_unknown_has_a_word),
		cmocka_unit_test(an_id_may_be_a_history_id),
		cmocka_unit_test(no_value_is_dangerous),
		cmocka_unit_test(values_never_make_folders),
		cmocka_unit_test(long_parts_keep_their_extension),
		cmocka_unit_test(prompts_are_cut_at_forty_characters),
		cmocka_unit_test(alternatives),
		cmocka_unit_test(a_counter_is_the_number_itself),
		cmocka_unit_test(a_counter_counts_no_folders),
		cmocka_unit_test(what_is_no_alternative),
		cmocka_unit_test(every_field_works_and_is_listed),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
