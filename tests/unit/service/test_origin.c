/*
 * Where an answer says what a task was made of: each place alone, and which of them is
 * believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/jimeng/send/origin.h"

#define IMAGE(prompt)                                                       \
	"{\"text2image_params\":{\"prompt\":\"" prompt                      \
	"\",\"model_config\":{\"model_req_key\":\"m4\"},\"image_ratio\":3," \
	"\"seed\":7}}"
#define VIDEO(prompt)                                                         \
	"{\"text2video_params\":{\"video_gen_inputs\":[{\"prompt\":\"" prompt \
	"\"}],\"video_model_config\":{\"model_req_key\":\"m4\"},"             \
	"\"video_aspect_ratio\":\"16:9\",\"seed\":7}}"
#define ITEM(params) "{\"aigc_image_params\":" params "}"
#define ITEMS(items) "\"item_list\":[" items "]"
#define TASK(params) "\"task\":{\"aigc_image_params\":" params "}"
#define DRAFT(abilities)                                                                \
	"\"draft_content\":\"{\\\"component_list\\\":[{},{\\\"abilities\\\":" abilities \
	"}]}\""
#define DRAFT_IMAGE(prompt)                                                       \
	DRAFT("{\\\"generate\\\":{\\\"core_param\\\":{\\\"prompt\\\":\\\"" prompt \
	      "\\\",\\\"model\\\":\\\"m4\\\",\\\"image_ratio\\\":3,\\\"seed\\\":7}}}")
#define DRAFT_VIDEO(prompt)                                                             \
	DRAFT(                                                                          \
	    "{\\\"gen_video\\\":{\\\"text_to_video_params\\\":{"                        \
	    "\\\"video_gen_inputs\\\":[{\\\"prompt\\\":\\\"" prompt "\\\"}],"           \
	    "\\\"model_req_key\\\":\\\"m4\\\",\\\"video_aspect_ratio\\\":\\\"16:9\\\"," \
	    "\\\"seed\\\":7}}}")
#define GROUP(prompt) "\"history_group_key\":\"" prompt "\""

/* Of a record that says this; the model, ratio and seed are these, if it is told. */
static const struct {
	const char *record, *prompt;
	bool has_all;
} rows[] = {
	{ "{}", NULL, false },
	{ "{" ITEMS(ITEM(IMAGE("item"))) "}", "item", true },
	{ "{" ITEMS(ITEM(VIDEO("item"))) "}", "item", true },
	{ "{" ITEMS("7,{}," ITEM(IMAGE("second"))) "}", "second", true },
	{ "{" TASK(IMAGE("task")) "}", "task", true },
	{ "{" TASK(VIDEO("task")) "}", "task", true },
	{ "{" DRAFT_IMAGE("draft") "}", "draft", true },
	{ "{" DRAFT_VIDEO("draft") "}", "draft", true },
	{ "{" GROUP("group") "}", "group", false },
	{ "{" GROUP("group") "," DRAFT_IMAGE("draft") "}", "draft", true },
	{ "{" DRAFT_IMAGE("draft") "," TASK(IMAGE("task")) "}", "task", true },
	{ "{" TASK(IMAGE("task")) "," ITEMS(ITEM(IMAGE("item"))) "}", "item", true },
	{ "{\"item_list\":{},\"task\":[],\"draft_content\":\"{\",\"history_group_key\":"
	  "7}",
	    NULL, false },
};

static struct task *origin_of(const char *record)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct task *task = task_new();
	unsigned mistyped = 0;
	struct fields fields = { .arena = &task->arena, .mistyped = &mistyped };
	struct err err;

	if (json_parse(record, strlen(record), &json, &err))
		fail_msg("%s: %s", record, err.msg);
	origin_read(&fields, json, task);
	assert_false(fields.no_memory);
	return task;
}

static void assert_text(const char *text, const char *wanted)
{
	if (wanted)
		assert_string_equal(text, wanted);
	else
		assert_null(text);
}

static void each_place_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_(task_freep) struct task *task = origin_of(rows[i].record);

		print_message("# %s\n", rows[i].record);
		assert_text(task->prompt, rows[i].prompt);
		assert_text(task->model, rows[i].has_all ? "m4" : NULL);
		assert_text(task->ratio, rows[i].has_all ? "16:9" : NULL);
		assert_int_equal(task->has_seed, rows[i].has_all);
		assert_int_equal(task->seed, rows[i].has_all ? 7 : 0);
	}
}

static void its_cost_is_read(void **state)
{
	static const struct {
		const char *record;
		int64_t credits; /* -1: none are told */
	} costs[] = {
		{ "{}", -1 },
		{ "{\"commerce_info\":{\"credit_count\":4}}", 4 },
		{ "{" ITEMS("{\"extra\":{\"credits_consume\":3}}") "}", 3 },
		{ "{" ITEMS("{\"extra\":{\"credits_consume\":3}},{}") "}", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		_cleanup_(task_freep) struct task *task = origin_of(costs[i].record);

		assert_int_equal(task->has_credits, costs[i].credits >= 0);
		if (task->has_credits)
			assert_int_equal(task->credits, costs[i].credits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_is_read),
		cmocka_unit_test(its_cost_is_read),
	};

	return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
