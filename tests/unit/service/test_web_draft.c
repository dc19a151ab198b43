/* The draft of the web page, against what the page was seen to send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/json.h"
#include "service/jimeng/send/web_draft.h"

enum { TEXT_MAX = 1 << 20 };

/* `draft_content` of the captured submit. */
static char *captured_draft(void)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	_cleanup_(json_deletep) cJSON *json = NULL;
	char path[1024], *draft;
	struct err err;

	(void)snprintf(path, sizeof(path), "%s/submit_aigc_draft_generate_ok.json",
	    getenv("FIXTURES"));
	assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
	assert_int_equal(json_parse(text.data, text.len, &json, &err), ERR_OK);
	draft = strdup(json_get_string(json, "data.aigc_data.draft_content", NULL));
	assert_non_null(draft);
	return draft;
}

static struct web_draft captured_values(void)
{
	return (struct web_draft){
		.model = "high_aes_general_v40",
		.prompt = "一只可爱的小猫坐在阳光下",
		.negative_prompt = "",
		.version = "3.0.2",
		.size = web_size_find("1:1", "2k"),
		.sample_strength = "0.5",
		.seed = 2523227244,
		.made_unix_ms = 1757778120598,
		.ids = { [WEB_DRAFT] = "0880405f-733b-48a6-8e27-66deab0f7c5c",
		    [WEB_COMPONENT] = "a5c77d0c-c41b-43bc-acda-941c169c1b01",
		    [WEB_METADATA] = "5cfb47c7-4aa7-49f2-9206-ed9bf00e132a",
		    [WEB_ABILITIES] = "322c2622-9f4f-4647-b7ff-4fa2149c7dba",
		    [WEB_GENERATE] = "f48f0a5e-f081-4f93-bf57-d167d063409a",
		    [WEB_CORE_PARAM] = "4dc7b464-08b4-42ec-ba1a-16f75e6f3034",
		    [WEB_IMAGE_INFO] = "a0e50e2b-950a-42d6-9f1d-c4571a267ff8",
		    [WEB_HISTORY_OPTION] = "e7f6c47e-3639-429b-9027-0d65e392f995",
		    [WEB_GEN_OPTION] = "11111111-2222-4333-8444-555555555555" },
	};
}

static void it_is_the_captured_one_byte_for_byte(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	_cleanup_free_ char *captured = captured_draft();
	const struct web_draft draft = captured_values();
	struct err err;

	(void)state;
	assert_int_equal(web_draft_write(&draft, &text, &err), ERR_OK);
	assert_string_equal(text.data, captured);
}

/* A number of pictures adds one thing, where it counts, and changes nothing else. */
static void a_number_stands_under_abilities(void **state)
{
	static const char option[] =
	    ",\"gen_option\":{\"type\":\"\",\"id\":\"11111111-2222-4333-8444-"
	    "555555555555\",\"gen_count\":2,\"generate_all\":false}";
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	_cleanup_free_ char *captured = captured_draft();
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct web_draft draft = captured_values();
	const cJSON *component;
	struct err err;
	char *at;

	(void)state;
	draft.count = 2;
	assert_int_equal(web_draft_write(&draft, &text, &err), ERR_OK);
	assert_int_equal(json_parse(text.data, text.len, &json, &err), ERR_OK);
	component = cJSON_GetArrayItem(json_get_array(json, "component_list", NULL), 0);
	assert_int_equal(
	    json_get_int(component, "abilities.gen_option.gen_count", 0, NULL), 2);
	at = strstr(text.data, option);
	assert_non_null(at);
	memmove(at, at + strlen(option), strlen(at + strlen(option)) + 1);
	assert_string_equal(text.data, captured);
}

static void texts_are_quoted(void **state)
{
	static const char said[] = "\"一只猫\"\n\\ \x01 /";
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct web_draft draft = captured_values();
	const cJSON *component;
	struct err err;

	(void)state;
	draft.prompt = draft.negative_prompt = said;
	assert_int_equal(web_draft_write(&draft, &text, &err), ERR_OK);
	assert_int_equal(json_parse(text.data, text.len, &json, &err), ERR_OK);
	component = cJSON_GetArrayItem(json_get_array(json, "component_list", NULL), 0);
	assert_string_equal(
	    json_get_string(component, "abilities.generate.core_param.prompt", NULL),
	    said);
	assert_string_equal(json_get_string(component,
				"abilities.generate.core_param.negative_prompt", NULL),
	    said);
}

static void each_shape_has_its_sizes(void **state)
{
	static const char *const ratios[] = { "21:9", "16:9", "3:2", "4:3", "1:1", "3:4",
		"2:3", "9:16" };
	static const char *const resolutions[] = { "1k", "2k", "4k" };

	(void)state;
	for (size_t i = 0; i < sizeof(ratios) / sizeof(*ratios); i++)
		for (size_t k = 0; k < sizeof(resolutions) / sizeof(*resolutions); k++) {
			const struct web_size *size =
			    web_size_find(ratios[i], resolutions[k]);
			unsigned w, h;

			assert_non_null(size);
			assert_string_equal(size->resolution, resolutions[k]);
			assert_int_equal(sscanf(ratios[i], "%u:%u", &w, &h), 2);
			/* The shape is met to within two in a hundred. */
			assert_true(
			    labs((long)(size->width * h) - (long)(size->height * w)) *
				50 <
			    (long)(size->width * h));
		}
	assert_null(web_size_find("5:4", "2k"));
	assert_null(web_size_find("1:1", "8k"));
}

/* --- names ------------------------------------------------------------------------ */

static char *draft_of(const char *id, uint32_t seed, int64_t made_unix_ms)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	struct web_draft draft = captured_values();
	struct err err;

	assert_int_equal(web_draft_name(&draft, id, &err), ERR_OK);
	draft.made_unix_ms = made_unix_ms;
	if (seed)
		draft.seed = seed;
	assert_int_equal(web_draft_write(&draft, &text, &err), ERR_OK);
	return buf_take(&text);
}

static void names_are_of_the_task(void **state)
{
	struct web_draft one = { 0 }, same = { 0 }, other = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(web_draft_name(&one, "a", &err), ERR_OK);
	assert_int_equal(web_draft_name(&same, "a", &err), ERR_OK);
	assert_int_equal(web_draft_name(&other, "b", &err), ERR_OK);
	assert_memory_equal(one.ids, same.ids, sizeof(one.ids));
	assert_int_equal(one.seed, same.seed);
	assert_int_not_equal(one.seed, other.seed);
	for (size_t i = 0; i < WEB_PARTS; i++) {
		assert_int_equal(strlen(one.ids[i]), WEB_ID_LEN);
		assert_int_equal(one.ids[i][14], '4');
		assert_non_null(strchr("89ab", one.ids[i][19]));
		assert_string_not_equal(one.ids[i], other.ids[i]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(one.ids[i], one.ids[k]);
	}
}

static void a_renamed_one_is_that_of_the_other_task(void **state)
{
	static const struct {
		uint32_t seed; /* 0: nobody chose one */
		int64_t from_ms, to_ms;
	} row[] = { { 0, 1757778120598, 1757778120599 }, { 7, 1757778120598, 0 },
		{ 0, 0, 1757778120598 }, { 2523227244, -5, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		_cleanup_free_ char *text = draft_of("old", row[i].seed, row[i].from_ms);
		_cleanup_free_ char *wanted =
		    draft_of("a-longer-name", row[i].seed, row[i].to_ms);
		struct err err;

		assert_int_equal(
		    web_draft_rename(text, "old", "a-longer-name", row[i].to_ms, &err),
		    ERR_OK);
		assert_string_equal(text, wanted);
	}
}

static void what_is_not_ours_stays(void **state)
{
	_cleanup_free_ char *text = captured_draft();
	_cleanup_free_ char *before = strdup(text);
	struct err err;

	(void)state;
	assert_int_equal(web_draft_rename(text, "old", "new", 1, &err), ERR_OK);
	assert_string_equal(text, before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_captured_one_byte_for_byte),
		cmocka_unit_test(a_number_stands_under_abilities),
		cmocka_unit_test(texts_are_quoted),
		cmocka_unit_test(each_shape_has_its_sizes),
		cmocka_unit_test(names_are_of_the_task),
		cmocka_unit_test(a_renamed_one_is_that_of_the_other_task),
		cmocka_unit_test(what_is_not_ours_stays),
	};

	return cmocka_run_group_tests_name("web_draft", tests, NULL, NULL);
}
