#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"

static void the_captured_answer_is_four_pictures(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(FIXTURE_MAX);
	_cleanup_(answer_freep) struct answer *answer = NULL;
	_cleanup_(task_freep) struct task *task = NULL;

	(void)state;
	read_fixture(CAPTURED, &text);
	answer = decode(text.data, text.len);
	/* The answer owns copies. */
	memset(text.data, 'x', text.len);
	task = judge(answer, CAPTURED_ID);
	assert_int_equal(task->state, TASK_SUCCEEDED);
	assert_int_equal(task->finished, 4);
	assert_int_equal(task->total, 4);
	assert_int_equal(task->n_assets, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(task->assets[i].index, i);
		assert_int_equal(task->assets[i].width, 2048);
		assert_int_equal(task->assets[i].height, 2048);
		assert_string_equal(task->assets[i].format, "png");
		assert_int_equal(task->assets[i].expires_unix, 1757782800);
		assert_non_null(strstr(task->assets[i].url, ":0:0.png?"));
	}
	assert_int_equal(answer_mistyped(answer), 0);
}

static void an_answer_cut_anywhere_is_an_error(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(FIXTURE_MAX);

	(void)state;
	read_fixture(CAPTURED, &text);
	while (text.len && text.data[text.len - 1] == '\n')
		text.len--;
	for (size_t len = 0; len < text.len; len += 97) {
		/* A block of its own, so that reading behind the end is noticed. */
		_cleanup_free_ char *cut = malloc(len + 1);
		struct answer *answer = NULL;
		struct err err = { .kind = ERR_OK };

		assert_non_null(cut);
		memcpy(cut, text.data, len);
		assert_int_equal(answer_decode(cut, len, -1, &answer, &err),
		    len ? ERR_CONTRACT : ERR_NET);
		assert_null(answer);
		assert_true(err.msg[0] != '\0');
	}
}

/* --- fields of a wrong type --- */

static const char *const wrong[] = { "null", "true", "12345", "\"x\"", "[]", "{}",
	"[[1,2],\"x\"]", "{\"a\":1}", "-0.5", "1e300", "\"\"" };

static size_t count_nodes(const cJSON *json)
{
	size_t n = 1;
	const cJSON *child;

	cJSON_ArrayForEach(child, json)
		n += count_nodes(child);
	return n;
}

/* Node number *i in the order of the text, and who holds it. */
static cJSON *nth(cJSON *json, size_t *i, cJSON **ret_parent)
{
	cJSON *child;

	cJSON_ArrayForEach(child, json) {
		cJSON *found;

		*ret_parent = json;
		if ((*i)-- == 0)
			return child;
		found = nth(child, i, ret_parent);
		if (found)
			return found;
	}
	return NULL;
}

/* The text of `json` with node i replaced. */
static char *mutate(const cJSON *json, size_t i, const char *value)
{
	_cleanup_(json_deletep) cJSON *copy = cJSON_Duplicate(json, true);
	cJSON *parent = NULL;
	cJSON *node = nth(copy, &i, &parent);
	cJSON *raw = cJSON_CreateRaw(value);

	assert_non_null(node);
	if (!node)
		return NULL;
	if (node->string) {
		char *name = strdup(node->string);

		assert_true(cJSON_ReplaceItemInObjectCaseSensitive(parent, name, raw));
		free(name);
	} else {
		assert_true(cJSON_ReplaceItemViaPointer(parent, node, raw));
	}
	return cJSON_PrintUnformatted(copy);
}

/* Whatever one field says: never `failed`, and nothing worse than an error. */
static void try_mutation(const char *text, const char *id)
{
	struct poll_memory memory = { 0 };
	_cleanup_(answer_freep) struct answer *answer = NULL;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err = { .kind = ERR_OK };

	if (answer_decode(text, strlen(text), -1, &answer, &err)) {
		assert_int_equal(err.kind, ERR_CONTRACT);
		return;
	}
	if (answer_judge(answer, id, 0, &memory, &task, &err)) {
		assert_int_not_equal(err.kind, ERR_OK);
		assert_int_not_equal(err.kind, ERR_FAILED);
		return;
	}
	assert_int_not_equal(task->state, TASK_FAILED);
	assert_int_not_equal(task->state, TASK_CANCELLED);
}

/* Each node with every wrong value; or every third node with one of them. */
static void mutate_all(const char *fixture, const char *id, bool is_thorough)
{
	const size_t many = sizeof(wrong) / sizeof(*wrong);
	_cleanup_(buf_release) struct buf text = buf_make(FIXTURE_MAX);
	_cleanup_(json_deletep) cJSON *json = NULL;
	size_t n;

	read_fixture(fixture, &text);
	json = cJSON_Parse(text.data);
	assert_non_null(json);
	n = (count_nodes(json) - 1) * many;
	for (size_t i = 0; i < n; i += is_thorough ? 1 : 3 * many + 1) {
		_cleanup_free_ char *mutated = mutate(json, i / many, wrong[i % many]);

		assert_non_null(mutated);
		try_mutation(mutated, id);
	}
}

static void a_mistyped_field_takes_no_task_away(void **state)
{
	(void)state;
	mutate_all(CAPTURED, CAPTURED_ID, false);
	mutate_all(
	    "made_50_three_of_four.json", "00000003-1111-4111-8111-111111111111", true);
	mutate_all("made_video_web.json", "34058066964711", true);
}

/* --- which record is whose --- */

static void a_record_is_known_by_its_own_ids(void **state)
{
	static const char *const ids[] = { "unexpected-key",
		"00000060-1111-4111-8111-111111111111", "34058066964760" };
	_cleanup_(buf_release) struct buf text = buf_make(FIXTURE_MAX);
	_cleanup_(answer_freep) struct answer *answer = NULL;

	(void)state;
	read_fixture("made_own_ids_only.json", &text);
	answer = decode(text.data, text.len);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		_cleanup_(task_freep) struct task *task = judge(answer, ids[i]);

		assert_int_equal(task->state, TASK_GENERATING);
		assert_string_equal(task->submit_id, ids[i]);
		assert_string_equal(task->history_id, "34058066964760");
	}
}

static void the_key_wins_over_the_ids_inside(void **state)
{
	static const char text[] =
	    "{\"ret\":0,\"data\":{\"b\":{\"submit_id\":\"a\",\"status\":20},"
	    "\"a\":{\"submit_id\":\"b\",\"status\":42}}}";
	_cleanup_(answer_freep) struct answer *answer = decode(text, sizeof(text) - 1);
	_cleanup_(task_freep) struct task *task = judge(answer, "a");

	(void)state;
	assert_int_equal(task->status, 42);
}

static void a_single_look_concludes_absence(void **state)
{
	static const char text[] = "{\"ret\":\"0\",\"data\":{}}";
	_cleanup_(answer_freep) struct answer *answer = decode(text, sizeof(text) - 1);
	_cleanup_(task_freep) struct task *task = judge(answer, "a");

	(void)state;
	assert_int_equal(task->state, TASK_UNKNOWN);
	assert_true(task->status == INT64_MIN);
}

static void an_error_answer_judges_nobody(void **state)
{
	static const char text[] =
	    "{\"ret\":\"1015\",\"errmsg\":\"login error\",\"data\":{"
	    "\"a\":{\"status\":30}}}";
	_cleanup_(answer_freep) struct answer *answer = decode(text, sizeof(text) - 1);
	struct poll_memory memory = { 0 };
	struct task *task = NULL;
	struct err err;

	(void)state;
	assert_int_equal(answer_judge(answer, "a", 0, &memory, &task, &err), ERR_AUTH);
	assert_int_equal(answer_judge(answer, "b", 0, &memory, &task, &err), ERR_AUTH);
	assert_null(task);
	assert_int_equal(memory.polls, 0);
}

static void a_broken_record_leaves_the_others(void **state)
{
	static const char text[] =
	    "{\"ret\":\"0\",\"data\":{\"a\":7,\"b\":{\"status\":20},"
	    "\"c\":{\"x\":1,\"x\":2}}}";
	_cleanup_(answer_freep) struct answer *answer = decode(text, sizeof(text) - 1);
	_cleanup_(task_freep) struct task *good = judge(answer, "b");
	struct poll_memory memory = { 0 };
	struct task *task = NULL;
	struct err err;

	(void)state;
	assert_int_equal(good->state, TASK_GENERATING);
	assert_int_equal(
	    answer_judge(answer, "a", 0, &memory, &task, &err), ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "'a'"));
	assert_int_equal(
	    answer_judge(answer, "c", 0, &memory, &task, &err), ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "'c'"));
	assert_null(task);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_captured_answer_is_four_pictures),
		cmocka_unit_test(an_answer_cut_anywhere_is_an_error),
		cmocka_unit_test(a_mistyped_field_takes_no_task_away),
		cmocka_unit_test(a_record_is_known_by_its_own_ids),
		cmocka_unit_test(the_key_wins_over_the_ids_inside),
		cmocka_unit_test(a_single_look_concludes_absence),
		cmocka_unit_test(an_error_answer_judges_nobody),
		cmocka_unit_test(a_broken_record_leaves_the_others),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
