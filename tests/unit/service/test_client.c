#include "service/jimeng/send/sign.h"
#include "stage.h"

#define UUID "5cf3790f-5adb-42d6-adad-ba06071b18be"

#define HEADERS_OF_A1                                                          \
	"Content-Type: application/json\r\n"                                   \
	"accept: application/json, text/plain, */*\r\n"                        \
	"appid: 513695\r\n"                                                    \
	"appvr: 8.4.0\r\n"                                                     \
	"pf: 3\r\n"                                                            \
	"lan: zh-Hans\r\n"                                                     \
	"loc: cn\r\n"                                                          \
	"origin: https://jimeng.jianying.com\r\n"                              \
	"referer: https://jimeng.jianying.com/ai-tool/generate?type=image\r\n" \
	"Cookie: sessionid=alice\r\n"

/* What the transport adds by itself. */
static const char *const of_transport[] = { "Host: ", "Accept-Encoding: gzip\r\n",
	"Content-Length: ", NULL };

static bool is_of_transport(const char *line)
{
	for (size_t i = 0; of_transport[i]; i++)
		if (!strncmp(line, of_transport[i], strlen(of_transport[i])))
			return true;
	return false;
}

/* The lines of the head behind the first, without those of the transport. */
static void our_headers(const char *request, char *into, size_t room)
{
	const char *line = strstr(request, "\r\n");

	into[0] = '\0';
	assert_non_null(line);
	for (line += 2; strncmp(line, "\r\n", 2) != 0;) {
		const char *end = strstr(line, "\r\n");

		assert_non_null(end);
		if (!is_of_transport(line)) {
			assert_true(strlen(into) + (size_t)(end + 2 - line) < room);
			strncat(into, line, (size_t)(end + 2 - line));
		}
		line = end + 2;
	}
}

static void assert_begins(const char *text, const char *with)
{
	assert_true(strlen(text) >= strlen(with));
	assert_memory_equal(text, with, strlen(with));
}

static const char *body_of(const char *request)
{
	const char *blank = strstr(request, "\r\n\r\n");

	return blank ? blank + 4 : "";
}

static void a_query_is_exactly_the_contract(void **state)
{
	static const char *const ids[] = { UUID, "25666395318786", "task_2" };
	static const bool as_history[] = { false, true, false };
	struct script script = { 200, "Content-Type: application/json\r\n", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };
	char headers[4096];
	const char *request;

	(void)state;
	query(&stage, ids, as_history, 3, &seen);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.query.err.kind, ERR_OK);
	request = raw_request(stage.server, 0);
	assert_begins(request,
	    "POST /mweb/v1/get_history_by_ids?aid=513695&"
	    "device_platform=web&region=cn HTTP/1.1\r\n");
	our_headers(request, headers, sizeof(headers));
	assert_string_equal(headers, HEADERS_OF_A1);
	assert_non_null(strstr(request, "Accept-Encoding: gzip\r\n"));
	assert_string_equal(body_of(request),
	    "{\"submit_ids\":[\"" UUID "\",\"task_2\"],"
	    "\"history_ids\":[\"25666395318786\"]}");
}

static void empty_lists_are_left_out(void **state)
{
	static const char *const ids[] = { "25666395318786" };
	static const bool yes[] = { true }, no[] = { false };
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };

	(void)state;
	query(&stage, ids, yes, 1, &seen);
	query(&stage, ids, no, 1, &seen);
	assert_string_equal(body_of(raw_request(stage.server, 0)),
	    "{\"history_ids\":[\"25666395318786\"]}");
	assert_string_equal(body_of(raw_request(stage.server, 1)),
	    "{\"submit_ids\":[\"25666395318786\"]}");
}

static void a_submit_is_exactly_the_contract(void **state)
{
	static const char body[] = "{\"prompt\":\"一只猫\",\"submit_id\":\"" UUID "\"}";
	struct script script = { 200, "",
		"{\"ret\":\"0\",\"data\":{\"submit_id\":\"" UUID "\"}}" };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };
	char headers[4096];

	(void)state;
	submit(&stage, MEDIA_IMAGE, body, &seen);
	submit(&stage, MEDIA_VIDEO, body, &seen);
	assert_int_equal(seen.calls, 2);
	assert_int_equal(seen.submit.err.kind, ERR_OK);
	assert_int_equal(seen.submit.outcome, SENT_ACCEPTED);
	assert_string_equal(seen.submit_id, UUID);
	assert_string_equal(seen.ret, "0");
	our_headers(raw_request(stage.server, 0), headers, sizeof(headers));
	assert_string_equal(
	    headers, "Content-Type: application/json\r\ncookie: sessionid=alice\r\n");
	assert_null(strstr(raw_request(stage.server, 0), "Accept-Encoding"));
	assert_string_equal(body_of(raw_request(stage.server, 0)), body);
	assert_begins(raw_request(stage.server, 0),
	    "POST /dreamina/mcp/v1/image_generate HTTP/1.1\r\n");
	assert_begins(raw_request(stage.server, 1),
	    "POST /dreamina/mcp/v1/video_generate HTTP/1.1\r\n");
}

/* What waits has told in its body which way it takes; the settings say another one. */
static void a_submit_of_the_page_is_signed(void **state)
{
	static const char body[] =
	    "{\"extend\":{},\"submit_id\":\"" UUID "\",\"draft_content\":\"{}\"}";
	struct script script = { 200, "",
		"{\"ret\":\"0\",\"data\":{\"aigc_data\":{\"submit_id\":\"" UUID
		"\",\"history_record_id\":\"25666395318786\"}}}" };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	char headers[4096], sign[HASH_HEX_MAX], wanted[4096];
	struct seen seen = { 0 };
	long long moment = 0;
	const char *at;
	struct err err;

	(void)state;
	submit(&stage, MEDIA_IMAGE, body, &seen);
	assert_int_equal(seen.submit.outcome, SENT_ACCEPTED);
	assert_string_equal(seen.submit_id, UUID);
	assert_string_equal(seen.history_id, "25666395318786");
	assert_begins(raw_request(stage.server, 0),
	    "POST /mweb/v1/aigc_draft/generate?aid=513695&device_platform=web&region=cn&"
	    "da_version=3.3.9&web_version=7.5.0&aigc_features=app_lip_sync HTTP/1.1\r\n");
	assert_string_equal(body_of(raw_request(stage.server, 0)), body);
	our_headers(raw_request(stage.server, 0), headers, sizeof(headers));
	at = strstr(headers, "device-time: ");
	assert_non_null(at);
	moment = strtoll(at + strlen("device-time: "), NULL, 10);
	assert_int_equal(
	    sign_make("/mweb/v1/aigc_draft/generate", "8.4.0", moment, sign, &err),
	    ERR_OK);
	(void)snprintf(wanted, sizeof(wanted),
	    "Content-Type: application/json\r\n"
	    "accept: application/json, text/plain, */*\r\n"
	    "appid: 513695\r\n"
	    "appvr: 8.4.0\r\n"
	    "pf: 7\r\n"
	    "lan: zh-Hans\r\n"
	    "loc: cn\r\n"
	    "origin: https://jimeng.jianying.com\r\n"
	    "referer: https://jimeng.jianying.com/ai-tool/generate?type=image\r\n"
	    "device-time: %lld\r\nsign: %s\r\nsign-ver: 1\r\n"
	    "Cookie: sessionid=alice\r\n",
	    moment, sign);
	assert_string_equal(headers, wanted);
}

static void on_cancelled(void *payload, const struct service_cancelled *cancelled)
{
	*(struct err *)payload = cancelled->err;
}

static void a_task_is_taken_back_by_its_history_id(void **state)
{
	static const struct task known = { .submit_id = UUID,
		.history_id = "25666395318786" };
	struct script script = { 200, "", "{\"ret\":\"0\",\"errmsg\":\"success\"}" };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct err err, ended = { .kind = ERR_IO };
	const char *request;

	(void)state;
	assert_int_equal(
	    service_cancel(stage.service, &known, on_cancelled, &ended, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(ended.kind, ERR_OK);
	request = raw_request(stage.server, 0);
	assert_begins(request,
	    "POST /mweb/v1/aigc_draft/cancel_generate?aid=513695&device_platform=web&"
	    "region=cn HTTP/1.1\r\n");
	assert_non_null(strstr(request, "\r\npf: 7\r\n"));
	assert_non_null(strstr(request, "\r\nsign: "));
	assert_string_equal(body_of(request), "{\"history_id\":\"25666395318786\"}");
	script.body = "{\"ret\":\"1000\",\"errmsg\":\"invalid parameter\"}";
	assert_int_equal(
	    service_cancel(stage.service, &known, on_cancelled, &ended, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(ended.kind, ERR_FAILED);
	assert_non_null(strstr(ended.msg, "ret '1000'"));
}

static void an_answer_to_a_submit_may_tell_its_price(void **state)
{
	static const struct {
		const char *data;
		int64_t credits;
	} rows[] = {
		{ "\"submit_id\":\"" UUID "\"", -1 },
		{ "\"submit_id\":\"" UUID "\",\"commerce_info\":{\"credit_count\":8}",
		    8 },
		{ "\"submit_id\":\"" UUID "\",\"commerce_info\":{\"credit_count\":null},"
		  "\"forecast_generate_cost\":23",
		    -1 },
		{ "\"aigc_data\":{\"submit_id\":\"" UUID
		  "\",\"commerce_info\":{\"credit_count\":0}}",
		    0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char answer[400];
		struct script script = { 200, "", answer };
		_cleanup_(stage_release) struct stage stage =
		    stage_make(answer_all, &script);
		struct seen seen = { 0 };

		(void)snprintf(answer, sizeof(answer), "{\"ret\":\"0\",\"data\":{%s}}",
		    rows[i].data);
		submit(&stage, MEDIA_IMAGE, "{\"submit_id\":\"" UUID "\"}", &seen);
		assert_int_equal(seen.submit.outcome, SENT_ACCEPTED);
		assert_int_equal(seen.submit.credits, rows[i].credits);
	}
}

static void credit_is_asked_with_a_signature(void **state)
{
	struct script script = { 200, "",
		"{\"ret\":\"0\",\"svr_time\":1768097895,\"data\":{\"credit\":"
		"{\"vip_credit\":1,\"gift_credit\":22,\"purchase_credit\":300}}}" };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };
	const char *request, *moment;
	char sign[HASH_HEX_MAX], line[100];
	struct err err;

	(void)state;
	assert_int_equal(service_credit(stage.service, on_credit, &seen, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(seen.credit.err.kind, ERR_OK);
	assert_int_equal(seen.credit.balance.total, 323);
	assert_int_equal(seen.credit.server_unix_ms, INT64_C(1768097895000));
	request = raw_request(stage.server, 0);
	assert_non_null(
	    strstr(request, "POST /commerce/v1/benefits/user_credit HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "\r\npf: 7\r\n"));
	assert_non_null(strstr(request, "\r\nsign-ver: 1\r\n"));
	assert_string_equal(body_of(request), "{}");
	moment = strstr(request, "\r\ndevice-time: ");
	assert_non_null(moment);
	assert_int_equal(sign_make("/commerce/v1/benefits/user_credit", "8.4.0",
			     strtoll(moment + 15, NULL, 10), sign, &err),
	    ERR_OK);
	(void)snprintf(line, sizeof(line), "\r\nsign: %s\r\n", sign);
	assert_non_null(strstr(request, line));
}

static void a_new_cookie_is_used_from_then_on(void **state)
{
	static const char *const ids[] = { "a" };
	static const bool no[] = { false };
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	query(&stage, ids, no, 1, &seen);
	assert_int_equal(
	    service_set_credential(stage.service, "sessionid=bob", &err), ERR_OK);
	query(&stage, ids, no, 1, &seen);
	assert_non_null(
	    strstr(raw_request(stage.server, 0), "\r\nCookie: sessionid=alice\r\n"));
	assert_non_null(
	    strstr(raw_request(stage.server, 1), "\r\nCookie: sessionid=bob\r\n"));
}

/* --- misuse, and the end --- */

static void bad_questions_never_leave(void **state)
{
	static const char *const bad[] = { "a b", "", "x\"y", NULL };
	static const bool no[100] = { false };
	static const struct service_memory none;
	static const struct service_question same = { "a", NULL, &none, false };
	struct service_question questions[51];
	const char *many[100];
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(start_query(&stage, &bad[i], no, 1, &seen), ERR_USAGE);
	for (size_t i = 0; i < 100; i++)
		many[i] = "a";
	for (size_t i = 0; i < 51; i++)
		questions[i] = same;
	assert_int_equal(
	    service_poll(stage.service, questions, 51, NULL, NULL, &err), ERR_USAGE);
	assert_int_equal(
	    service_poll(stage.service, questions, 0, NULL, NULL, &err), ERR_USAGE);
	assert_int_equal(
	    service_send(stage.service, MEDIA_AUDIO, "{}", on_submit, &seen, &err),
	    ERR_USAGE);
	assert_int_equal(seen.calls, 0);
	query(&stage, many, no, 50, &seen);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(raw_requests(stage.server), 1);
}

static void freed_under_way_nobody_is_told(void **state)
{
	static const char *const ids[] = { "a" };
	static const bool no[] = { false };
	_cleanup_(stage_release) struct stage stage = stage_make(stall_all, NULL);
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(start_query(&stage, ids, no, 1, &seen), ERR_OK);
	assert_int_equal(net_step(stage.net, 10, &err), ERR_OK);
	service_free(stage.service);
	stage.service = NULL;
	assert_int_equal(net_active(stage.net), 0);
	assert_int_equal(seen.calls, 0);
}

static void freed_inside_a_callback(void **state)
{
	static const char *const ids[] = { "a" };
	static const bool no[] = { false };
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen first = { .frees = stage.service }, second = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(start_query(&stage, ids, no, 1, &first), ERR_OK);
	assert_int_equal(
	    service_send(stage.service, MEDIA_IMAGE, "{}", on_submit, &second, &err),
	    ERR_OK);
	stage.service = NULL;
	harness_drain(stage.net);
	assert_int_equal(first.calls, 1);
	assert_true(second.calls <= 1);
	service_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_exactly_the_contract),
		cmocka_unit_test(empty_lists_are_left_out),
		cmocka_unit_test(a_submit_is_exactly_the_contract),
		cmocka_unit_test(a_submit_of_the_page_is_signed),
		cmocka_unit_test(a_task_is_taken_back_by_its_history_id),
		cmocka_unit_test(an_answer_to_a_submit_may_tell_its_price),
		cmocka_unit_test(credit_is_asked_with_a_signature),
		cmocka_unit_test(a_new_cookie_is_used_from_then_on),
		cmocka_unit_test(bad_questions_never_leave),
		cmocka_unit_test(freed_under_way_nobody_is_told),
		cmocka_unit_test(freed_inside_a_callback),
	};

	return cmocka_run_group_tests_name("client", tests, harness_clear_env, NULL);
}
