#include "mcp/reply.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "dreamq/dreamq.h"
#include "mcp/put.h"

enum { FRAME_BYTES_MAX = 4 << 20 };

static const char no_memory[] = "{\"code\":-32603,\"message\":\"out of memory\"}";

cJSON *reply_server_info(void)
{
	struct put info = put_make();

	put_text(&info, "name", "dreamq");
	put_text(&info, "title", "dreamq");
	put_text(&info, "version", dq_version());
	return put_take(&info);
}

/* Whatever is in it, it is one line of valid UTF-8 in which nothing is hidden. */
static char *print(cJSON *take_json)
{
	char *text = take_json ? cJSON_PrintUnformatted(take_json) : NULL;

	cJSON_Delete(take_json);
	return text ? text_escape_json(text) : NULL;
}

/* The answer to a request: a result, or with `code` an error. */
static void write_answer(
    struct wire *wire, const struct reply_to *to, enum rpc_code code, const char *value)
{
	_cleanup_(buf_release) struct buf line = buf_make(FRAME_BYTES_MAX);

	buf_addf(&line, "{\"jsonrpc\":\"2.0\",");
	if (to->id)
		buf_addf(&line, "\"id\":%s,", to->id);
	buf_addf(&line, "\"%s\":", code ? "error" : "result");
	buf_addf(&line, "%s}\n", value);
	if (!buf_failed(&line))
		wire_write(
		    wire, &(struct wire_frame){ line.data, line.len, WIRE_ANSWER, code });
}

static void add_era(cJSON *result)
{
	struct put put = put_into(result);
	cJSON *has = cJSON_DetachItemFromObjectCaseSensitive(result, "_meta");
	struct put meta = has ? put_into(has) : put_make();

	if (!cJSON_GetObjectItemCaseSensitive(result, "resultType"))
		put_text(&put, "resultType", "complete");
	put_item(&meta, "io.modelcontextprotocol/serverInfo", reply_server_info());
	put_item(&put, "_meta", put_take(&meta));
}

void reply_result(struct wire *wire, const struct reply_to *to, cJSON *result)
{
	_cleanup_free_ char *text = NULL;

	if (result && to->is_modern)
		add_era(result);
	text = print(result);
	write_answer(wire, to, text ? RPC_OK : RPC_INTERNAL, text ? text : no_memory);
}

void reply_error(struct wire *wire, const struct reply_to *to, enum rpc_code code,
    const char *message, cJSON *data)
{
	struct put error = put_make();
	_cleanup_free_ char *text = NULL;

	put_item(&error, "code", cJSON_CreateNumber(code));
	put_text(&error, "message", message);
	if (data)
		put_item(&error, "data", data);
	text = print(put_take(&error));
	write_answer(wire, to, code, text ? text : no_memory);
}

void reply_request(struct wire *wire, const char *id, const char *method, cJSON *params)
{
	_cleanup_(buf_release) struct buf line = buf_make(FRAME_BYTES_MAX);
	_cleanup_free_ char *text = print(params);

	buf_addf(&line, "{\"jsonrpc\":\"2.0\",");
	if (id)
		buf_addf(&line, "\"id\":%s,", id);
	buf_addf(&line, "\"method\":\"%s\",\"params\":", method);
	buf_addf(&line, "%s}\n", text ? text : "{}");
	if (!buf_failed(&line))
		wire_write(wire,
		    &(struct wire_frame){ line.data, line.len, WIRE_NOTICE, RPC_OK });
}

void reply_progress(struct wire *wire, const char *token, double progress, double total,
    const char *message)
{
	_cleanup_(buf_release) struct buf line = buf_make(FRAME_BYTES_MAX);
	cJSON *quoted = cJSON_CreateString(message);
	_cleanup_free_ char *text = print(quoted);

	buf_addf(&line,
	    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
	    "\"progressToken\":%s,\"progress\":%.1f,\"total\":%.1f,\"message\":",
	    token, progress, total);
	buf_addf(&line, "%s}}\n", text ? text : "\"\"");
	if (!buf_failed(&line))
		wire_write(wire,
		    &(struct wire_frame){ line.data, line.len, WIRE_NOTICE, RPC_OK });
}
