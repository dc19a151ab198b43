#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/name.h"
#include "tame.h"

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
	.tags = " cat good ",
};
static const struct asset asset = {
	.index = 2,
	.kind = MEDIA_IMAGE,
	.uri = "tos-cn-i-tb4s082cfz/1ac07e23cac54449",
	.width = 2048,
	.height = 1152,
	.duration_ms = 5041,
};

static void for_windows_all_is_made_fit(void **state)
{
	static const struct {
		const char *template, *name;
	} row[] = {
		{ "a:b?/{id}|x.{ext}", "a_b_/0f9a-b2_x.png" },
		{ "a\\b<{index}>", "a_b_2_" },
		{ "{prompt}.{ext}", "一只猫 a cat.png" },
	};
	struct naming naming = { .for_windows = true };
	const struct name_of of = { &task, &asset, "png", NULL };
	char uri[600];
	struct asset long_asset = { .uri = uri };
	const struct name_of long_of = { &task, &long_asset, "png", NULL };
	char *name = NULL;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		naming.template = row[i].template;
		assert_int_equal(name_make(&naming, &of, &name, &err), ERR_OK);
		assert_string_equal(name, row[i].name);
		free(name);
	}
	naming.template = "1/2/3/4/5/6/7/8";
	assert_int_equal(name_check(&naming, &err), ERR_USAGE);
	memset(uri, 'u', sizeof(uri));
	uri[sizeof(uri) - 1] = '\0';
	naming.template = "{uri}/{uri}/{uri}/{uri}/{uri}/{uri}/{uri}.{ext}";
	assert_int_equal(name_make(&naming, &long_of, &name, &err), ERR_OK);
	assert_in_range(strlen(name), 150, 200);
	assert_tame(name);
	free(name);
}

static void values_are_cleaned(void **state)
{
	static const struct {
		const char *prompt, *name;
	} row[] = {
		{ "  a\tcat\r\n on  a\xc2\xa0mat ", "a cat on a mat" },
		{ "caf\x65\xcc\x81", "caf\xc3\xa9" },
		{ "a\xe2\x80\xae\xe2\x80\x8b"
		  "b\xc2\xad",
		    "ab" },
		{ "\xe2\x80\x8b", "unknown" },
		{ "👩‍👩‍👧 x", "👩‍👩‍👧 x" },
		{ "a<b>:c\x01\xff", "a_b__c__" },
		{ "مرحبا بالعالم", "مرحبا بالعالم" },
		{ "\xef\xbf\xbf", "_" },
		{ ".. / ..", "_______" },
		{ "CON", "_CON" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct task one = { .prompt = row[i].prompt };
		_cleanup_free_ char *name = NULL;
		struct err err;

		assert_int_equal(make("{prompt}", &one, &asset, "", &name, &err), ERR_OK);
		assert_string_equal(name, row[i].name);
	}
}

/* Also when the cut is that of a part, and another one would fall within an emoji. */
static void prompts_that_differ_late_stay_different(void **state)
{
	static const char *const templates[] = { "{prompt:1}", "{prompt:20}", "{prompt}",
		"{prompt:200}.{ext}", "x{prompt:200}{prompt:200}_{index}.{ext}" };

	(void)state;
	for (size_t i = 0; i < COUNT(templates); i++) {
		_cleanup_(buf_release) struct buf one = buf_make(1 << 20);
		_cleanup_(buf_release) struct buf two = buf_make(1 << 20);
		_cleanup_free_ char *first = NULL, *second = NULL;
		struct task a = { .submit_id = "a" }, b = { .submit_id = "b" };
		struct err err;

		for (int k = 0; k < 1000; k++)
			buf_addf(&one, "👩‍👩‍👧");
		buf_addf(&two, "%s!", one.data);
		a.prompt = one.data;
		b.prompt = two.data;
		assert_int_equal(
		    make(templates[i], &a, &asset, "png", &first, &err), ERR_OK);
		assert_int_equal(
		    make(templates[i], &b, &asset, "png", &second, &err), ERR_OK);
		assert_string_not_equal(first, second);
		assert_tame(first);
		/* Nothing but whole families, in front of a hash. */
		for (const char *p = first + (*first == 'x'); *p != '-'; p += 18)
			assert_memory_equal(p, "👩‍👩‍👧", 18);
		buf_release(&one);
		buf_release(&two);
	}
}

static void dates_are_of_the_place(void **state)
{
	_cleanup_free_ char *name = NULL;
	struct err err;

	(void)state;
	(void)setenv("TZ", "CST-8", 1);
	tzset();
	assert_int_equal(
	    make("{date}-{time}", &task, &asset, "png", &name, &err), ERR_OK);
	(void)setenv("TZ", "UTC", 1);
	tzset();
	assert_string_equal(name, "20250913-234200");
}

/* --- ten thousand prompts --- */

enum { PROMPTS = 10000 };

/* xorshift: the same prompts each time. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void add_some(struct buf *into, uint64_t *random)
{
	static const char *const some[] = { "一只猫", "a cat", "👩‍👩‍👧", "🇨🇳",
		"مرحبا", "שלום", "e\xcc\x81\xcc\x81\xcc\x81", "\xe2\x80\xae", "\n", "\t",
		"\x01", "\x7f", "\xff", "\xe5\x9b", "/", "\\", "..", ":", "?", "CON", "-",
		" ", "\xc2\xad", "\xef\xbf\xbf", "ｆｕｌｌ", "한국어",
		"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "ไทย", "हिन्दी", "." };

	buf_addf(into, "%s", some[draw(random) % COUNT(some)]);
}

static void make_prompt(struct buf *into, size_t i, uint64_t *random)
{
	const size_t pieces = i % 100 == 0 ? 5000 : 1 + draw(random) % 60;

	buf_clear(into);
	for (size_t k = 0; k < pieces; k++)
		add_some(into, random);
}

static void ten_thousand_prompts(void **state)
{
	static const char *const templates[] = { NAME_TEMPLATE, "{prompt}.{ext}",
		"{date:%Y}/{model}/{prompt:20|id}_{index:02}.{ext}",
		"{prompt:200}{prompt:200}",
		"{prompt:1}/{prompt:200}/x{prompt:200}.{ext}" };
	_cleanup_(buf_release) struct buf prompt = buf_make(1 << 20);
	uint64_t random = 815;
	char id[24];

	(void)state;
	for (size_t i = 0; i < PROMPTS; i++) {
		const struct naming naming = { templates[i % COUNT(templates)],
			i % 2 == 0 };
		struct task one = { .submit_id = id, .created_unix_ms = 1757778120779 };
		const struct name_of of = { &one, &asset, "png", NULL };
		_cleanup_free_ char *name = NULL;
		struct err err;

		make_prompt(&prompt, i, &random);
		one.prompt = one.model = prompt.data;
		(void)snprintf(id, sizeof(id), "t-%zu", i);
		assert_int_equal(name_make(&naming, &of, &name, &err), ERR_OK);
		assert_tame(name);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_windows_all_is_made_fit),
		cmocka_unit_test(values_are_cleaned),
		cmocka_unit_test(prompts_that_differ_late_stay_different),
		cmocka_unit_test(dates_are_of_the_place),
		cmocka_unit_test(ten_thousand_prompts),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
