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
		{ "model", "cabd", "bcad" }, { "rating", "dcba", "dcba" },
		{ "size", "adbc", "bdac" }, { "state", "dcba", "dcba" } };
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

/* --- what people say ------------------------------------------------------------- */

static void say(struct suite *s, const char *id, int index, const char *add,
    const char *remove, const char *note)
{
	const struct ledger_mark mark = { .index = index,
		.add = &add,
		.n_add = add != NULL,
		.remove = &remove,
		.n_remove = remove != NULL,
		.note = note };

	ok(ledger_mark(s->a, ME, id, &mark, NOW, &s->err));
}

static void rate(struct suite *s, const char *id, int rating)
{
	const struct ledger_mark mark = {
		.index = LEDGER_MARK_TASK, .has_rating = true, .rating = rating
	};

	ok(ledger_mark(s->a, ME, id, &mark, NOW, &s->err));
}

/* "tags|note|rating" */
static const char *said(struct suite *s, const char *id)
{
	static char text[200];
	struct task *task = find(s, id);

	(void)snprintf(text, sizeof(text), "%s|%s|%d", task->tags ? task->tags : "",
	    task->note ? task->note : "", task->rating);
	task_free(task);
	return text;
}

static void marks_are_kept(void **state)
{
	struct suite *s = *state;

	fill_album(s);
	assert_string_equal(said(s, "a-one"), "||0");
	say(s, "a-one", LEDGER_MARK_TASK, "b", NULL, "first");
	say(s, "a-one", LEDGER_MARK_TASK, "a", "nothing", NULL);
	say(s, "a-one", LEDGER_MARK_TASK, "a", NULL, NULL);
	rate(s, "a-one", 4);
	assert_string_equal(said(s, "a-one"), "a b|first|4");
	/* No poll changes it, and what a poll has become has it. */
	{
		struct task *seen = look("a-one", TASK_SUCCEEDED);

		ok(ledger_observe(s->b, ME, &seen, NULL, 1, NOW + 1, &s->err));
		assert_string_equal(seen->tags, "a b");
		assert_string_equal(seen->note, "first");
		assert_int_equal(seen->rating, 4);
		task_free(seen);
	}
	say(s, "a-one", LEDGER_MARK_TASK, NULL, "a", "");
	rate(s, "a-one", -1);
	assert_string_equal(said(s, "a-one"), "b||-1");
	rate(s, "a-one", 0);
	say(s, "a-one", LEDGER_MARK_TASK, NULL, "b", NULL);
	assert_string_equal(said(s, "a-one"), "||0");
}

static void marks_are_refused(void **state)
{
	static char texts[LEDGER_TAGS_MAX + 1][8];
	const char *many[LEDGER_TAGS_MAX + 1];
	struct suite *s = *state;
	struct ledger_mark mark = { .index = LEDGER_MARK_TASK, .note = "x" };

	fill_album(s);
	assert_int_equal(
	    ledger_mark(s->a, ME, "none", &mark, NOW, &s->err), ERR_NOT_FOUND);
	assert_int_equal(
	    ledger_mark(s->a, "other", "a-one", &mark, NOW, &s->err), ERR_NOT_FOUND);
	mark.index = 1;
	assert_int_equal(
	    ledger_mark(s->a, ME, "a-one", &mark, NOW, &s->err), ERR_NOT_FOUND);
	mark.index = -2;
	assert_int_equal(ledger_mark(s->a, ME, "a-one", &mark, NOW, &s->err), ERR_USAGE);
	mark = (struct ledger_mark){
		.index = LEDGER_MARK_TASK, .has_rating = true, .rating = 6
	};
	assert_int_equal(ledger_mark(s->a, ME, "a-one", &mark, NOW, &s->err), ERR_USAGE);
	for (int i = 0; i <= LEDGER_TAGS_MAX; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "t%d", i);
		many[i] = texts[i];
	}
	mark = (struct ledger_mark){ .index = LEDGER_MARK_TASK,
		.add = many,
		.n_add = LEDGER_TAGS_MAX + 1,
		.note = "y" };
	assert_int_equal(ledger_mark(s->a, ME, "a-one", &mark, NOW, &s->err), ERR_USAGE);
	assert_string_equal(said(s, "a-one"), "||0"); /* all or nothing */
	mark.n_add = LEDGER_TAGS_MAX;
	ok(ledger_mark(s->a, ME, "a-one", &mark, NOW, &s->err));
}

static bool add_tag(void *payload, const char *tag, int64_t n_tasks)
{
	char *into = payload;
	const size_t len = strlen(into);

	(void)snprintf(into + len, 100 - len, "%s%d ", tag, (int)n_tasks);
	return true;
}

static void tags_find_tasks(void **state)
{
	static const char *const good[] = { "good" }, *const both[] = { "good", "猫" };
	struct suite *s = *state;
	struct ledger_filter filter = { .tags = good, .n_tags = 1 };
	struct task_search search;
	char ids[8] = "", tags[100] = "";

	fill_album(s);
	say(s, "a-one", LEDGER_MARK_TASK, "good", NULL, "for the poster");
	say(s, "a-one", 0, "good", NULL, NULL);
	say(s, "d-four", LEDGER_MARK_TASK, "good", NULL, NULL);
	say(s, "d-four", 0, "猫", NULL, NULL); /* on a file of it */
	ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
	assert_string_equal(ids, "da");
	filter.tags = both;
	filter.n_tags = 2;
	memset(ids, 0, sizeof(ids));
	ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
	assert_string_equal(ids, "d");
	ok(ledger_tags(s->b, ME, add_tag, tags, &s->err));
	assert_string_equal(tags, "good2 猫1 ");
	filter = (struct ledger_filter){ .search = &search };
	ok(search_make("poster goo", &search, &s->err));
	memset(ids, 0, sizeof(ids));
	ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
	assert_string_equal(ids, "a");
	search_release(&search);
	/* A task that is forgotten takes them along. */
	ok(ledger_forget(s->a, ME, "d-four", &s->err));
	ok(ledger_forget(s->a, ME, "a-one", &s->err));
	memset(tags, 0, sizeof(tags));
	ok(ledger_tags(s->b, ME, add_tag, tags, &s->err));
	assert_string_equal(tags, "");
	adopt(s, "a-one");
	assert_string_equal(said(s, "a-one"), "||0");
}

static bool take_number(void *payload, const struct task *task)
{
	*(int64_t *)payload = task->number;
	return false;
}

static void a_list_goes_on_behind_a_task(void **state)
{
	struct suite *s = *state;
	struct ledger_filter filter = { .account = ME, .limit = 2 };
	char ids[10] = "", more[10] = "", back[10] = "", sorted[10] = "";
	int64_t newest = 0;

	fill_album(s);
	ok(ledger_list(s->b, &filter, take_number, &newest, &s->err));
	filter.behind = newest;
	ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
	assert_string_equal(ids, "cb");
	/* The one that it begins behind may be gone. */
	ok(ledger_forget(s->a, ME, "d-four", &s->err));
	ok(ledger_adopt(s->a, ME, (const char *const[]){ "e-five" }, 1, NOW, &s->err));
	ok(ledger_list(s->b, &filter, add_first_letter, more, &s->err));
	assert_string_equal(more, "cb");
	filter.sort = LEDGER_SORT_ID;
	filter.limit = 0;
	ok(ledger_list(s->b, &filter, add_first_letter, sorted, &s->err));
	assert_string_equal(sorted, "cba");
	filter.sort = LEDGER_SORT_SEEN;
	filter.is_ascending = true;
	filter.behind = newest - 2;
	ok(ledger_list(s->b, &filter, add_first_letter, back, &s->err));
	assert_string_equal(back, "ce");
}

static void a_file_is_found_by_its_sum(void **state)
{
	struct suite *s = *state;
	struct ledger_filter filter = { .account = ME, .sha256 = SHA };
	char ids[10] = "", none[10] = "";

	fill_album(s);
	ok(ledger_list(s->b, &filter, add_first_letter, ids, &s->err));
	assert_string_equal(ids, "dba");
	filter.sha256 = SHB;
	ok(ledger_list(s->b, &filter, add_first_letter, none, &s->err));
	assert_string_equal(none, "");
}

static void what_comes_and_goes_is_counted(void **state)
{
	struct suite *s = *state;
	struct ledger_count none, four, three;

	ok(ledger_count(s->b, &none, &s->err));
	assert_int_equal(none.tasks, 0);
	assert_int_equal(none.newest, 0);
	fill_album(s);
	ok(ledger_count(s->b, &four, &s->err));
	assert_int_equal(four.tasks, 4);
	assert_true(four.newest > 0);
	ok(ledger_forget(s->a, ME, "a-one", &s->err));
	ok(ledger_count(s->b, &three, &s->err));
	assert_int_equal(three.tasks, 3);
	assert_int_equal(three.newest, four.newest);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(a_list_has_what_is_looked_for),
		T(a_list_is_sorted),
		T(a_list_goes_on_behind_a_task),
		T(a_file_is_found_by_its_sum),
		T(what_comes_and_goes_is_counted),
		T(marks_are_kept),
		T(marks_are_refused),
		T(tags_find_tasks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
