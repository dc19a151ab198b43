#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "service/jimeng/read/credit.h"
#include "service/jimeng/send/client.h"

static cJSON *content_of(const char *text)
{
	_cleanup_(answer_freep) struct answer *answer = NULL;
	struct err err;

	assert_int_equal(answer_decode(text, strlen(text), -1, &answer, &err), ERR_OK);
	return credit_content(answer);
}

static struct balance balance_of(const char *text)
{
	_cleanup_(json_deletep) cJSON *content = content_of(text);
	struct balance balance;

	credit_read(content, &balance);
	return balance;
}

static void the_capture_is_read(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(1 << 20);
	char path[500];
	struct balance balance;
	struct err err;

	(void)state;
	(void)snprintf(
	    path, sizeof(path), "%s/user_credit_ok_cn.json", getenv("FIXTURES"));
	assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
	balance = balance_of(text.data);
	assert_int_equal(balance.total, 22);
	assert_int_equal(balance.of_sort[CREDIT_GIFT], 22);
	assert_int_equal(balance.of_sort[CREDIT_PURCHASE], 0);
	assert_int_equal(balance.n_ends, 1);
	assert_int_equal(balance.ends[0].amount, 22);
	assert_int_equal(balance.ends[0].at_unix, 1768147199);
}

static void odd_answers_tell_what_they_tell(void **state)
{
	static const struct {
		const char *label, *text;
		int64_t total;
		size_t n_ends;
	} rows[] = {
		{ "only a text",
		    "{\"ret\":\"0\",\"response\":\"{\\\"credit\\\":{\\\"vip_credit\\\":"
		    "7}}\"}",
		    7, 0 },
		{ "an empty object beside the text",
		    "{\"ret\":\"0\",\"data\":{},\"response\":\"{\\\"credit\\\":"
		    "{\\\"gift_credit\\\":1}}\"}",
		    1, 0 },
		{ "ends without details",
		    "{\"ret\":\"0\",\"data\":{\"credit\":{\"gift_credit\":\"5\"},"
		    "\"expiring_credits\":[{\"credit_amount\":5,\"expire_time\":"
		    "1768147199},{\"credit_amount\":0,\"expire_time\":1768147199}]}}",
		    5, 1 },
		{ "in ms, and of another type",
		    "{\"ret\":\"0\",\"data\":{\"credit\":{\"gift_credit\":5,"
		    "\"vip_credit\":[]},\"credits_detail\":{\"vip_credits\":7,"
		    "\"gift_credits\":[3,{\"residual_credits\":2,\"credits_life_end\":"
		    "1768147199000}]}}}",
		    5, 1 },
		{ "nothing", "{\"ret\":\"0\"}", -1, 0 },
		{ "no object", "{\"ret\":\"0\",\"data\":[],\"response\":\"x\"}", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct balance balance = balance_of(rows[i].text);

		print_message("# %s\n", rows[i].label);
		assert_int_equal(balance.total, rows[i].total);
		assert_int_equal(balance.n_ends, rows[i].n_ends);
		if (balance.n_ends > 0)
			assert_int_equal(balance.ends[0].at_unix, 1768147199);
	}
}

#define ENTRY(amount, type, ids)                                               \
	"{\"amount\":" amount ",\"title\":\"图片生成\",\"history_type\":" type \
	",\"create_time\":1768097895,\"status\":\"Checked\"," ids "}"

static void a_statement_has_entries(void **state)
{
	static const char text[] =
	    "{\"ret\":\"0\",\"data\":{\"total_credit\":9,\"records\":[" ENTRY(
		"4", "2", "\"submit_id\":\"t-1\",\"history_id\":\"77\"") "," ENTRY("30",
		"1", "\"submit_id\":\"\",\"history_id\":\"\"") ",5,{\"title\":\"x\"}],"
							       "\"has_more\":true,"
							       "\"new_cursor\":\"20\"}}";
	_cleanup_(json_deletep) cJSON *content = content_of(text);
	struct statement statement = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(credit_read_statement(content, &statement, &err), ERR_OK);
	assert_int_equal(statement.n, 2);
	assert_int_equal(statement.left_out, 2);
	assert_int_equal(statement.total, 9);
	assert_string_equal(statement.next, "20");
	assert_int_equal(statement.entries[0].amount, -4);
	assert_int_equal(statement.entries[0].at_unix_ms, INT64_C(1768097895000));
	assert_string_equal(statement.entries[0].title, "图片生成");
	assert_string_equal(statement.entries[0].submit_id, "t-1");
	assert_string_equal(statement.entries[0].history_id, "77");
	assert_int_equal(statement.entries[1].amount, 30);
	assert_null(statement.entries[1].submit_id);
	free(statement.entries);
}

static void what_is_no_statement_is_told(void **state)
{
	static const char *const texts[] = { "{\"ret\":\"0\",\"data\":{}}",
		"{\"ret\":\"0\",\"data\":{\"records\":7}}", "{\"ret\":\"0\"}" };
	struct statement statement = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		_cleanup_(json_deletep) cJSON *content = content_of(texts[i]);

		assert_int_equal(
		    credit_read_statement(content, &statement, &err), ERR_CONTRACT);
		assert_null(statement.entries);
	}
}

static void prices_depend_on_all_but_the_words(void **state)
{
	static const char ours[] =
	    "{\"generate_type\":\"t\",\"prompt\":\"a cat\",\"ratio\":\"1:1\","
	    "\"model_key\":\"m\",\"subject_id\":\"s\",\"submit_id\":\"1\","
	    "\"resource_uri_list\":[\"a\",\"b\"]}";
	static const struct {
		const char *body;
		bool is_same;
	} rows[] = {
		{ "{\"generate_type\":\"t\",\"prompt\":\"a dog\",\"ratio\":\"16:9\","
		  "\"model_key\":\"m\",\"subject_id\":\"x\",\"submit_id\":\"2\","
		  "\"resource_uri_list\":[\"c\",\"d\"]}",
		    true },
		{ "{\"generate_type\":\"t\",\"model_key\":\"n\","
		  "\"resource_uri_list\":[\"a\",\"b\"]}",
		    false },
		{ "{\"generate_type\":\"t\",\"model_key\":\"m\",\"duration\":10,"
		  "\"resource_uri_list\":[\"a\",\"b\"]}",
		    false },
		{ "{\"generate_type\":\"t\",\"model_key\":\"m\","
		  "\"resource_uri_list\":[\"a\"]}",
		    false },
	};
	_cleanup_(service_asked_release) struct service_asked asked = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(service_asked(&service_jimeng, ours, &asked, &err), ERR_OK);
	assert_string_equal(asked.model, "m");
	assert_int_equal(asked.mode, MODE_NONE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(service_asked_release) struct service_asked other = { 0 };

		assert_int_equal(
		    service_asked(&service_jimeng, rows[i].body, &other, &err), ERR_OK);
		assert_int_equal(!strcmp(asked.terms, other.terms), rows[i].is_same);
	}
	assert_int_equal(service_asked(&service_jimeng, "[]", &asked, &err), ERR_USAGE);
}

/* A body of the page: its draft has names, times and a seed of its own. */
static char *page_body(const char *id, const char *prompt, const char *model,
    const char *ratio, const char *more)
{
	struct service_settings *settings = NULL;
	const char *const sets[] = { more, NULL };
	const struct service_request request = { .submit_id = id,
		.kind = MEDIA_IMAGE,
		.prompt = prompt,
		.model = model,
		.ratio = ratio,
		.sets = sets,
		.made_unix_ms = 1000 };
	char *body = NULL;
	struct err err;

	if (service_settings_new(&service_jimeng, &settings, &err) ||
	    service_settings_set(&service_jimeng, settings, "submit_via", "web", &err) ||
	    service_body(&service_jimeng, settings, &request, &body, &err))
		fail_msg("%s", err.msg);
	service_settings_free(&service_jimeng, settings);
	return body;
}

static void prices_of_the_page_depend_on_its_draft(void **state)
{
	static const struct {
		const char *id, *prompt, *model, *ratio, *count;
		bool is_same;
	} rows[] = {
		{ "t-2", "a dog", "m", "16:9", NULL, true },
		{ "t-3", "a cat", "n", "1:1", NULL, false },
		{ "t-4", "a cat", "m", "1:1", "generate_num=2", false },
		{ "t-5", "a cat", "m", "1:1", "resolution_type=\"4k\"", false },
	};
	_cleanup_(service_asked_release) struct service_asked asked = { 0 };
	_cleanup_free_ char *body = page_body("t-1", "a cat", "m", "1:1", NULL);
	struct err err;

	(void)state;
	assert_int_equal(service_asked(&service_jimeng, body, &asked, &err), ERR_OK);
	assert_string_equal(asked.model, "m");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(service_asked_release) struct service_asked other = { 0 };
		_cleanup_free_ char *text = page_body(rows[i].id, rows[i].prompt,
		    rows[i].model, rows[i].ratio, rows[i].count);

		assert_int_equal(
		    service_asked(&service_jimeng, text, &other, &err), ERR_OK);
		assert_int_equal(!strcmp(asked.terms, other.terms), rows[i].is_same);
	}
	assert_int_equal(
	    service_asked(&service_jimeng, "{\"draft_content\":\"{}\"}", &asked, &err),
	    ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_capture_is_read),
		cmocka_unit_test(odd_answers_tell_what_they_tell),
		cmocka_unit_test(a_statement_has_entries),
		cmocka_unit_test(what_is_no_statement_is_told),
		cmocka_unit_test(prices_depend_on_all_but_the_words),
		cmocka_unit_test(prices_of_the_page_depend_on_its_draft),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
