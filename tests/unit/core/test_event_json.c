/* The frozen lines of JSON, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "dreamq/json.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { AT_MS = 1000 };

/* 2026-11-22T21:30:05.250Z */
static const int64_t moment_ms = INT64_C(1795383005250);

static const struct dq_asset bare_asset = { .duration_ms = -1, .bytes = -1 };
static const struct dq_asset full_asset = {
	.index = 3,
	.kind = "video",
	.uri = "tos-cn-v-1/abc",
	.url = "https://v3.example/sig/65a0/video/?a=1&b=2",
	.expires_unix = 1795383005,
	.width = 2048,
	.height = 1152,
	.format = "mp4",
	.duration_ms = 5042,
	.path = "/home/ü/图 \"1\".mp4",
	.bytes = 4338141,
	.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	.is_stored = true,
	.lost_reason = "gone",
};
static const char *const full_choices[] = { "{\"quality\":\"smallest\"}" };
static const struct dq_task bare_task = { .submit_id = "s-1",
	.state = "unknown",
	.status = INT64_MIN,
	.queue_position = -1,
	.queue_length = -1,
	.eta_seconds = -1,
	.seed = -1,
	.credits = -1,
	.polls = -1 };
static const struct dq_task full_task = {
	.submit_id = "s-1",
	.history_id = "1234567890123456789",
	.account = "default",
	.kind = "video",
	.state = "failed",
	.is_final = true,
	.status = 30,
	.finished = 1,
	.total = 4,
	.has_queue = true,
	.queue_position = 12,
	.queue_length = 340,
	.eta_seconds = 95,
	.has_failed = true,
	.fail_code = "2038",
	.fail_message = "你输入的文字不符合平台规则",
	.fail_class = "content",
	.is_retryable = false,
	.created_unix_ms = 1757778120779,
	.finished_unix_ms = 1757778131000,
	.prompt = "a \"cat\"\n猫",
	.model = "m-1",
	.ratio = "16:9",
	.seed = 2523227244,
	.first_seen_unix_ms = 1757778120779,
	.credits = 8,
	.credits_source = "reported",
	.mode = "multi_frame",
	.tags = "good 猫",
	.note = "two\nlines",
	.rating = -1,
	.idempotency_key = "batch.1",
	.reroll_of = "s-0",
	.polls = 7,
	.requests = 1.25,
	.assets = &full_asset,
	.n_assets = 1,
	.choices = full_choices,
};

static const struct dq_asset many[2] = {
	{ .duration_ms = -1, .bytes = -1 },
	{ .index = 1, .kind = "image", .duration_ms = 0, .bytes = 0 },
};
/* Whoever has written into the ledger. */
static const char *const odd_choices[] = { NULL, "{\"quality\":" };
static const struct dq_task two_assets = { .submit_id = "s-1",
	.state = "succeeded",
	.has_queue = true,
	.queue_position = -1,
	.queue_length = 0,
	.eta_seconds = -1,
	.has_failed = true,
	.is_retryable = true,
	.seed = -1,
	.credits = -1,
	.assets = many,
	.n_assets = 2,
	.choices = odd_choices };

#define NO_ORIGIN                                                           \
	"\"prompt\":null,\"model\":null,\"ratio\":null,\"seed\":null,"      \
	"\"first_seen_at\":null,\"credits\":null,\"idempotency_key\":null," \
	"\"reroll_of\":null,"
#define NO_COUNTS                                                                   \
	"\"looks\":null,\"requests\":null,\"mode\":null,\"tags\":[],\"note\":null," \
	"\"rating\":null}"

static void golden(void **state)
{
	static const struct {
		const char *label;
		struct dq_event event;
		const char *line;
	} row[] = {
		{ "task, all null", { .type = DQ_EVENT_TASK, .task = &bare_task },
		    "{\"schema_version\":1,\"event\":\"task\",\"submit_id\":\"s-1\","
		    "\"history_id\":null,\"kind\":null,\"state\":\"unknown\","
		    "\"status\":null,\"finished\":0,\"total\":0,\"queue\":null,"
		    "\"fail\":null,\"created_at\":null,\"finished_at\":null,"
		    "\"assets\":[],\"profile\":null," NO_ORIGIN NO_COUNTS },
		{ "task, all set", { .type = DQ_EVENT_TASK, .task = &full_task },
		    "{\"schema_version\":1,\"event\":\"task\",\"submit_id\":\"s-1\","
		    "\"history_id\":\"1234567890123456789\",\"kind\":\"video\","
		    "\"state\":\"failed\",\"status\":30,\"finished\":1,\"total\":4,"
		    "\"queue\":{\"position\":12,\"length\":340,\"eta_seconds\":95},"
		    "\"fail\":{\"code\":\"2038\",\"message\":"
		    "\"你输入的文字不符合平台规则\",\"class\":\"content\","
		    "\"retryable\":false},\"created_at\":\"2025-09-13T15:42:00.779Z\","
		    "\"finished_at\":\"2025-09-13T15:42:11Z\",\"assets\":[{\"index\":3,"
		    "\"kind\":\"video\",\"uri\":\"tos-cn-v-1/abc\",\"url\":"
		    "\"https://v3.example/sig/65a0/video/?a=1&b=2\",\"expires_at\":"
		    "\"2026-11-22T21:30:05Z\",\"width\":2048,\"height\":1152,"
		    "\"format\":\"mp4\",\"duration_ms\":5042,\"path\":\"/home/ü/图 "
		    "\\\"1\\\".mp4\",\"bytes\":4338141,\"sha256\":"
		    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
		    ","
		    "\"stored\":true,\"lost\":\"gone\",\"choice\":{"
		    "\"quality\":\"smallest\"}}],\"profile\":\"default\","
		    "\"prompt\":\"a \\\"cat\\\"\\n猫\",\"model\":\"m-1\","
		    "\"ratio\":\"16:9\",\"seed\":2523227244,\"first_seen_at\":"
		    "\"2025-09-13T15:42:00.779Z\",\"credits\":{\"amount\":8,"
		    "\"source\":\"reported\"},\"idempotency_key\":\"batch.1\","
		    "\"reroll_of\":\"s-0\",\"looks\":7,\"requests\":1.25,"
		    "\"mode\":\"multi_frame\",\"tags\":[\"good\",\"猫\"],"
		    "\"note\":\"two\\nlines\",\"rating\":-1}" },
		{ "task, half null", { .type = DQ_EVENT_TASK, .task = &two_assets },
		    "{\"schema_version\":1,\"event\":\"task\",\"submit_id\":\"s-1\","
		    "\"history_id\":null,\"kind\":null,\"state\":\"succeeded\","
		    "\"status\":0,\"finished\":0,\"total\":0,\"queue\":{\"position\":"
		    "null,\"length\":0,\"eta_seconds\":null},\"fail\":{\"code\":null,"
		    "\"message\":null,\"class\":null,\"retryable\":true},"
		    "\"created_at\":null,\"finished_at\":null,\"assets\":[{\"index\":0,"
		    "\"kind\":null,\"uri\":null,\"url\":null,\"expires_at\":null,"
		    "\"width\":null,\"height\":null,\"format\":null,\"duration_ms\":"
		    "null,\"path\":null,\"bytes\":null,\"sha256\":null,\"stored\":"
		    "false,\"lost\":null,\"choice\":null},{\"index\":1,\"kind\":"
		    "\"image\",\"uri\":null,"
		    "\"url\":null,"
		    "\"expires_at\":null,\"width\":null,\"height\":null,\"format\":"
		    "null,\"duration_ms\":0,\"path\":null,\"bytes\":0,\"sha256\":null,"
		    "\"stored\":false,\"lost\":null,\"choice\":null}],\"profile\":"
		    "null," NO_ORIGIN "\"looks\":0,\"requests\":0,\"mode\":null,\"tags\":"
		    "[],\"note\":null,\"rating\":null}" },
		{ "state, all null",
		    { .type = DQ_EVENT_STATE, .task = &bare_task, .at_unix_ms = AT_MS },
		    "{\"schema_version\":1,\"event\":\"state\",\"submit_id\":\"s-1\","
		    "\"state\":\"unknown\",\"status\":null,\"finished\":0,\"total\":0,"
		    "\"queue\":null,\"at\":\"1970-01-01T00:00:01Z\"}" },
		{ "state, all set",
		    { .type = DQ_EVENT_STATE, .task = &full_task, .at_unix_ms = AT_MS },
		    "{\"schema_version\":1,\"event\":\"state\",\"submit_id\":\"s-1\","
		    "\"state\":\"failed\",\"status\":30,\"finished\":1,\"total\":4,"
		    "\"queue\":{\"position\":12,\"length\":340,\"eta_seconds\":95},"
		    "\"at\":\"1970-01-01T00:00:01Z\"}" },
		{ "progress, all null",
		    { .type = DQ_EVENT_PROGRESS,
			.task = &bare_task,
			.asset = &bare_asset,
			.bytes_total = -1,
			.at_unix_ms = AT_MS },
		    "{\"schema_version\":1,\"event\":\"progress\",\"submit_id\":\"s-1\","
		    "\"index\":0,\"bytes\":0,\"total\":null,\"bytes_per_second\":null,"
		    "\"at\":\"1970-01-01T00:00:01Z\"}" },
		{ "progress, all set",
		    { .type = DQ_EVENT_PROGRESS,
			.task = &full_task,
			.asset = &full_asset,
			.bytes_done = 65536,
			.bytes_total = 4338141,
			.bytes_per_second = 123456,
			.at_unix_ms = AT_MS },
		    "{\"schema_version\":1,\"event\":\"progress\",\"submit_id\":\"s-1\","
		    "\"index\":3,\"bytes\":65536,\"total\":4338141,"
		    "\"bytes_per_second\":123456,\"at\":\"1970-01-01T00:00:01Z\"}" },
		{ "stored, all null",
		    { .type = DQ_EVENT_STORED,
			.task = &bare_task,
			.asset = &bare_asset,
			.at_unix_ms = AT_MS },
		    "{\"schema_version\":1,\"event\":\"stored\",\"submit_id\":\"s-1\","
		    "\"index\":0,\"path\":null,\"bytes\":null,\"sha256\":null,"
		    "\"format\":null,\"at\":\"1970-01-01T00:00:01Z\"}" },
		{ "stored, all set",
		    { .type = DQ_EVENT_STORED,
			.task = &full_task,
			.asset = &full_asset,
			.at_unix_ms = AT_MS },
		    "{\"schema_version\":1,\"event\":\"stored\",\"submit_id\":\"s-1\","
		    "\"index\":3,\"path\":\"/home/ü/图 \\\"1\\\".mp4\","
		    "\"bytes\":4338141,\"sha256\":"
		    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
		    ",\"format\":\"mp4\","
		    "\"at\":\"1970-01-01T00:00:01Z\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *line = dq_event_json(&row[i].event);

		print_message("# %s\n", row[i].label);
		assert_non_null(line);
		assert_string_equal(line, row[i].line);
	}
}

static void some_events_have_no_line(void **state)
{
	static const enum dq_event_type types[] = { DQ_EVENT_NOTE, DQ_EVENT_LOG,
		DQ_EVENT_TICK };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct dq_event event = { .type = types[i],
			.task = &full_task,
			.asset = &full_asset,
			.text = "x" };

		assert_null(dq_event_json(&event));
	}
}

/* The one line of a task whose fail message and path are these. */
static char *line_with(const char *text)
{
	const struct dq_asset asset = { .path = text };
	const struct dq_task task = { .submit_id = "s-1",
		.state = "failed",
		.has_failed = true,
		.fail_message = text,
		.assets = &asset,
		.n_assets = 1 };
	const struct dq_event event = { .type = DQ_EVENT_TASK, .task = &task };

	return dq_event_json(&event);
}

/* One line it stays, readable by the strictest reader we have, whatever is in it. */
static void hostile_texts_come_back_as_they_were(void **state)
{
	static const char *const row[] = { "", "\n\r\t\b\f\v\x01\x1f\x7f", "\"\\/",
		"</script>", "\xe2\x80\xa8\xe2\x80\xa9", "\xf0\x9f\x90\x89", "\\u0000",
		"\xef\xbb\xbf" };

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *line = line_with(row[i]);
		_cleanup_(json_deletep) cJSON *tree = NULL;
		struct err err;

		print_message("# %zu\n", i);
		assert_non_null(line);
		assert_null(strpbrk(line, "\n\r\x01\x1f"));
		assert_int_equal(json_parse(line, strlen(line), &tree, &err), ERR_OK);
		assert_string_equal(json_get_string(tree, "fail.message", NULL), row[i]);
	}
}

/* A path may be any bytes; a line of JSON may not. */
static void bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *bytes, *shown;
	} row[] = {
		{ "/a\xff.png", "/a\xef\xbf\xbd.png" },
		{ "\xc3", "\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\x80x\xe5\x9b",
		    "\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf5图", "\xef\xbf\xbd图" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *line = line_with(row[i].bytes);
		_cleanup_(json_deletep) cJSON *tree = NULL;
		struct err err;

		print_message("# %zu\n", i);
		assert_non_null(line);
		assert_true(text_is_utf8(line, strlen(line)));
		assert_int_equal(json_parse(line, strlen(line), &tree, &err), ERR_OK);
		assert_string_equal(
		    json_get_string(tree, "fail.message", NULL), row[i].shown);
	}
}

/* Whole numbers stay whole numbers, to the last digit. */
static void large_numbers(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} row[] = {
		{ 0, ":0," },
		{ -1, ":-1," },
		{ 1000000000000000, ":1000000000000000," },
		{ INT64_C(9007199254740993), ":9007199254740993," },
		{ INT64_MAX, ":9223372036854775807," },
		{ INT64_MIN + 1, ":-9223372036854775807," },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct dq_task task = {
			.submit_id = "s", .state = "queued", .status = row[i].value
		};
		const struct dq_event event = { .type = DQ_EVENT_TASK, .task = &task };
		_cleanup_free_ char *line = dq_event_json(&event);
		const char *at;

		assert_non_null(line);
		at = strstr(line, "\"status\"");
		assert_non_null(at);
		assert_memory_equal(at + 8, row[i].text, strlen(row[i].text));
	}
}

/* A link that says it lives for ever must not run over anything. */
static void mad_times(void **state)
{
	static const int64_t row[] = { INT64_MAX, INT64_MIN, INT64_MAX / 1000,
		INT64_MAX / 1000 + 1, -1, 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct dq_asset asset = { .expires_unix = row[i] };
		const struct dq_task task = { .submit_id = "s",
			.state = "queued",
			.created_unix_ms = row[i],
			.assets = &asset,
			.n_assets = 1 };
		const struct dq_event event = { .type = DQ_EVENT_TASK, .task = &task };
		_cleanup_free_ char *line = dq_event_json(&event);
		_cleanup_(json_deletep) cJSON *tree = NULL;
		struct err err;

		print_message("# %zu\n", i);
		assert_non_null(line);
		assert_int_equal(json_parse(line, strlen(line), &tree, &err), ERR_OK);
		if (row[i] <= 0)
			assert_non_null(strstr(line, "\"expires_at\":null"));
	}
}

static void the_moment_has_milliseconds(void **state)
{
	const struct dq_event event = {
		.type = DQ_EVENT_STATE, .task = &bare_task, .at_unix_ms = moment_ms
	};
	_cleanup_free_ char *line = dq_event_json(&event);

	(void)state;
	assert_non_null(line);
	assert_non_null(strstr(line, "\"at\":\"2026-11-22T21:30:05.250Z\""));
}

/* One by one they are what the line has; so a front end that picks some says the same. */
static void fields_are_those_of_the_line(void **state)
{
	static const char *const some[] = { "state", "submit_id", "no such field", NULL };
	const struct dq_event event = { .type = DQ_EVENT_TASK, .task = &full_task };
	_cleanup_free_ char *line = dq_event_json(&event);
	_cleanup_free_ char *picked = dq_task_json(&full_task, some);

	(void)state;
	assert_string_equal(picked, "{\"state\":\"failed\",\"submit_id\":\"s-1\"}");
	for (size_t i = 0; dq_task_field_at(i); i++) {
		const char *const one[] = { dq_task_field_at(i), NULL };
		_cleanup_free_ char *json = dq_task_json(&full_task, one);
		_cleanup_free_ char *bare = dq_task_text(&bare_task, one[0]);

		json[strlen(json) - 1] = '\0';
		assert_non_null(strstr(line, json + 1));
		assert_non_null(bare);
	}
	assert_null(dq_task_text(&full_task, "no such field"));
	assert_null(dq_asset_text(&full_asset, "choice"));
}

static void values_are_texts(void **state)
{
	static const struct {
		const char *field, *text;
	} of_task[] = { { "submit_id", "s-1" }, { "status", "30" },
		{ "tags", "good 猫" } },
	  of_file[] = { { "index", "3" }, { "stored", "true" }, { "bytes", "4338141" } };

	(void)state;
	for (size_t i = 0; i < COUNT(of_task); i++) {
		_cleanup_free_ char *text = dq_task_text(&full_task, of_task[i].field);
		_cleanup_free_ char *file = dq_asset_text(&full_asset, of_file[i].field);

		assert_string_equal(text, of_task[i].text);
		assert_string_equal(file, of_file[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(some_events_have_no_line),
		cmocka_unit_test(hostile_texts_come_back_as_they_were),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(large_numbers),
		cmocka_unit_test(mad_times),
		cmocka_unit_test(the_moment_has_milliseconds),
		cmocka_unit_test(fields_are_those_of_the_line),
		cmocka_unit_test(values_are_texts),
	};

	return cmocka_run_group_tests_name("event_json", tests, NULL, NULL);
}
