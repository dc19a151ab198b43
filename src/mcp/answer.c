#include "mcp/answer.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mcp/base64.h"
#include "mcp/view.h"
#include "mcp/visible.h"

enum { MESSAGE_CHARS = 400, COMMAND_CHARS = 2600, LINE_BYTES = 2000 };

struct answer answer_make(void)
{
	return (struct answer){ .structured = put_make(),
		.text = buf_make(ANSWER_TEXT_BYTES + LINE_BYTES),
		.links = cJSON_CreateArray(),
		.has_structure = true };
}

void answer_release(struct answer *answer)
{
	cJSON_Delete(answer->structured.object);
	cJSON_Delete(answer->links);
	cJSON_Delete(answer->whole);
	cJSON_Delete(answer->data);
	buf_release(&answer->text);
	*answer = (struct answer){ .text = buf_make(0) };
}

void answer_say(struct answer *answer, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (answer->text.len + strlen(line) < ANSWER_TEXT_BYTES)
		buf_addf(&answer->text, "%s%s", answer->text.len > 0 ? "\n" : "", line);
}

bool answer_fits(struct answer *answer, const cJSON *item)
{
	_cleanup_free_ char *text = item ? cJSON_PrintUnformatted(item) : NULL;
	const size_t need = text ? strlen(text) + 1 : 0;

	answer->structured.failed |= text == NULL;
	if (!text || answer->used_bytes + need > ANSWER_STRUCTURED_BYTES)
		return false;
	answer->used_bytes += need;
	return true;
}

/* --- links ------------------------------------------------------------------------- */

static char *file_uri(const char *path)
{
	struct buf uri = buf_make(strlen(path) * 3 + sizeof("file://"));

	buf_addf(&uri, "file://");
	for (; *path; path++)
		if (isalnum((unsigned char)*path) || strchr("/-_.~", *path))
			buf_add(&uri, path, 1);
		else
			buf_addf(&uri, "%%%02X", (unsigned)(unsigned char)*path);
	return buf_take(&uri);
}

void answer_link(
    struct answer *answer, const struct dq_task *task, const struct dq_asset *asset)
{
	_cleanup_free_ char *uri = asset->path ? file_uri(asset->path) : NULL;
	_cleanup_free_ char *mime = view_mime(asset);
	struct put link = put_make();
	char name[DQ_ID_MAX + 24];
	cJSON *block;

	(void)snprintf(name, sizeof(name), "%s_%d", task->submit_id, asset->index);
	put_text(&link, "type", "resource_link");
	put_text(&link, "uri", uri);
	put_text(&link, "name", name);
	put_text(&link, "mimeType", mime);
	put_number(&link, "size", asset->bytes);
	block = put_take(&link);
	if (uri && block && cJSON_GetArraySize(answer->links) < ANSWER_LINKS_MAX &&
	    answer->link_bytes + strlen(uri) + LINE_BYTES / 8 <= ANSWER_LINK_BYTES &&
	    cJSON_AddItemToArray(answer->links, block))
		answer->link_bytes += strlen(uri) + LINE_BYTES / 8;
	else
		cJSON_Delete(block);
}

/* --- errors ------------------------------------------------------------------------ */

/* What an agent can do about it. */
static const struct class
{
	enum dq_status status;
	int retry_after_s; /* 0: trying again, as it is, does not help */
	const char *name, *next_action;
} classes[] = {
	{ DQ_FAILED, 0, "not_found", "Check the id; dreamq_list tells which are known." },
	{ DQ_USAGE, 0, "arguments", "Correct the arguments, then call again." },
	{ DQ_AUTH, 0, "auth",
	    "Ask the person to log in: 'dreamq auth import' in a terminal. Never ask for "
	    "the cookie itself. Nothing is lost." },
	{ DQ_NETWORK, 30, "network",
	    "Call again with the same arguments later. Nothing is lost; do not submit "
	    "again." },
	{ DQ_STORAGE, 0, "storage",
	    "Tell the person what the message says: the disk, a permission or the "
	    "ledger needs attention. 'dreamq doctor' looks closer." },
	{ DQ_CONTRACT, 60, "contract",
	    "The service answered something that dreamq can't read. Call again later; "
	    "if it stays, tell the person." },
	{ DQ_ACCOUNT, 300, "account",
	    "The service holds the account back: call again in some minutes, not "
	    "earlier. Do not submit." },
	{ DQ_RUNNING, 5, "busy", "Wait for the calls that run, then call again." },
	{ DQ_INTERRUPTED, 1, "timeout",
	    "The time of this call was over. Call again with the same arguments, or ask "
	    "for less. Nothing is lost." },
};

static const struct class *class_of(enum dq_status status)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (classes[i].status == status)
			return &classes[i];
	return class_of(DQ_STORAGE);
}

const char *answer_error_class(enum dq_status status)
{
	return class_of(status)->name;
}

/* Takes the error. */
static void fail(struct answer *answer, cJSON *error)
{
	struct put whole = put_make();
	_cleanup_free_ char *text = NULL;
	cJSON *json;

	put_item(&whole, "error", error);
	json = put_take(&whole);
	text = json ? cJSON_PrintUnformatted(json) : NULL;
	cJSON_Delete(json);
	buf_clear(&answer->text);
	buf_addf(&answer->text, "%s", text ? text : "{\"error\":{}}");
	answer->is_error = true;
}

void answer_need_person(struct answer *answer, const char *message, const char *command)
{
	struct put error = put_make();

	put_text(&error, "class", "consent");
	put_text(&error, "message", message);
	put_bool(&error, "retryable", false);
	put_text(&error, "next_action",
	    "Nothing was done. Ask the person to run 'command' in a terminal; show it to "
	    "them as it is. For a submit, the same call then finds the task.");
	put_strange(&error, "command", command, COMMAND_CHARS);
	fail(answer, put_take(&error));
}

void answer_fail(struct answer *answer, enum dq_status status, const char *message)
{
	const struct class *class = class_of(status);
	struct put error = put_make();

	put_text(&error, "class", class->name);
	put_strange(&error, "message", message, MESSAGE_CHARS);
	put_bool(&error, "retryable", class->retry_after_s > 0);
	if (class->retry_after_s > 0)
		put_number(&error, "retry_after_s", class->retry_after_s);
	put_text(&error, "next_action", class->next_action);
	fail(answer, put_take(&error));
}

/* --- other than text ------------------------------------------------------ */

void answer_picture(
    struct answer *answer, const void *bytes, size_t len, const char *mime)
{
	_cleanup_free_ char *data = base64(bytes, len);
	struct put block = put_make();

	put_text(&block, "type", "image");
	put_item(&block, "data", data ? cJSON_CreateString(data) : NULL);
	put_text(&block, "mimeType", mime);
	answer->structured.failed |=
	    !cJSON_AddItemToArray(answer->links, put_take(&block));
}

void answer_replace(struct answer *answer, cJSON *result)
{
	answer->whole = result;
	answer->structured.failed |= result == NULL;
}

void answer_refuse(
    struct answer *answer, enum rpc_code code, const char *why, cJSON *data)
{
	_cleanup_free_ char *shown = visible(why, sizeof(answer->why) / 4);

	(void)snprintf(answer->why, sizeof(answer->why), "%s", shown ? shown : "");
	answer->code = code;
	answer->data = data;
}

/* --- the result -------------------------------------------------------------------- */

static cJSON *text_block(const char *text)
{
	struct put block = put_make();

	put_text(&block, "type", "text");
	put_text(&block, "text", text);
	return put_take(&block);
}

cJSON *answer_take(struct answer *answer)
{
	struct put result = put_make();
	cJSON *content = cJSON_CreateArray(), *link;

	if (answer->whole && !answer->structured.failed) {
		put_item(&result, "content", content);
		cJSON_Delete(put_take(&result));
		return TAKE_PTR(answer->whole);
	}
	result.failed |= answer->structured.failed || buf_failed(&answer->text) ||
	    !cJSON_AddItemToArray(content, text_block(answer->text.data));
	while (!answer->is_error && !result.failed &&
	    (link = cJSON_DetachItemFromArray(answer->links, 0)))
		result.failed |= !cJSON_AddItemToArray(content, link);
	put_item(&result, "content", content);
	if (answer->is_error)
		put_bool(&result, "isError", true);
	else if (answer->has_structure)
		put_item(&result, "structuredContent", put_take(&answer->structured));
	answer_release(answer);
	return put_take(&result);
}
