/*
 * suite_list.c - what every ledger promises about lists: what is looked for, the order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "suite.h"

static bool add_first_letter(void *payload, const struct task *task)
{
	char *ids = payload;

	ids[strlen(ids)] = task->submit_id[0];
	return true;
}

static void fill_album(struct suite *s)
{
	static const struct {
		const char *id, *prompt, *model;
		enum media_kind kind;
		int64_t created_ms, credits, bytes;
	} album[] = {
		{ "a-one", "一只小猫, a Cat", "Picture-4", MEDIA_IMAGE, 5, 3, 10 },
		{ "b-two", "a dog and a CAT", "video_3", MEDIA_VIDEO, 3, 0, 30 },
		{ "c-three", "two dogs", "Picture-4", MEDIA_IMAGE, 0, -1, 0 },
		{ "d-four", "ＦＵＬＬ width，猫", NULL, MEDIA_VIDEO, 9, 8, 20 },
	};

	for (size_t i = 0; i < COUNT(album); i++) {
		struct intent intent = intent_of(album[i].id);
		struct task *seen =
		    look_with(album[i].id, TASK_SUCCEEDED, album[i].bytes ? "u" : NULL);
		struct asset file = bytes_of(0, "u", "/x");

		file.stored_bytes = album[i].bytes;
		intent.prompt = album[i].prompt;
		intent.model = album[i].model;
		intent.kind = album[i].kind;
		wait_one(s, &intent);
		seen->created_unix_ms = album[i].created_ms;
		seen->has_credits = album[i].credits >= 0;
		seen->credits = album[i].credits;
		seen->kind = album[i].kind;
		ok(ledger_observe(s->a, ME, &seen, NULL, 1, NOW, &s->err));
		task_free(seen);
		if (album[i].bytes == 0)
			continue;
		ok(ledger_asset_fetched(s->a, ME, album[i].id, &file, &s->err));
		ok(ledger_asset_stored(s->a, ME, album[i].id, 0, NOW, &s->err));
	}
}

static void a_list_has_what_is_looked_for(void **state)
{
	static const struct {
		const char *words, *ids;
	} searches[] = { { "猫", "da" }, { "小猫", "a" }, { "cat", "ba" },
		{ "CAT dog", "b" }, { "dog -cat", "c" }, { "-cat", "dc" },
		{ "\"a dog\"", "b" }, { "\"cat a\"", "" }, { "picture-4", "ca" },
		{ "full", "d" }, { "width,", "d" }, { "c-th", "c" }, { "three", "" },
		{ "o", "cb" } };
	struct suite *s = *state;

	fill_album(s);
	for (size_t i = 0; i < COUNT(searches); i++) {
		struct task_search search;
		struct ledger_filter filter = { .search = &search };
		char ids[8] = "";

		ok(search_make(searches[i].words, &search, &s->err));
		ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
		if (strcmp(ids, searches[i].ids) != 0)
			fail_msg("%s: '%s'", searches[i].words, ids);
		filter.limit = 1;
		filter.sort = LEDGER_SORT_ID;
		memset(ids, 0, sizeof(ids));
		ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
		assert_int_equal(strlen(ids), searches[i].ids[0] != 0);
		search_release(&search);
	}
}

static void a_list_is_sorted(void **state)
{
	static const struct {
		const char *by, *up, *down;
	} sorts[] = { { "seen", "abcd", "dcba" }, { "cost", "badc", "dabc" },
		{ "created", "badc", "dabc" }, { "finished", "dcba", "dcba" },
		{ "id", "abcd", "dcba" }, { "kind", "cadb", "dbca" },
		{ "model", "cabd", "bcad" }, { "size", "adbc", "bdac" },
		{ "state", "dcba", "dcba" } };
	struct suite *s = *state;

	fill_album(s);
	for (size_t i = 0; i < 2 * COUNT(sorts); i++) {
		struct ledger_filter filter = { .is_ascending = i % 2 == 0 };
		const char *want =
		    filter.is_ascending ? sorts[i / 2].up : sorts[i / 2].down;
		char ids[8] = "", two[8] = "";

		assert_true(ledger_sort_parse(sorts[i / 2].by, &filter.sort));
		ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
		if (strcmp(ids, want) != 0)
			fail_msg("%s: '%s'", sorts[i / 2].by, ids);
		filter.limit = 2;
		ok(ledger_list(s->b, &filter, add_first_letter, two, &s->err));
		assert_int_equal(strlen(two), 2);
		assert_memory_equal(two, want, 2);
	}
	assert_int_equal(COUNT(sorts), LEDGER_SORT_COUNT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(a_list_has_what_is_looked_for),
		T(a_list_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
