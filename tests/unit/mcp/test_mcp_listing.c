#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mcp/listing.h"

static cJSON *row_of(const struct dq_task *task)
{
	struct put row = put_make();

	put_text(&row, "id", task->submit_id);
	return put_take(&row);
}

/* A ledger is its ids, one letter each, the newest first: the later in the alphabet, the
 * older. */
static void read_page(
    const char *ledger, char cursor[LISTING_CURSOR_BYTES], size_t wanted, char *told)
{
	struct answer answer = answer_make();
	cJSON *list = cJSON_CreateArray(), *row;
	struct listing listing;
	char next[LISTING_CURSOR_BYTES];
	struct dq_filter filter = { .limit = 0 };

	assert_true(listing_make(&listing, *cursor ? cursor : NULL, wanted));
	listing.make = row_of;
	listing_ask(&listing, &filter);
	for (size_t i = 0; ledger[i] && filter.limit > 0; i++) {
		const char id[] = { ledger[i], '\0' };
		const struct dq_task task = { .submit_id = id,
			.number = 200 - ledger[i] };
		const struct dq_event event = { .type = DQ_EVENT_TASK, .task = &task };

		if (filter.behind && task.number >= filter.behind)
			continue;
		listing_hear(&listing, &event);
		filter.limit--;
	}
	listing_put(&listing, &answer, list, NULL, next);
	cJSON_ArrayForEach(row, list)
		strcat(told, cJSON_GetObjectItem(row, "id")->valuestring);
	(void)snprintf(cursor, LISTING_CURSOR_BYTES, "%s", next);
	cJSON_Delete(list);
	listing_release(&listing);
	answer_release(&answer);
}

static void each_task_comes_once_whatever_happens_between(void **state)
{
	static const struct {
		const char *first,
		    *later; /* the ledger at the first page, and after it */
		const char *told;
	} rows[] = {
		{ "", "", "" },
		{ "abc", "abc", "abc" },
		{ "abcd", "abcd", "abcd" },
		{ "abcdefgh", "abcdefgh", "abcdefgh" },
		{ "abcdefgh", "ABCabcdefgh", "abcdefgh" }, /* new ones */
		{ "abcdefgh", "acdefgh", "abcdefgh" }, /* one is forgotten */
		{ "abcdefgh", "abdefgh", "abcdefgh" }, /* the one it goes on behind */
		{ "abcdefgh", "cdefgh", "abcdefgh" },
		{ "abcdefgh", "", "abc" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char cursor[LISTING_CURSOR_BYTES] = "", told[100] = "";

		read_page(rows[i].first, cursor, 3, told);
		while (*cursor)
			read_page(rows[i].later, cursor, 3, told);
		assert_string_equal(told, rows[i].told);
	}
}

static void what_is_no_cursor_is_refused(void **state)
{
	static const char *const cursors[] = { "", "x", "0", "20.a", "-1", " 1",
		"9223372036854775808", "99999999999999999999999" };
	struct listing listing;

	(void)state;
	for (size_t i = 0; i < sizeof(cursors) / sizeof(*cursors); i++)
		assert_false(listing_make(&listing, cursors[i], 3));
	assert_true(listing_make(&listing, "77", 3));
	assert_int_equal(listing.behind, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_task_comes_once_whatever_happens_between),
		cmocka_unit_test(what_is_no_cursor_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
