/*
 * fixture_tools.c - the tools that the conformance suite calls by name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hmac.h"
#include "fixture.h"
#include "mcp/put.h"

#define PNG                                                                              \
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0g" \
	"AAAABJRU5ErkJggg=="
#define WAV "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="
#define IMAGE "{\"type\":\"image\",\"data\":\"" PNG "\",\"mimeType\":\"image/png\"}"
#define TEXT(text) "{\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"

/* What a client is asked, in both eras: method and params. */
#define FORM(message, properties)                                       \
	"\"method\":\"elicitation/"                                     \
	"create\",\"params\":{\"mode\":\"form\",\"message\":\"" message \
	"\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{" properties "}}}"
#define SAMPLING(text)                                                               \
	"\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[{\"role\":" \
	"\"user\",\"content\":{\"type\":\"text\",\"text\":\"" text                   \
	"\"}}],\"maxTokens\":100}"
#define ROOTS "\"method\":\"roots/list\",\"params\":{}"
#define STRING "{\"type\":\"string\"}"

struct row {
	const char *name;
	void (*call)(struct request *request, const struct row *row);
	const char *result; /* or what is asked for, as the function wants it */
	const char *schema; /* NULL: of nothing */
};

static void say(struct request *request, const char *text)
{
	cJSON *result = cJSON_Parse(TEXT(""));
	cJSON *block = cJSON_GetArrayItem(cJSON_GetObjectItem(result, "content"), 0);

	cJSON_ReplaceItemInObject(block, "text", cJSON_CreateString(text));
	reply_result(request->wire, &request->to, result);
}

static void plain(struct request *request, const struct row *row)
{
	fixture_reply(request, row->result);
}

static const cJSON *meta(const struct request *request, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(fixture_param(request, "_meta"), name);
}

/* --- notices --- */

static void write_notice(struct request *request, const char *line)
{
	wire_write(request->wire,
	    &(struct wire_frame){ line, strlen(line), WIRE_NOTICE, RPC_OK });
}

static void tell_log(struct request *request, const struct row *row)
{
	static const char *const steps[] = { "Tool execution started",
		"Tool processing data", "Tool execution completed" };
	char line[200];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(line, sizeof(line),
		    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
		    "message\",\"params\":{\"level\":\"info\",\"data\":\"%s\"}}\n",
		    steps[i]);
		if (request->era == ERA_LEGACY ||
		    meta(request, "io.modelcontextprotocol/logLevel"))
			write_notice(request, line);
	}
	fixture_reply(request, row->result);
}

static void tell_progress(struct request *request, const struct row *row)
{
	for (int i = 0; i <= 2 && request->message->progress_token; i++)
		reply_progress(request->wire, request->message->progress_token, i * 50,
		    100, "on its way");
	fixture_reply(request, row->result);
}

/* --- asking the client, in the older revisions --- */

enum { ASKED_MAX = 16 };

/* Who waits for which answer. */
static struct asked {
	const struct row *row; /* NULL: nobody */
	struct peer *peer;
	struct wire *wire;
	char *id;
	int number;
} waiting[ASKED_MAX];

static void ask(struct request *request, const struct row *row)
{
	static int number;
	char line[4000];

	for (size_t i = 0; i < ASKED_MAX; i++) {
		if (waiting[i].row)
			continue;
		waiting[i] = (struct asked){ row, request->peer, request->wire,
			strdup(request->message->id), ++number };
		wire_hold(request->wire);
		(void)snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%d,%s}\n",
		    number, row->result);
		write_notice(request, line);
		return;
	}
	say(request, "too much is asked already");
}

static void tell_answer(struct asked *asked, const cJSON *result)
{
	struct request request = { .wire = asked->wire, .to = { asked->id, false } };
	const cJSON *content = cJSON_GetObjectItemCaseSensitive(result, "content");
	const char *said =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(content, "text"));
	const char *action =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "action"));
	_cleanup_free_ char *all = cJSON_PrintUnformatted(result);
	char text[1000];

	if (said)
		(void)snprintf(text, sizeof(text), "LLM response: %s", said);
	else if (!strcmp(asked->row->name, "test_elicitation"))
		(void)snprintf(text, sizeof(text), "User response: %s", all ? all : "");
	else
		(void)snprintf(text, sizeof(text),
		    "Elicitation completed: action=%s, content=%s",
		    action ? action : "none", all ? all : "");
	say(&request, text);
	wire_drop(asked->wire);
	free(asked->id);
	*asked = (struct asked){ .row = NULL };
}

void fixture_response(struct peer *peer, const struct message *message)
{
	for (size_t i = 0; i < ASKED_MAX; i++)
		if (waiting[i].row && waiting[i].peer == peer && message->id &&
		    atoi(message->id) == waiting[i].number)
			tell_answer(&waiting[i],
			    cJSON_GetObjectItemCaseSensitive(message->json, "result"));
}

/* --- asking the client, in 2026-07-28 --- */

static const char key[] = "of the fixture";

static void seal(int round, char into[HMAC_BASE64_MAX + 8])
{
	char text[8], sum[HMAC_BASE64_MAX] = "";
	struct err err;

	(void)snprintf(text, sizeof(text), "%d", round);
	(void)hmac_sha256(key, strlen(key), text, strlen(text), sum, &err);
	(void)snprintf(into, HMAC_BASE64_MAX + 8, "%s.%s", text, sum);
}

/* Returns the round that a state is of; 0: there is none; -1: it was altered. */
static int round_of(const struct request *request)
{
	const cJSON *state = fixture_param(request, "requestState");
	char whole[HMAC_BASE64_MAX + 8];
	int round;

	if (!state)
		return 0;
	round = cJSON_IsString(state) ? atoi(state->valuestring) : -1;
	seal(round, whole);
	return cJSON_IsString(state) && !strcmp(whole, state->valuestring) ? round : -1;
}

/* Asks for these; `round` 0: without a state. */
static void need(struct request *request, const char *questions, int round)
{
	cJSON *result = cJSON_Parse("{\"resultType\":\"input_required\"}");
	char state[HMAC_BASE64_MAX + 8];

	cJSON_AddItemToObject(result, "inputRequests", cJSON_Parse(questions));
	seal(round, state);
	if (round > 0)
		cJSON_AddStringToObject(result, "requestState", state);
	reply_result(request->wire, &request->to, result);
}

static const cJSON *given(const struct request *request, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(
	    fixture_param(request, "inputResponses"), name);
}

static bool has_all(const struct request *request, const char *questions)
{
	cJSON *wanted = cJSON_Parse(questions);
	bool has = true;

	for (const cJSON *at = wanted->child; at; at = at->next)
		has &= given(request, at->string) != NULL;
	cJSON_Delete(wanted);
	return has;
}

/* Once all is given, it is said again. */
static void need_once(struct request *request, const struct row *row)
{
	_cleanup_free_ char *all =
	    cJSON_PrintUnformatted(fixture_param(request, "inputResponses"));
	const cJSON *content =
	    cJSON_GetObjectItem(given(request, "user_name"), "content");
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(content, "name"));
	char text[1000];

	if (!has_all(request, row->result) || (given(request, "user_name") && !name)) {
		need(request, row->result, 0);
		return;
	}
	(void)snprintf(text, sizeof(text), "Hello, %s! Paris. %s", name ? name : "you",
	    all ? all : "");
	say(request, text);
}

static void need_with_state(struct request *request, const struct row *row)
{
	const int round = round_of(request);

	if (round < 0)
		reply_error(request->wire, &request->to, RPC_PARAMS,
		    "the state was altered", NULL);
	else if (round > 0 && has_all(request, row->result))
		say(request, "state-ok");
	else
		need(request, row->result, 1);
}

static void need_twice(struct request *request, const struct row *row)
{
	const int round = round_of(request);

	if (round == 0)
		need(request, row->result, 1);
	else if (round == 1)
		need(request,
		    "{\"step2\":{" FORM(
			"Step 2: What is your favorite color?", "\"color\":" STRING) "}}",
		    2);
	else
		say(request, "all steps are done");
}

static void need_what_it_can(struct request *request, const struct row *row)
{
	static const struct {
		const char *capability, *question;
	} rows[] = {
		{ "elicitation", "{" FORM("hi", "\"ok\":" STRING) "}" },
		{ "roots", "{" ROOTS "}" },
		{ "sampling", "{" SAMPLING("hi") "}" },
	};
	cJSON *questions = cJSON_CreateObject();
	_cleanup_free_ char *text = NULL;

	(void)row;
	for (size_t i = 0; i < 3; i++)
		if (cJSON_GetObjectItemCaseSensitive(
			meta(request, "io.modelcontextprotocol/clientCapabilities"),
			rows[i].capability))
			cJSON_AddItemToObject(
			    questions, rows[i].capability, cJSON_Parse(rows[i].question));
	text = cJSON_PrintUnformatted(questions);
	if (questions->child && !fixture_param(request, "inputResponses"))
		need(request, text, 1);
	else
		say(request, "ok");
	cJSON_Delete(questions);
}

static void need_prompt(struct request *request, const struct row *row)
{
	if (has_all(request, row->result))
		fixture_reply(request,
		    "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\","
		    "\"text\":\"Use the context.\"}}]}");
	else
		need(request, row->result, 0);
}

static void need_capability(struct request *request, const struct row *row)
{
	if (cJSON_GetObjectItemCaseSensitive(
		meta(request, "io.modelcontextprotocol/clientCapabilities"), "sampling"))
		fixture_reply(request, row->result);
	else
		reply_error(request->wire, &request->to, RPC_CAPABILITY,
		    "this needs sampling",
		    cJSON_Parse("{\"requiredCapabilities\":{\"sampling\":{}}}"));
}

/* --- the table --- */

#define CHOICES "\"option1\",\"option2\",\"option3\""
#define TITLED                                                            \
	"{\"const\":\"value1\",\"title\":\"One\"},{\"const\":\"value2\"," \
	"\"title\":\"Two\"},{\"const\":\"value3\",\"title\":\"Three\"}"
#define NAME "\"user_name\":{" FORM("What is your name?", "\"name\":" STRING) "}"
#define CONFIRM \
	"{\"confirm\":{" FORM("Please confirm", "\"ok\":{\"type\":\"boolean\"}") "}}"

static const struct row table[] = {
	{ "json_schema_2020_12_tool", plain, TEXT("ok"),
	    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":"
	    "\"object\",\"$defs\":{\"address\":{\"$anchor\":\"addressDef\",\"type\":"
	    "\"object\",\"properties\":{\"street\":" STRING ",\"city\":" STRING "}}},"
	    "\"properties\":{\"name\":" STRING
	    ",\"address\":{\"$ref\":\"#/$defs/address\"},"
	    "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},"
	    "\"phone\":" STRING ",\"email\":" STRING
	    "},\"allOf\":[{\"anyOf\":[{\"required\":"
	    "[\"phone\"]},{\"required\":[\"email\"]}]}],\"if\":{\"properties\":"
	    "{\"contactMethod\":{\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},"
	    "\"then\":{\"required\":[\"phone\"]},\"else\":{\"required\":[\"email\"]},"
	    "\"additionalProperties\":false}" },
	{ "test_audio_content", plain,
	    "{\"content\":[{\"type\":\"audio\",\"data\":\"" WAV
	    "\",\"mimeType\":\"audio/wav\"}]}",
	    NULL },
	{ "test_elicitation", ask,
	    FORM("Who are you?", "\"username\":" STRING ",\"email\":" STRING),
	    "{\"type\":\"object\",\"properties\":{\"message\":" STRING "}}" },
	{ "test_elicitation_sep1034_defaults", ask,
	    FORM("defaults",
		"\"name\":{\"type\":\"string\",\"default\":\"John "
		"Doe\"},\"age\":{\"type\":"
		"\"integer\",\"default\":30},\"score\":{\"type\":\"number\",\"default\":"
		"95.5},"
		"\"status\":{\"type\":\"string\",\"enum\":[\"active\",\"inactive\","
		"\"pending\"],\"default\":\"active\"},\"verified\":{\"type\":\"boolean\","
		"\"default\":true}"),
	    NULL },
	{ "test_elicitation_sep1330_enums", ask,
	    FORM("enums",
		"\"untitledSingle\":{\"type\":\"string\",\"enum\":[" CHOICES
		"]},\"titledSingle\":{\"type\":\"string\",\"oneOf\":[" TITLED
		"]},\"legacyEnum\":{\"type\":\"string\",\"enum\":[\"opt1\",\"opt2\","
		"\"opt3\"],"
		"\"enumNames\":[\"a\",\"b\",\"c\"]},\"untitledMulti\":{\"type\":"
		"\"array\","
		"\"items\":{\"type\":\"string\",\"enum\":[" CHOICES
		"]}},\"titledMulti\":{\"type\":\"array\",\"items\":{\"anyOf\":[" TITLED
		"]}}"),
	    NULL },
	{ "test_embedded_resource", plain,
	    "{\"content\":[{\"type\":\"resource\",\"resource\":{\"uri\":\"test://"
	    "embedded-"
	    "resource\",\"mimeType\":\"text/plain\",\"text\":\"This is an embedded "
	    "resource "
	    "content.\"}}]}",
	    NULL },
	{ "test_error_handling", plain,
	    "{\"content\":[{\"type\":\"text\",\"text\":\"This tool intentionally returns "
	    "an "
	    "error for testing\"}],\"isError\":true}",
	    NULL },
	{ "test_image_content", plain, "{\"content\":[" IMAGE "]}", NULL },
	{ "test_input_required_result_capabilities", need_what_it_can, NULL, NULL },
	{ "test_input_required_result_elicitation", need_once, "{" NAME "}", NULL },
	{ "test_input_required_result_list_roots", need_once,
	    "{\"client_roots\":{" ROOTS "}}", NULL },
	{ "test_input_required_result_multi_round", need_twice,
	    "{\"step1\":{" FORM("Step 1: What is your name?", "\"name\":" STRING) "}}",
	    NULL },
	{ "test_input_required_result_multiple_inputs", need_with_state,
	    "{" NAME ",\"greeting\":{" SAMPLING(
		"Generate a greeting") "},"
				       "\"client_roots\":{" ROOTS "}}",
	    NULL },
	{ "test_input_required_result_prompt", need_prompt,
	    "{\"user_context\":{" FORM("What context?", "\"context\":" STRING) "}}",
	    NULL },
	{ "test_input_required_result_request_state", need_with_state, CONFIRM, NULL },
	{ "test_input_required_result_sampling", need_once,
	    "{\"capital_question\":{" SAMPLING("What is the capital of France?") "}}",
	    NULL },
	{ "test_input_required_result_tampered_state", need_with_state, CONFIRM, NULL },
	{ "test_logging_tool", tell_log, TEXT("done"), NULL },
	{ "test_missing_capability", need_capability, TEXT("ok"), NULL },
	{ "test_multiple_content_types", plain,
	    "{\"content\":[{\"type\":\"text\",\"text\":\"Multiple content types "
	    "test:\"}," IMAGE
	    ",{\"type\":\"resource\",\"resource\":{\"uri\":\"test://mixed-content-"
	    "resource\",\"mimeType\":\"application/json\",\"text\":\"{}\"}}]}",
	    NULL },
	{ "test_sampling", ask, SAMPLING("Test prompt"),
	    "{\"type\":\"object\",\"properties\":{\"prompt\":" STRING "}}" },
	{ "test_simple_text", plain, TEXT("This is a simple text response for testing."),
	    NULL },
	{ "test_streaming_elicitation", plain, TEXT("ok"), NULL },
	{ "test_tool_with_logging", tell_log, TEXT("done"), NULL },
	{ "test_tool_with_progress", tell_progress, TEXT("done"), NULL },
};

enum { ROWS = sizeof(table) / sizeof(*table) };

bool fixture_call(struct request *request, const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(table[i].name, name)) {
			table[i].call(request, &table[i]);
			return true;
		}
	return false;
}

cJSON *fixture_tools(void)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < ROWS; i++) {
		cJSON *row = cJSON_CreateObject();
		const char *schema = table[i].schema;

		cJSON_AddStringToObject(row, "name", table[i].name);
		cJSON_AddStringToObject(
		    row, "description", "A tool of the conformance suite");
		cJSON_AddItemToObject(row, "inputSchema",
		    cJSON_Parse(
			schema ? schema : "{\"type\":\"object\",\"properties\":{}}"));
		if (strcmp(table[i].name, "test_input_required_result_prompt") != 0)
			cJSON_AddItemToArray(list, row);
		else
			cJSON_Delete(row);
	}
	return list;
}
