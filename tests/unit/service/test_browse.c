/*
 * test_browse.c - a page of what the account has: what is asked, and what the answer is
 * taken for.
 */
#include "stage.h"

#define OK_WITH(data) "{\"ret\":\"0\",\"systime\":\"1782800040\",\"data\":" data "}"

struct told {
	struct err err;
	unsigned calls;
	size_t n, left_out;
	char ids[200]; /* "submit/history " each */
	char next[SERVICE_CURSOR_MAX + 1];
	bool has_more, asks_login, could_be_size, is_lag;
	int64_t server_unix_ms;
};

static void on_browsed(void *payload, const struct service_browsed *browsed)
{
	struct told *told = payload;

	*told = (struct told){ .err = browsed->err,
		.calls = told->calls + 1,
		.n = browsed->n,
		.left_out = browsed->left_out,
		.has_more = browsed->has_more,
		.asks_login = browsed->asks_login,
		.could_be_size = browsed->could_be_size,
		.is_lag = browsed->is_lag,
		.server_unix_ms = browsed->server_unix_ms };
	(void)snprintf(
	    told->next, sizeof(told->next), "%s", browsed->next ? browsed->next : "-");
	for (size_t i = 0; i < browsed->n; i++) {
		const struct task *task = browsed->found[i].task;
		const size_t len = strlen(told->ids);

		(void)snprintf(told->ids + len, sizeof(told->ids) - len, "%s%s/%s",
		    i ? " " : "", task->submit_id,
		    task->history_id ? task->history_id : "-");
	}
}

static struct told browse(struct stage *stage, const char *listing, const char *cursor)
{
	const struct service_place place = { listing, cursor, 50 };
	struct told told = { .calls = 0 };
	struct err err;

	assert_int_equal(
	    service_browse(stage->service, &place, on_browsed, &told, &err), ERR_OK);
	assert_int_equal(told.calls, 0);
	harness_drain(stage->net);
	assert_int_equal(told.calls, 1);
	return told;
}

static struct told browse_answer(const char *body)
{
	struct script script = { 200, "Content-Type: application/json\r\n", body };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);

	return browse(&stage, "assets", NULL);
}

/* --- what is asked ---------------------------------------------------------------- */

static const char *body_of(struct stage *stage, size_t i)
{
	const char *blank = strstr(raw_request(stage->server, i), "\r\n\r\n");

	return blank ? blank + 4 : "";
}

static void each_listing_is_asked_in_its_words(void **state)
{
	struct script script = { 200, "", OK_WITH("{\"asset_list\":[]}") };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);

	(void)state;
	(void)browse(&stage, "assets", NULL);
	(void)browse(&stage, "assets", "1757778120779");
	(void)browse(&stage, "history", "\"x\"");
	assert_non_null(strstr(raw_request(stage.server, 0),
	    "POST /mweb/v1/get_asset_list?aid=513695&device_platform=web&region=cn "));
	assert_non_null(strstr(raw_request(stage.server, 0), "Cookie: sessionid=alice"));
	assert_string_equal(body_of(&stage, 0),
	    "{\"count\":50,\"direction\":1,\"mode\":\"workbench\",\"option\":{"
	    "\"order_by\":0,\"only_favorited\":false,\"end_time_stamp\":0},"
	    "\"asset_type_list\":[1,2,5,6,7,8,9,10,12],\"workspace_id\":0}");
	assert_non_null(strstr(body_of(&stage, 1), ",\"offset\":1757778120779,"));
	assert_non_null(
	    strstr(raw_request(stage.server, 2), "POST /mweb/v1/get_history?aid="));
	assert_string_equal(body_of(&stage, 2),
	    "{\"count\":50,\"history_type_list\":[1,2,4,3,5,6,7,8,10],"
	    "\"mode\":\"workbench\",\"offset\":\"x\",\"history_option\":{"
	    "\"story_id\":\"\",\"only_favorited\":false,\"workspace_id\":0},"
	    "\"image_info\":{\"width\":2048,\"height\":2048,\"format\":\"webp\","
	    "\"image_scene_list\":[]}}");
}

static void what_can_not_be_asked_is_refused(void **state)
{
	static const struct {
		struct service_place place;
		const char *says;
	} rows[] = {
		{ { "likes", NULL, 50 }, "service 'jimeng' can't list 'likes'" },
		{ { "assets", NULL, 0 }, "a page has 1 to 50 tasks, not 0" },
		{ { "assets", NULL, 51 }, "a page has 1 to 50 tasks, not 51" },
		{ { "assets", "[1]", 50 }, "is no place in the account's history" },
		{ { "assets", "1,\"count\":9", 50 }, "is no place" },
	};
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct told told = { .calls = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = { .kind = ERR_OK };

		assert_int_equal(service_browse(stage.service, &rows[i].place, on_browsed,
				     &told, &err),
		    ERR_USAGE);
		assert_non_null(strstr(err.msg, rows[i].says));
	}
	assert_int_equal(told.calls, 0);
	assert_int_equal(raw_requests(stage.server), 0);
}

/* --- what the answer is taken for -------------------------------------------------- */

static const char all_sorts[] =
    "{\"ret\":\"0\",\"systime\":\"1782800040\",\"data\":{\"asset_list\":["
    "{\"image\":{\"submit_id\":\"s1\",\"history_record_id\":\"11\"}},"
    "{\"video\":{\"history_record_id\":\"22\",\"submit_id\":\"\"}},"
    "{\"audio\":{\"task\":{\"submit_id\":\"s3\",\"history_id\":\"33\"}}},"
    "{\"image\":{\"submit_id\":\"../s\"}},7,null,{\"submit_id\":\"s5\"}],"
    "\"has_more\":true,\"next_offset\":99}}";

static void records_are_named_by_what_they_have(void **state)
{
	const struct told told = browse_answer(all_sorts);

	(void)state;
	assert_string_equal(told.err.msg, "");
	assert_string_equal(told.ids, "s1/11 22/22 s3/33 s5/-");
	assert_int_equal(told.left_out, 3);
	assert_true(told.has_more);
	assert_string_equal(told.next, "99");
	assert_int_equal(told.server_unix_ms, INT64_C(1782800040000));
}

static void places_come_in_many_shapes(void **state)
{
	static const struct {
		const char *data;
		const char *next;
		bool has_more;
	} rows[] = {
		{ OK_WITH("{\"records_list\":[],\"has_more\":false}"), "-", false },
		{ OK_WITH("{\"records_list\":[],\"has_more\":1,\"next_offset\":\"7\"}"),
		    "\"7\"", true },
		{ OK_WITH("{\"records_list\":[],\"has_more\":true,\"next_offset\":0}"),
		    "-", true },
		{ OK_WITH("{\"records_list\":[],\"has_more\":true,\"next_offset\":{}}"),
		    "-", true },
		{ OK_WITH("{\"records_list\":[],\"next_offset\":-5}"), "-5", false },
		{ OK_WITH("{\"has_more\":false}"), "-", false },
		{ OK_WITH("null"), "-", false },
		{ OK_WITH("{}"), "-", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct told told = browse_answer(rows[i].data);

		assert_int_equal(told.err.kind, ERR_OK);
		assert_string_equal(told.next, rows[i].next);
		assert_int_equal(told.has_more, rows[i].has_more);
	}
}

static void what_goes_wrong_is_told_as_of_a_poll(void **state)
{
	static const struct {
		const char *body;
		enum err_kind kind;
		bool asks_login, could_be_size, is_lag;
	} rows[] = {
		{ "{\"ret\":\"1015\",\"errmsg\":\"login error\"}", ERR_AUTH, true, false,
		    false },
		{ "{\"ret\":\"1018\",\"errmsg\":\"punish\"}", ERR_ACCOUNT, false, false,
		    false },
		{ "{\"ret\":\"2008\",\"errmsg\":\"\"}", ERR_BUSY, false, false, true },
		{ "{\"ret\":\"1000\",\"errmsg\":\"invalid parameter\"}", ERR_CONTRACT,
		    false, true, false },
		{ "", ERR_NET, true, false, false },
		{ "<html>", ERR_NET, false, false, false },
		{ OK_WITH("{\"asset_list\":{},\"has_more\":true}"), ERR_CONTRACT, false,
		    false, false },
		{ OK_WITH("7"), ERR_CONTRACT, false, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct told told = browse_answer(rows[i].body);

		print_message("# %s: %s\n", rows[i].body, told.err.msg);
		assert_int_equal(told.err.kind, rows[i].kind);
		assert_int_equal(told.asks_login, rows[i].asks_login);
		assert_int_equal(told.could_be_size, rows[i].could_be_size);
		assert_int_equal(told.is_lag, rows[i].is_lag);
	}
}

static void nobody_is_told_behind_the_end(void **state)
{
	const struct service_place place = { "assets", NULL, 1 };
	_cleanup_(stage_release) struct stage stage = stage_make(stall_all, NULL);
	struct told told = { .calls = 0 };
	struct err err;

	(void)state;
	assert_int_equal(
	    service_browse(stage.service, &place, on_browsed, &told, &err), ERR_OK);
	service_free(stage.service);
	stage.service = NULL;
	assert_int_equal(told.calls, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_listing_is_asked_in_its_words),
		cmocka_unit_test(what_can_not_be_asked_is_refused),
		cmocka_unit_test(records_are_named_by_what_they_have),
		cmocka_unit_test(places_come_in_many_shapes),
		cmocka_unit_test(what_goes_wrong_is_told_as_of_a_poll),
		cmocka_unit_test(nobody_is_told_behind_the_end),
	};

	return cmocka_run_group_tests_name("browse", tests, harness_clear_env, NULL);
}
