#include "mcp/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "mcp/base64.h"
#include "mcp/ledger_show.h"
#include "mcp/listing.h"
#include "mcp/stored.h"
#include "mcp/uri.h"

enum { PATH_CHARS = 1000, ON_A_PAGE = 20 };

/* --- lists --------------------------------------------------------------- */

static cJSON *template(const char *uri, const char *name, const char *description)
{
	struct put row = put_make();

	put_text(&row, "uriTemplate", uri);
	put_text(&row, "name", name);
	put_text(&row, "description", description);
	return put_take(&row);
}

cJSON *resources_templates(void)
{
	struct put result = put_make();
	cJSON *list = put_array(&result, "resourceTemplates");

	result.failed |= !cJSON_AddItemToArray(list,
	    template(
		URI_TASK "{id}", "task", "What the ledger knows of a task, as JSON."));
	result.failed |= !cJSON_AddItemToArray(list,
	    template(URI_FILE "{id}/{index}", "file",
		"A stored file of a task, from 0; larger ones are read by their path."));
	result.failed |= !cJSON_AddItemToArray(list,
	    template(URI_FILE "{sha256}", "bytes",
		"The stored file with this sum, as tools tell it; never another."));
	return put_take(&result);
}

static cJSON *task_row(const struct dq_task *task)
{
	struct put row = put_make();
	char uri[URI_BYTES], text[URI_BYTES];

	(void)snprintf(uri, sizeof(uri), URI_TASK "%s", task->submit_id);
	(void)snprintf(text, sizeof(text), "%s, %zu files",
	    task->state ? task->state : "", task->n_assets);
	put_text(&row, "uri", uri);
	put_strange(&row, "name", task->submit_id, DQ_ID_MAX);
	put_text(&row, "description", text);
	put_text(&row, "mimeType", "application/json");
	return put_take(&row);
}

/* What changes is not to be kept. */
static void finish(struct call *call, struct answer *answer, struct put *result)
{
	if (call->is_modern) {
		put_number(result, "ttlMs", 0);
		put_text(result, "cacheScope", "private");
	}
	answer_replace(answer, put_take(result));
}

static void run_list(struct call *call, struct answer *answer)
{
	const cJSON *cursor = cJSON_GetObjectItemCaseSensitive(call->arguments, "cursor");
	_cleanup_(listing_release) struct listing page;
	struct dq_filter filter = { .size_bytes = sizeof(filter) };
	struct dq_error error = { .status = DQ_OK };
	struct put result = put_make();
	char next[LISTING_CURSOR_BYTES];

	if (!listing_make(
		&page, cJSON_IsString(cursor) ? cursor->valuestring : NULL, ON_A_PAGE) ||
	    (cursor && !cJSON_IsString(cursor))) {
		cJSON_Delete(put_take(&result));
		answer_refuse(answer, RPC_PARAMS, "there is no such cursor", NULL);
		return;
	}
	page.make = task_row;
	listing_ask(&page, &filter);
	call_listen(call, listing_hear, &page);
	if (dq_list(call->dq, &filter, &error)) {
		cJSON_Delete(put_take(&result));
		answer_refuse(answer, RPC_INTERNAL, error.message, NULL);
		return;
	}
	listing_put(&page, answer, put_array(&result, "resources"), NULL, next);
	put_text(&result, "nextCursor", *next ? next : NULL);
	finish(call, answer, &result);
}

/* --- one ------------------------------------------------------------------- */

static void not_found(const struct call *call, struct answer *answer, const char *uri)
{
	struct put data = put_make();

	put_strange(&data, "uri", uri, URI_BYTES);
	answer_refuse(answer, call->is_modern ? RPC_PARAMS : RPC_RESOURCE,
	    "there is no such resource", put_take(&data));
}

/* Takes the one that was read. */
static void tell(struct call *call, struct answer *answer, const char *uri,
    const char *mime, const char *member, char *take_text)
{
	struct put content = put_make(), result = put_make();
	cJSON *list = put_array(&result, "contents");

	put_text(&content, "uri", uri);
	put_text(&content, "mimeType", mime);
	put_item(&content, member, take_text ? cJSON_CreateString(take_text) : NULL);
	free(take_text);
	result.failed |= !cJSON_AddItemToArray(list, put_take(&content));
	finish(call, answer, &result);
}

static void read_task(
    struct call *call, struct answer *answer, const char *uri, const char *id)
{
	struct answer shown = answer_make();
	struct dq_error error = { .status = DQ_OK };
	const enum dq_status status = ledger_show(call, &shown, id, &error);

	if (status == DQ_OK)
		tell(call, answer, uri, "application/json", "text",
		    cJSON_PrintUnformatted(shown.structured.object));
	else if (status == DQ_FAILED)
		not_found(call, answer, uri);
	else
		answer_refuse(answer, RPC_INTERNAL, error.message, NULL);
	answer_release(&shown);
}

/* All of it; NULL: that can't be. */
static char *read_whole(const struct stored *stored, size_t *ret_len)
{
	char *bytes = malloc(RESOURCE_BYTES_MAX + 1);
	const int fd = bytes ? stored_open(stored) : -1;
	size_t len = 0;
	ssize_t n = -1;

	while (fd >= 0 && len <= RESOURCE_BYTES_MAX &&
	    (n = read(fd, bytes + len, RESOURCE_BYTES_MAX + 1 - len)) > 0)
		len += (size_t)n;
	if (fd >= 0)
		(void)close(fd);
	if (fd < 0 || n < 0 || len > RESOURCE_BYTES_MAX) {
		free(bytes);
		return NULL;
	}
	*ret_len = len;
	return bytes;
}

static void read_file(
    struct call *call, struct answer *answer, const char *uri, const struct uri *named)
{
	_cleanup_(stored_release) struct stored stored = { .bytes = -1 };
	_cleanup_free_ char *bytes = NULL;
	struct dq_error error = { .status = DQ_OK };
	const enum dq_status status = stored_find(call, named, &stored, &error);
	struct put data = put_make();
	size_t len = 0;

	if (status == DQ_OK && stored.path && stored.bytes <= RESOURCE_BYTES_MAX)
		bytes = read_whole(&stored, &len);
	put_strange(&data, "path", stored.path, PATH_CHARS);
	if (status != DQ_OK && status != DQ_FAILED)
		answer_refuse(answer, RPC_INTERNAL, error.message, NULL);
	else if (!stored.path)
		not_found(call, answer, uri);
	else if (!bytes)
		answer_refuse(answer, RPC_PARAMS,
		    "the file is too large, or can't be read: take it by its path",
		    put_take(&data));
	else
		tell(call, answer, uri, stored.mime, "blob", base64(bytes, len));
	cJSON_Delete(put_take(&data));
}

static void run_read(struct call *call, struct answer *answer)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(call->arguments, "uri");
	const char *uri = cJSON_IsString(item) ? item->valuestring : "";
	const struct uri named = uri_read(uri);

	switch (named.kind) {
	case URI_OF_TASK:
		read_task(call, answer, uri, named.id);
		return;
	case URI_OF_FILE:
	case URI_OF_SUM:
		read_file(call, answer, uri, &named);
		return;
	case URI_NONE:
		break;
	}
	if (cJSON_IsString(item))
		not_found(call, answer, uri);
	else
		answer_refuse(answer, RPC_PARAMS, "\"uri\" must be a string", NULL);
}

const struct tool resources_list = { .name = "resources/list", .run = run_list };
const struct tool resources_read = { .name = "resources/read", .run = run_read };
