#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/search.h"

static const struct {
	const char *words;
	bool finds;
} searches[] = {
	{ "猫", true }, { "小猫 Cat", true }, { "小猫 dog", false }, { "-dog", true },
	{ "-cat", false }, { "\"a CAT\"", true }, { "\"a  cat\"", false },
	{ "\"a cat", true }, /* the quote is open: to the end */
	{ "-\"a cat\"", false }, { "cat-4", false }, { "picture-4", true },
	{ "abcd", true }, /* begins the id */
	{ "bcd", false }, { "77", true }, { "cat\"x", false },
	{ "t,", true }, /* the comma is a wide one */
	{ "猫 -", true }, { "t\nd", true }, /* blanks of any kind */
};

static void words_are_found(void **state)
{
	const char *const ids[] = { "abcdef", "7788", NULL };
	const char *const texts[] = { "一只小猫 a Cat，d", "Picture-4", NULL, "" };
	const struct search_texts all = { ids, 3, texts, 4 };
	struct buf room = buf_make(SEARCH_ROOM);

	(void)state;
	for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		struct task_search search;
		struct err err;

		assert_int_equal(search_make(searches[i].words, &search, &err), ERR_OK);
		if (search_finds(&search, &all, &room) != searches[i].finds)
			fail_msg("%s", searches[i].words);
		search_release(&search);
	}
	buf_release(&room);
}

static void nothing_is_refused(void **state)
{
	static const char *const nothing[] = { "", " ", "-", "\"\"", "\xe3\x80\x80" };
	char many[3 * SEARCH_WORDS + 4] = "", *large = calloc(1, SEARCH_MAX + 2);
	struct task_search search;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_int_equal(search_make(nothing[i], &search, &err), ERR_USAGE);
	for (int i = 0; i <= SEARCH_WORDS; i++)
		strcat(many, "a ");
	assert_int_equal(search_make(many, &search, &err), ERR_USAGE);
	assert_non_null(large);
	memset(large, 'a', SEARCH_MAX + 1);
	assert_int_equal(search_make(large, &search, &err), ERR_USAGE);
	free(large);
}

static void a_task_without_texts_has_none(void **state)
{
	const struct search_texts none = { 0 };
	struct buf room = buf_make(SEARCH_ROOM);
	struct task_search search;
	struct err err;

	(void)state;
	assert_int_equal(search_make("a", &search, &err), ERR_OK);
	assert_false(search_finds(&search, &none, &room));
	search_release(&search);
	assert_int_equal(search_make("-a", &search, &err), ERR_OK);
	assert_true(search_finds(&search, &none, &room));
	search_release(&search);
	buf_release(&room);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_found),
		cmocka_unit_test(nothing_is_refused),
		cmocka_unit_test(a_task_without_texts_has_none),
	};

	return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
