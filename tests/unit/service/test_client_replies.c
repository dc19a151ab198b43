#include "base/fs.h"
#include "stage.h"

static void the_captured_answer_comes_through(void **state)
{
	static const char *const ids[] = { "25666395318786" };
	static const bool yes[] = { true };
	_cleanup_(buf_release) struct buf text = buf_make(1 << 20);
	_cleanup_free_ char *path =
	    fs_join(getenv("FIXTURES"), "history_success_image_web_full.json");
	struct script script = { 200, "", NULL };
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
	script.body = text.data;
	{
		_cleanup_(stage_release) struct stage stage =
		    stage_make(answer_all, &script);

		query(&stage, ids, yes, 1, &seen);
	}
	assert_int_equal(seen.query.err.kind, ERR_OK);
	assert_int_equal(seen.state, TASK_SUCCEEDED);
}

static const struct {
	struct script script;
	size_t n;
	enum err_kind kind;
	bool is_empty_body, could_be_size;
	uint32_t retry_after_ms;
} outcomes[] = {
	{ { 200, "", "{\"ret\":\"1015\"}" }, 1, ERR_AUTH, false, false, 0 },
	{ { 200, "", "" }, 1, ERR_NET, true, false, 0 },
	{ { 502, "", "<html></html>" }, 2, ERR_NET, false, true, 0 },
	{ { 502, "", "<html></html>" }, 1, ERR_NET, false, false, 0 },
	{ { 503, "Retry-After: 7\r\n", "" }, 2, ERR_NET, false, true, 7000 },
	{ { 429, "Retry-After: 3\r\n", "" }, 2, ERR_BUSY, false, false, 3000 },
	{ { 413, "", "" }, 2, ERR_CONTRACT, false, true, 0 },
	{ { 302, "Location: https://evil.example/?s=secret\r\n", "" }, 2, ERR_CONTRACT,
	    false, false, 0 },
	{ { 200, "", "{\"ret\":\"1000\"}" }, 2, ERR_USAGE, false, true, 0 },
};

static void outcomes_are_classified(void **state)
{
	static const char *const ids[] = { "a", "b" };
	static const bool no[] = { false, false };

	(void)state;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		struct script script = outcomes[i].script;
		_cleanup_(stage_release) struct stage stage =
		    stage_make(answer_all, &script);
		struct seen seen = { 0 };

		print_message("# row %zu\n", i);
		query(&stage, ids, no, outcomes[i].n, &seen);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.query.err.kind, outcomes[i].kind);
		assert_int_equal(seen.query.is_empty_body, outcomes[i].is_empty_body);
		assert_int_equal(seen.query.could_be_size, outcomes[i].could_be_size);
		assert_int_equal(
		    seen.query.err.retry_after_ms, outcomes[i].retry_after_ms);
		assert_true(seen.is_sent);
		assert_null(seen.query.answer);
		assert_null(strstr(seen.query.err.msg, "secret"));
		assert_int_equal(raw_requests(stage.server), 1);
	}
}

static void nobody_there_means_it_never_left(void **state)
{
	static const char *const ids[] = { "a" };
	static const bool no[] = { false };
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };

	(void)state;
	raw_stop(stage.server);
	stage.server = NULL;
	query(&stage, ids, no, 1, &seen);
	assert_int_equal(seen.query.err.kind, ERR_NET);
	assert_false(seen.is_sent);
	submit(&stage, MEDIA_IMAGE, "{}", &seen);
	assert_int_equal(seen.submit.err.kind, ERR_NET);
	assert_int_equal(seen.submit.outcome, SENT_NEVER_LEFT);
}

static const struct {
	struct script script;
	enum err_kind kind;
	const char *submit_id, *history_id, *ret;
} submits[] = {
	{ { 200, "",
	      "{\"ret\":\"0\",\"data\":{\"submit_id\":\"x\",\"history_id\":\"7\"}}" },
	    ERR_OK, "x", "7", "0" },
	{ { 200, "",
	      "{\"ret\":0,\"data\":{\"aigc_data\":{\"submit_id\":\"x\","
	      "\"history_record_id\":\"7\"}}}" },
	    ERR_OK, "x", "7", "0" },
	{ { 200, "", "{\"ret\":\"0\",\"data\":{}}" }, ERR_CONTRACT, "", "", "0" },
	{ { 200, "", "{\"ret\":\"0\"}" }, ERR_CONTRACT, "", "", "0" },
	{ { 200, "", "{\"ret\":\"0\",\"data\":{\"submit_id\":\"a/../b\"}}" },
	    ERR_CONTRACT, "", "", "0" },
	{ { 200, "", "{\"ret\":\"1006\",\"data\":{\"aigc_data\":null}}" }, ERR_ACCOUNT,
	    "", "", "1006" },
	{ { 200, "", "{\"ret\":\"1015\"}" }, ERR_AUTH, "", "", "1015" },
	{ { 200, "", "{\"ret\":\"2038\"}" }, ERR_FAILED, "", "", "2038" },
	{ { 200, "", "{\"ret\":\"1310\"}" }, ERR_BUSY, "", "", "1310" },
	{ { 200, "", "{\"ret\":\"2061\",\"data\":{\"submit_id\":\"x\"}}" }, ERR_USAGE,
	    "x", "", "2061" },
	{ { 200, "", "{\"ret\":\"31337\"}" }, ERR_NET, "", "", "31337" },
	{ { 200, "", "" }, ERR_NET, "", "", "" },
	{ { 502, "", "<html></html>" }, ERR_NET, "", "", "" },
	{ { 307, "Location: /x\r\n", "" }, ERR_CONTRACT, "", "", "" },
	{ { 429, "", "" }, ERR_BUSY, "", "", "" },
};

static void submits_end_in_one_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(submits) / sizeof(*submits); i++) {
		struct script script = submits[i].script;
		_cleanup_(stage_release) struct stage stage =
		    stage_make(answer_all, &script);
		struct seen seen = { 0 };

		print_message("# row %zu\n", i);
		submit(&stage, MEDIA_IMAGE, "{}", &seen);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.submit.err.kind, submits[i].kind);
		assert_int_not_equal(seen.submit.outcome, SENT_NEVER_LEFT);
		assert_string_equal(seen.submit_id, submits[i].submit_id);
		assert_string_equal(seen.history_id, submits[i].history_id);
		assert_string_equal(seen.ret, submits[i].ret);
		assert_int_equal(raw_requests(stage.server), 1);
	}
}

static void a_lost_answer_is_not_asked_for_again(void **state)
{
	_cleanup_(stage_release) struct stage stage = stage_make(reset_all, NULL);
	struct seen seen = { 0 };

	(void)state;
	submit(&stage, MEDIA_IMAGE, "{}", &seen);
	assert_int_equal(seen.submit.err.kind, ERR_NET);
	assert_int_not_equal(seen.submit.outcome, SENT_NEVER_LEFT);
	assert_int_equal(raw_requests(stage.server), 1);
}

static void too_long_an_answer_is_refused(void **state)
{
	static char body[(1 << 20) + 2];
	struct script script = { 200, "", body };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };

	(void)state;
	memset(body, ' ', sizeof(body) - 1);
	submit(&stage, MEDIA_IMAGE, "{}", &seen);
	assert_int_equal(seen.submit.err.kind, ERR_CONTRACT);
	assert_int_not_equal(seen.submit.outcome, SENT_NEVER_LEFT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_captured_answer_comes_through),
		cmocka_unit_test(outcomes_are_classified),
		cmocka_unit_test(nobody_there_means_it_never_left),
		cmocka_unit_test(submits_end_in_one_way),
		cmocka_unit_test(a_lost_answer_is_not_asked_for_again),
		cmocka_unit_test(too_long_an_answer_is_refused),
	};

	return cmocka_run_group_tests_name(
	    "client_replies", tests, harness_clear_env, NULL);
}
