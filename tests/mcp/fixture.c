/*
 * fixture.c - a server for the conformance suite, by HTTP and without a token: prompts,
 * resources and what else the suite asks of methods.
 *
 *     mcp-fixture ADDRESS:PORT     tells on standard error where it listens
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp/mcp.h"
#include "mcp/put.h"

#define PNG                                                                              \
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0g" \
	"AAAABJRU5ErkJggg=="
#define FRESH "\"ttlMs\":0,\"cacheScope\":\"private\""

const cJSON *fixture_param(const struct request *request, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(request->message->params, name);
}

void fixture_reply(struct request *request, const char *json)
{
	reply_result(request->wire, &request->to, cJSON_Parse(json));
}

static const char *text_param(const struct request *request, const char *name)
{
	const cJSON *item = fixture_param(request, name);

	return cJSON_IsString(item) ? item->valuestring : "";
}

/* --- what it says of itself ------------------------------------------------ */

#define OFFERS                                                            \
	"\"capabilities\":{\"tools\":{},\"resources\":{},\"prompts\":{}," \
	"\"completions\":{}"

static void initialize(struct request *request)
{
	char json[400];

	(void)snprintf(json, sizeof(json),
	    "{\"protocolVersion\":\"%s\"," OFFERS
	    ",\"logging\":{}},\"serverInfo\":{\"name\":\"fixture\",\"version\":\"1\"}}",
	    era_legacy_revision(text_param(request, "protocolVersion")));
	request->peer->is_initialized = true;
	fixture_reply(request, json);
}

static void discover(struct request *request)
{
	fixture_reply(
	    request, "{\"supportedVersions\":[\"2026-07-28\"]," OFFERS "}," FRESH "}");
}

static void nothing(struct request *request)
{
	fixture_reply(request, "{}");
}

static void complete(struct request *request)
{
	fixture_reply(request,
	    "{\"completion\":{\"values\":[\"a\",\"b\"],\"total\":2,\"hasMore\":false}}");
}

/* --- resources --------------------------------------------------------------- */

static void list_resources(struct request *request)
{
	fixture_reply(request,
	    "{\"resources\":[{\"uri\":\"test://static-text\",\"name\":\"text\","
	    "\"description\":\"text\",\"mimeType\":\"text/plain\"},"
	    "{\"uri\":\"test://"
	    "static-binary\",\"name\":\"binary\",\"description\":\"png\","
	    "\"mimeType\":\"image/png\"}]," FRESH "}");
}

static void list_templates(struct request *request)
{
	fixture_reply(request,
	    "{\"resourceTemplates\":[{\"uriTemplate\":\"test://template/{id}/data\","
	    "\"name\":\"template\",\"description\":\"t\",\"mimeType\":\"application/"
	    "json\"}"
	    "]," FRESH "}");
}

static void read_resource(struct request *request)
{
	const char *uri = text_param(request, "uri");
	char id[40], json[600];
	struct put data;

	if (!strcmp(uri, "test://static-text")) {
		fixture_reply(request,
		    "{\"contents\":[{\"uri\":\"test://static-text\",\"mimeType\":\"text/"
		    "plain\",\"text\":\"This is the content of the static text "
		    "resource.\"}"
		    "]," FRESH "}");
	} else if (!strcmp(uri, "test://static-binary")) {
		fixture_reply(request,
		    "{\"contents\":[{\"uri\":\"test://"
		    "static-binary\",\"mimeType\":\"image/"
		    "png\",\"blob\":\"" PNG "\"}]," FRESH "}");
	} else if (sscanf(uri, "test://template/%39[a-zA-Z0-9_-]/data", id) == 1) {
		(void)snprintf(json, sizeof(json),
		    "{\"contents\":[{\"uri\":\"test://template/%s/data\",\"mimeType\":"
		    "\"application/json\",\"text\":\"{\\\"id\\\":\\\"%s\\\","
		    "\\\"templateTest\\\":true,\\\"data\\\":\\\"Data for ID: "
		    "%s\\\"}\"}]," FRESH "}",
		    id, id, id);
		fixture_reply(request, json);
	} else {
		data = put_make();
		put_text(&data, "uri", uri);
		reply_error(request->wire, &request->to,
		    request->era == ERA_MODERN ? RPC_PARAMS : RPC_RESOURCE,
		    "there is no such resource", put_take(&data));
	}
}

/* --- prompts ----------------------------------------------------------------- */

#define SAYS "{\"messages\":[{\"role\":\"user\",\"content\":{"

static void list_prompts(struct request *request)
{
	fixture_reply(request,
	    "{\"prompts\":[{\"name\":\"test_simple_prompt\",\"description\":\"simple\"},"
	    "{\"name\":\"test_prompt_with_arguments\",\"description\":\"arguments\","
	    "\"arguments\":[{\"name\":\"arg1\",\"description\":\"1\",\"required\":true},"
	    "{\"name\":\"arg2\",\"description\":\"2\",\"required\":true}]},"
	    "{\"name\":\"test_prompt_with_embedded_resource\",\"description\":"
	    "\"resource\","
	    "\"arguments\":[{\"name\":\"resourceUri\",\"description\":\"u\",\"required\":"
	    "true}"
	    "]},{\"name\":\"test_prompt_with_image\",\"description\":\"image\"},"
	    "{\"name\":\"test_input_required_result_prompt\",\"description\":\"asks\"}]"
	    "," FRESH "}");
}

/* A prompt whose text has arguments in it. */
static void say(struct request *request, const char *first, const char *uri)
{
	cJSON *result = cJSON_Parse(SAYS "\"type\":\"text\",\"text\":\"\"}}]}");
	cJSON *content = cJSON_GetObjectItem(
	    cJSON_GetArrayItem(cJSON_GetObjectItem(result, "messages"), 0), "content");
	cJSON *resource;

	if (uri) {
		resource =
		    cJSON_Parse("{\"mimeType\":\"text/plain\",\"text\":\"embedded\"}");
		cJSON_AddStringToObject(resource, "uri", uri);
		cJSON_DeleteItemFromObject(content, "text");
		cJSON_ReplaceItemInObject(
		    content, "type", cJSON_CreateString("resource"));
		cJSON_AddItemToObject(content, "resource", resource);
	} else {
		cJSON_ReplaceItemInObject(content, "text", cJSON_CreateString(first));
	}
	reply_result(request->wire, &request->to, result);
}

static const char *argument(const struct request *request, const char *name)
{
	const cJSON *item =
	    cJSON_GetObjectItemCaseSensitive(fixture_param(request, "arguments"), name);

	return cJSON_IsString(item) ? item->valuestring : "";
}

static void get_prompt(struct request *request)
{
	const char *name = text_param(request, "name");
	char text[300];

	if (!strcmp(name, "test_simple_prompt")) {
		say(request, "This is a simple prompt for testing.", NULL);
	} else if (!strcmp(name, "test_prompt_with_arguments")) {
		(void)snprintf(text, sizeof(text),
		    "Prompt with arguments: arg1='%s', arg2='%s'",
		    argument(request, "arg1"), argument(request, "arg2"));
		say(request, text, NULL);
	} else if (!strcmp(name, "test_prompt_with_embedded_resource")) {
		say(request, NULL, argument(request, "resourceUri"));
	} else if (!strcmp(name, "test_prompt_with_image")) {
		fixture_reply(request,
		    SAYS "\"type\":\"image\",\"data\":\"" PNG
			 "\",\"mimeType\":\"image/png\"}}]}");
	} else if (!strcmp(name, "test_input_required_result_prompt")) {
		(void)fixture_call(request, name);
	} else {
		reply_error(request->wire, &request->to, RPC_PARAMS,
		    "there is no such prompt", NULL);
	}
}

/* --- tools --------------------------------------------------------------------- */

static void list_tools(struct request *request)
{
	cJSON *result = cJSON_Parse("{" FRESH "}");

	cJSON_AddItemToObject(result, "tools", fixture_tools());
	reply_result(request->wire, &request->to, result);
}

static void call_tool(struct request *request)
{
	const char *name = text_param(request, "name");

	if (!strcmp(name, "test_input_required_result_prompt") ||
	    !fixture_call(request, name))
		reply_error(request->wire, &request->to, RPC_PARAMS,
		    "there is no such tool", NULL);
}

enum { BOTH = ERA_LEGACY | ERA_MODERN };

static const struct method rows[] = {
	{ "completion/complete", BOTH, complete },
	{ "initialize", ERA_LEGACY, initialize },
	{ "logging/setLevel", ERA_LEGACY, nothing },
	{ "prompts/get", BOTH, get_prompt },
	{ "prompts/list", BOTH, list_prompts },
	{ "resources/list", BOTH, list_resources },
	{ "resources/read", BOTH, read_resource },
	{ "resources/subscribe", ERA_LEGACY, nothing },
	{ "resources/templates/list", BOTH, list_templates },
	{ "resources/unsubscribe", ERA_LEGACY, nothing },
	{ "server/discover", ERA_MODERN, discover },
	{ "tools/call", BOTH, call_tool },
	{ "tools/list", BOTH, list_tools },
	{ .name = NULL },
};

static const struct methods_more more = { rows, fixture_response };

static void say_address(void *payload, const char *address, unsigned port)
{
	(void)payload;
	(void)fprintf(stderr, "http://%s:%u/mcp\n", address, port);
}

static void hear_nothing(void *payload, const struct dq_event *event)
{
	(void)payload;
	(void)event;
}

int main(int argc, char *argv[])
{
	const struct dq_options session = { .size_bytes = sizeof(session) };
	const struct mcp_options options = { .session = &session,
		.on_note = hear_nothing,
		.call_limit_ms = MCP_CALL_LIMIT_MS,
		.http = { .where = argc > 1 ? argv[1] : "", .on_ready = say_address },
		.more = &more };
	struct err err;

	if (!mcp_serve(&options, &err))
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "mcp-fixture: %s\n", err.msg);
	return EXIT_FAILURE;
}
