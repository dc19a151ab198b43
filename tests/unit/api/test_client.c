#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/client.h"
#include "api/sign.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "harness.h"
#include "rawserver.h"

#define UUID "5cf3790f-5adb-42d6-adad-ba06071b18be"
#define GOOD "{\"ret\":\"0\",\"errmsg\":\"success\",\"data\":{}}"

/* A server, a loop and a client that talks to it. */
struct stage {
	struct raw_server *server;
	struct net *net;
	struct wire *wire;
	struct api *api;
};

static void stage_release(struct stage *stage)
{
	api_free(stage->api);
	net_free(stage->net);
	wire_free(stage->wire);
	raw_stop(stage->server);
}

static struct stage stage_make(raw_script *script, void *payload)
{
	const struct net_config config = { .allow_private_cdn = true };
	struct stage stage = { .server = raw_start(script, payload) };
	struct err err;

	assert_non_null(stage.server);
	stage.net = harness_net(&config);
	assert_int_equal(wire_new(&stage.wire, &err), ERR_OK);
	assert_int_equal(
	    wire_set(stage.wire, "api_base", raw_url(stage.server, ""), &err), ERR_OK);
	assert_int_equal(
	    wire_set(stage.wire, "submit_base", raw_url(stage.server, ""), &err), ERR_OK);
	assert_int_equal(
	    api_new(stage.net, stage.wire, "sessionid=alice", &stage.api, &err), ERR_OK);
	return stage;
}

/* The script of most tests: answer every request with this body. */
struct script {
	int status;
	const char *head, *body;
};

static void answer_all(struct raw_peer *peer, void *payload)
{
	const struct script *script = payload;

	while (raw_read(peer))
		raw_answer(peer, script->status, script->head, script->body);
}

static void stall_all(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_stall(peer);
}

static void reset_all(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_reset(peer);
}

struct seen {
	struct api_outcome query;
	struct submit_outcome submit;
	struct credit_outcome credit;
	enum task_state state;
	char submit_id[80], history_id[80], ret[24];
	unsigned calls;
	struct api *frees; /* free this api inside the callback */
};

static void on_query(void *payload, const struct api_outcome *outcome)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->query = *outcome;
	if (outcome->answer) {
		struct look_memory memory = { 0 };
		_cleanup_(task_freep) struct task *task = NULL;
		struct err err;

		if (!answer_judge(
			outcome->answer, "25666395318786", true, 0, &memory, &task, &err))
			seen->state = task->state;
	}
	api_free(seen->frees);
}

static void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text ? text : "");
}

static void on_submit(void *payload, const struct submit_outcome *outcome)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->submit = *outcome;
	keep(seen->submit_id, sizeof(seen->submit_id), outcome->submit_id);
	keep(seen->history_id, sizeof(seen->history_id), outcome->history_id);
	keep(seen->ret, sizeof(seen->ret), outcome->ret);
}

static void on_credit(void *payload, const struct credit_outcome *outcome)
{
	struct seen *seen = payload;

	seen->calls++;
	seen->credit = *outcome;
}

static void query(struct stage *stage, const char *const *ids, const bool *as_history,
    size_t n, struct seen *seen)
{
	struct err err = { .kind = ERR_OK };

	if (api_query(stage->api, ids, as_history, n, on_query, seen, &err))
		fail_msg("%s", err.msg);
	harness_drain(stage->net);
}

/* --- the bytes of a request -------------------------------------------------------- */

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
	struct err err;

	(void)state;
	assert_int_equal(
	    api_submit(stage.api, MEDIA_IMAGE, body, on_submit, &seen, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(
	    api_submit(stage.api, MEDIA_VIDEO, body, on_submit, &seen, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(seen.calls, 2);
	assert_int_equal(seen.submit.err.kind, ERR_OK);
	assert_true(seen.submit.sent);
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
	assert_int_equal(api_credit(stage.api, on_credit, &seen, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(seen.credit.err.kind, ERR_OK);
	assert_int_equal(seen.credit.total_credit, 323);
	assert_int_equal(seen.credit.server_unix_ms, INT64_C(1768097895000));
	request = raw_request(stage.server, 0);
	assert_non_null(strstr(request, "POST /commerce/v1/benefits/user_credit?aid="));
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
	assert_int_equal(api_set_cookie(stage.api, "sessionid=bob", &err), ERR_OK);
	query(&stage, ids, no, 1, &seen);
	assert_non_null(
	    strstr(raw_request(stage.server, 0), "\r\nCookie: sessionid=alice\r\n"));
	assert_non_null(
	    strstr(raw_request(stage.server, 1), "\r\nCookie: sessionid=bob\r\n"));
}

/* --- what comes back ---------------------------------------------------------------- */

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
		assert_true(seen.query.sent);
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
	struct err err;

	(void)state;
	raw_stop(stage.server);
	stage.server = NULL;
	query(&stage, ids, no, 1, &seen);
	assert_int_equal(seen.query.err.kind, ERR_NET);
	assert_false(seen.query.sent);
	assert_int_equal(
	    api_submit(stage.api, MEDIA_IMAGE, "{}", on_submit, &seen, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(seen.submit.err.kind, ERR_NET);
	assert_false(seen.submit.sent);
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
		struct err err;

		print_message("# row %zu\n", i);
		assert_int_equal(
		    api_submit(stage.api, MEDIA_IMAGE, "{}", on_submit, &seen, &err),
		    ERR_OK);
		harness_drain(stage.net);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.submit.err.kind, submits[i].kind);
		assert_true(seen.submit.sent);
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
	struct err err;

	(void)state;
	assert_int_equal(
	    api_submit(stage.api, MEDIA_IMAGE, "{}", on_submit, &seen, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(seen.submit.err.kind, ERR_NET);
	assert_true(seen.submit.sent);
	assert_int_equal(raw_requests(stage.server), 1);
}

static void too_long_an_answer_is_refused(void **state)
{
	static char body[(1 << 20) + 2];
	struct script script = { 200, "", body };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	memset(body, ' ', sizeof(body) - 1);
	assert_int_equal(
	    api_submit(stage.api, MEDIA_IMAGE, "{}", on_submit, &seen, &err), ERR_OK);
	harness_drain(stage.net);
	assert_int_equal(seen.submit.err.kind, ERR_CONTRACT);
	assert_true(seen.submit.sent);
}

/* --- misuse, and the end
 * ---------------------------------------------------------------- */

static void bad_questions_never_leave(void **state)
{
	static const char *const bad[] = { "a b", "", "x\"y", NULL };
	static const bool no[100] = { false };
	const char *many[100];
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen seen = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    api_query(stage.api, &bad[i], no, 1, on_query, &seen, &err),
		    ERR_USAGE);
	for (size_t i = 0; i < 100; i++)
		many[i] = "a";
	assert_int_equal(
	    api_query(stage.api, many, no, 51, on_query, &seen, &err), ERR_USAGE);
	assert_int_equal(
	    api_query(stage.api, many, no, 0, on_query, &seen, &err), ERR_USAGE);
	assert_int_equal(
	    api_submit(stage.api, MEDIA_AUDIO, "{}", on_submit, &seen, &err), ERR_USAGE);
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
		assert_int_equal(
		    api_query(stage.api, ids, no, 1, on_query, &seen, &err), ERR_OK);
	assert_int_equal(net_step(stage.net, 10, &err), ERR_OK);
	api_free(stage.api);
	stage.api = NULL;
	assert_int_equal(net_active(stage.net), 0);
	assert_int_equal(seen.calls, 0);
}

static void freed_inside_a_callback(void **state)
{
	static const char *const ids[] = { "a" };
	static const bool no[] = { false };
	struct script script = { 200, "", GOOD };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct seen first = { .frees = stage.api }, second = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(
	    api_query(stage.api, ids, no, 1, on_query, &first, &err), ERR_OK);
	assert_int_equal(
	    api_submit(stage.api, MEDIA_IMAGE, "{}", on_submit, &second, &err), ERR_OK);
	stage.api = NULL;
	harness_drain(stage.net);
	assert_int_equal(first.calls, 1);
	assert_true(second.calls <= 1);
	api_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_exactly_the_contract),
		cmocka_unit_test(empty_lists_are_left_out),
		cmocka_unit_test(a_submit_is_exactly_the_contract),
		cmocka_unit_test(credit_is_asked_with_a_signature),
		cmocka_unit_test(a_new_cookie_is_used_from_then_on),
		cmocka_unit_test(the_captured_answer_comes_through),
		cmocka_unit_test(outcomes_are_classified),
		cmocka_unit_test(nobody_there_means_it_never_left),
		cmocka_unit_test(submits_end_in_one_way),
		cmocka_unit_test(a_lost_answer_is_not_asked_for_again),
		cmocka_unit_test(too_long_an_answer_is_refused),
		cmocka_unit_test(bad_questions_never_leave),
		cmocka_unit_test(freed_under_way_nobody_is_told),
		cmocka_unit_test(freed_inside_a_callback),
	};

	return cmocka_run_group_tests_name("client", tests, harness_clear_env, NULL);
}
