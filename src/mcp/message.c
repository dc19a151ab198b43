#include "mcp/message.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/json_tape.h"

/* Two for each value, since keys are noted, too. */
enum { TOKENS_MAX = 2 * MESSAGE_VALUES_MAX };

void message_release(struct message *message)
{
	cJSON_Delete(message->json);
	free(message->id);
	free(message->progress_token);
	free(message->request_id);
	*message = (struct message){ .json = NULL };
}

/* A string, or a whole number without exponent. */
static bool is_id(const char *text, size_t len)
{
	size_t i = len > 0 && text[0] == '-' ? 1 : 0;

	if (len > 0 && text[0] == '"')
		return true;
	if (i == len)
		return false;
	while (i < len && isdigit((unsigned char)text[i]))
		i++;
	return i == len;
}

/* Copies what stands at `path`, if it is an id; *ret_raw stays NULL where nothing does.
 */
static bool take_raw(const struct json_tape *tape, const char *path, char **ret_raw)
{
	const size_t token = json_tape_find(tape, 0, path);
	const char *text;

	if (!token)
		return true;
	text = tape->bytes + tape->tokens[token].at;
	if (!is_id(text, tape->tokens[token].len))
		return false;
	*ret_raw = strndup(text, tape->tokens[token].len);
	return *ret_raw != NULL;
}

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool is_version(const cJSON *item)
{
	return cJSON_IsString(item) && !strcmp(item->valuestring, "2.0");
}

/* What kind of message the object is; false: of none. */
static bool judge(struct message *message, const char **ret_why)
{
	const cJSON *method = member(message->json, "method");
	const cJSON *params = member(message->json, "params");

	*ret_why = "\"jsonrpc\" must be \"2.0\"";
	if (!is_version(member(message->json, "jsonrpc")))
		return false;
	*ret_why = "a message needs a method, or an id with a result or an error";
	if (!method) {
		message->kind = MESSAGE_RESPONSE;
		return (member(message->json, "result") != NULL) !=
		    (member(message->json, "error") != NULL);
	}
	*ret_why = "\"method\" must be a string";
	if (!cJSON_IsString(method))
		return false;
	*ret_why = "\"params\" must be an object";
	if (params && !cJSON_IsObject(params))
		return false;
	message->method = method->valuestring;
	message->params = params;
	message->kind = message->id ? MESSAGE_REQUEST : MESSAGE_NOTIFICATION;
	return true;
}

static enum rpc_code read_tape(const struct json_tape *tape, size_t len,
    struct message *message, const char **ret_why)
{
	struct err err;

	*ret_why = "too many values";
	if (tape->n == 0)
		return RPC_REQUEST;
	*ret_why = "one message a line: there are no batches in this revision";
	if (tape->bytes[tape->tokens[0].at] != '{')
		return RPC_REQUEST;
	*ret_why = "a key comes twice";
	if (json_parse(tape->bytes, len, &message->json, &err))
		return err.kind == ERR_NOMEM ? RPC_INTERNAL : RPC_REQUEST;
	*ret_why = "\"id\" must be a string or a whole number";
	if (!take_raw(tape, "id", &message->id))
		return RPC_REQUEST;
	*ret_why = "a progressToken must be a string or a whole number";
	if (!take_raw(tape, "params._meta.progressToken", &message->progress_token))
		return RPC_REQUEST;
	*ret_why = "a requestId must be a string or a whole number";
	if (!take_raw(tape, "params.requestId", &message->request_id))
		return RPC_REQUEST;
	return judge(message, ret_why) ? RPC_OK : RPC_REQUEST;
}

enum rpc_code message_read(
    const char *line, size_t len, struct message *ret_message, const char **ret_why)
{
	_cleanup_(json_tape_release) struct json_tape tape = { .bytes = NULL };
	struct err err;

	*ret_message = (struct message){ .json = NULL };
	*ret_why = "this is not JSON";
	if (json_scan_tape(line, len, TOKENS_MAX, &tape, &err))
		return RPC_PARSE;
	return read_tape(&tape, len, ret_message, ret_why);
}

char *message_id_key(const char *raw)
{
	_cleanup_free_ char *text = NULL;
	char *key;

	if (raw[0] != '"')
		return strdup(raw);
	text = json_unescape((struct json_slice){ raw, strlen(raw) });
	if (!text)
		return NULL;
	key = malloc(strlen(text) + 2);
	if (!key)
		return NULL;
	key[0] = '"';
	memcpy(key + 1, text, strlen(text) + 1);
	return key;
}
