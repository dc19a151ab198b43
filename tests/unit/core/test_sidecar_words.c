/*
 * What is said beside files and in copies: values that would end a line, texts that a
 * terminal would obey, and a packet of XMP that a file has already.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/sidecar/texts.h"
#include "core/sidecar/xmp.h"

enum { TEXT_MAX = 64 * 1024 };

static struct asset asset = { .index = 1, .width = 20, .height = 10 };
static struct task task = {
	.submit_id = "id-1",
	.prompt = "a cat",
	.model = "one, \"two\"\nthree: 3\\",
	.ratio = "16:9",
	.created_unix_ms = 1795384800000,
	.tags = "good 猫",
	.rating = -1,
	.assets = &asset,
	.n_assets = 1,
};
static const struct sidecar_of of = { .task = &task, .asset = &asset };

static void strangers_texts_are_cleaned(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "a\r\nb\rc\n\td", "a\nb\nc\n\td" },
		{ "\x1b[31m\x7f\x01", "\ufffd[31m\ufffd\ufffd" },
		{ "\xc2\x9b\xc2\xa0", "\ufffd\u00a0" },
		{ "\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", "\ufffd\ufffd\ufffd" },
		{ "\xff\xe4\xb8", "\ufffd\ufffd\ufffd" },
		{ "\u202e👩‍👩‍👧", "\u202e👩‍👩‍👧" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_release) struct buf into = buf_make(TEXT_MAX);

		sidecar_add_clean(&into, cases[i].text);
		assert_string_equal(into.data, cases[i].want);
	}
}

static void values_stay_in_their_line(void **state)
{
	_cleanup_free_ char *text = sidecar_text_parameters(&of);
	_cleanup_free_ char *mark = sidecar_mark_parameters("id-1");

	(void)state;
	assert_string_equal(text,
	    "a cat\n"
	    "Size: 20x10, Model: \"one, \\\"two\\\"\\nthree: 3\\\\\", Ratio: \"16:9\", "
	    "Created: \"2026-11-22T22:00:00Z\", Submit id: id-1, File: 1, "
	    "Generator: Dreamina / Jimeng\n");
	assert_non_null(strstr(text, mark));
}

static void a_packet_is_ours_until_another_writes_it(void **state)
{
	_cleanup_free_ char *text = sidecar_text_xmp(&of);
	_cleanup_free_ char *mark = sidecar_mark_xmp("id-1");
	_cleanup_free_ char *other = sidecar_mark_xmp("id-2");

	(void)state;
	assert_non_null(strstr(text, mark));
	assert_null(strstr(text, other));
	assert_non_null(strstr(text, "<rdf:li>good</rdf:li><rdf:li>猫</rdf:li>"));
	assert_non_null(strstr(text, "<xmp:Rating>-1</xmp:Rating>"));
	memcpy(strstr(text, "x:xmptk=\"dreamq\""), "x:xmptk=\"Other!\"", 16);
	assert_null(strstr(text, mark));
}

static bool merge(const char *old_text, struct buf *into)
{
	_cleanup_(buf_release) struct buf old = buf_make(TEXT_MAX);

	buf_add(&old, old_text, strlen(old_text));
	return xmp_add_merged(into, &old, &of, XMP_OF_MAKING);
}

static void what_a_packet_says_stays(void **state)
{
	static const char old[] = "<x:xmpmeta><rdf:RDF xmlns:rdf=\"r\"><rdf:Description>"
				  "<xmp:CreatorTool>theirs</xmp:CreatorTool>"
				  "</rdf:Description></rdf:RDF></x:xmpmeta>";
	_cleanup_(buf_release) struct buf into = buf_make(TEXT_MAX);
	const char *ours;

	(void)state;
	assert_true(merge(old, &into));
	assert_int_equal(strncmp(into.data, old, strlen(old) - 23), 0);
	ours = strstr(into.data, "<dreamq:SubmitID>id-1</dreamq:SubmitID>");
	assert_non_null(ours);
	assert_non_null(strstr(ours, "<rdf:li xml:lang=\"x-default\">a cat</rdf:li>"));
	assert_null(strstr(ours, "CreatorTool"));
	assert_null(strstr(ours, "猫")); /* it is given away */
	assert_string_equal(strstr(ours, "</rdf:RDF>"), "</rdf:RDF></x:xmpmeta>");
}

static void no_packet_is_added_to_twice(void **state)
{
	_cleanup_free_ char *ours = sidecar_text_xmp(&of);
	_cleanup_(buf_release) struct buf into = buf_make(TEXT_MAX);

	(void)state;
	assert_false(merge("<x:xmpmeta/>", &into));
	assert_false(merge(ours, &into));
	assert_int_equal(into.len, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_texts_are_cleaned),
		cmocka_unit_test(values_stay_in_their_line),
		cmocka_unit_test(a_packet_is_ours_until_another_writes_it),
		cmocka_unit_test(what_a_packet_says_stays),
		cmocka_unit_test(no_packet_is_added_to_twice),
	};

	return cmocka_run_group_tests_name("sidecar_words", tests, NULL, NULL);
}
