#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/tag.h"

static void tags_are_folded(void **state)
{
	static const struct {
		const char *text, *tag;
	} tags[] = { { "good", "good" }, { "GOOD", "good" }, { "ＧＯＯＤ", "good" },
		{ "海报", "海报" }, { "a+b", "a+b" }, { "v1.2", "v1.2" }, { "#1", "#1" },
		{ "ÉTÉ", "été" }, { "a\xe2\x80\xae", "a" } };
	char tag[TAG_MAX + 1];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		assert_int_equal(tag_make(tags[i].text, tag, &err), ERR_OK);
		assert_string_equal(tag, tags[i].tag);
	}
}

static void others_are_none(void **state)
{
	static const char *const none[] = { "", " ", "a b", "a,b", "+a", "-a", "－a",
		"a\n", "a\x1b[31m", "a\xff", "\xe3\x80\x80", "a\tb" };
	char tag[TAG_MAX + 1] = "as it was", large[200];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (tag_make(none[i], tag, &err) != ERR_USAGE)
			fail_msg("'%s'", none[i]);
	memset(large, 'a', sizeof(large));
	large[TAG_MAX + 1] = '\0';
	assert_int_equal(tag_make(large, tag, &err), ERR_USAGE);
	assert_string_equal(tag, "as it was");
	large[TAG_MAX] = '\0';
	assert_int_equal(tag_make(large, tag, &err), ERR_OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_folded),
		cmocka_unit_test(others_are_none),
	};

	return cmocka_run_group_tests_name("tag", tests, NULL, NULL);
}
