#include "service/jimeng/send/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "model/taskid.h"
#include "service/jimeng/read/retcode.h"
#include "service/jimeng/send/draft.h"
#include "service/jimeng/send/files_body.h"
#include "service/jimeng/send/reply.h"
#include "service/jimeng/send/sign.h"

enum {
	PAGE_BODY_MAX = 2048, /* of a request for a page */
	QUERY_TIMEOUT_MS = 120 * 1000,
};

/* --- query ----------------------------------------------------------------------- */

/* It comes for seconds to minutes after a submit, and passes: slow down, in our words. */
static bool is_lag(const struct reading *reading, struct err *err)
{
	const char *ret = reading->answer ? answer_ret(reading->answer) : NULL;
	const char *ours = reading->err.kind ? retcode_read_lag(ret) : NULL;

	*err = reading->err;
	if (ours)
		err_set(err, ERR_BUSY, "%s (ret '%s'); it is asked again, more slowly",
		    ours, ret);
	return ours != NULL;
}

struct api_outcome api_read_query(struct exchange *exchange, const struct reply *reply)
{
	_cleanup_(reading_release) struct reading reading = reply_take(exchange, reply);
	struct api_outcome outcome = {
		.is_empty_body = reading.is_empty_body,
		.could_be_size = reading.could_be_size && exchange->n != 1,
	};

	outcome.is_lag = is_lag(&reading, &outcome.err);
	if (!reading.err.kind)
		outcome.answer = TAKE_PTR(reading.answer);
	return outcome;
}

void api_outcome_release(struct api_outcome *outcome)
{
	answer_free(outcome->answer);
	outcome->answer = NULL;
}

/* Adds `"submit_ids":["a","b"]` of the ids of this kind, nothing when there are none. */
static void add_ids(struct buf *body, const char *name, const char *const *ids,
    const bool *as_history, size_t n, bool wanted)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (as_history[i] != wanted)
			continue;
		if (count++ == 0)
			buf_addf(body, "%s\"%s\":[", body->len > 1 ? "," : "", name);
		else
			buf_addf(body, ",");
		buf_addf(body, "\"%s\"", ids[i]);
	}
	if (count)
		buf_addf(body, "]");
}

static enum err_kind query_body(const char *const *ids, const bool *as_history, size_t n,
    struct buf *body, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!taskid_is_valid(ids[i]))
			return err_set(err, ERR_USAGE, "'%.80s' can't be a task's id",
			    ids[i] ? ids[i] : "");
	buf_addf(body, "{");
	add_ids(body, "submit_ids", ids, as_history, n, false);
	add_ids(body, "history_ids", ids, as_history, n, true);
	buf_addf(body, "}");
	if (buf_failed(body))
		return err_set(err, ERR_NOMEM, "no memory for a query");
	return ERR_OK;
}

static enum err_kind send_query(struct draft *draft, struct exchange *exchange,
    const struct buf *body, exchange_finish *finish, struct err *err)
{
	draft_add_api_headers(draft, wire_of(exchange->service->settings), NULL);
	draft->cookie_header = "Cookie";
	draft->body = body->data;
	draft->body_len = body->len;
	draft->max_body_bytes = ANSWER_BODY_MAX;
	draft->timeout_ms = QUERY_TIMEOUT_MS;
	draft->wants_gzip = true;
	return draft_send(draft, exchange, finish, err);
}

enum err_kind api_query(struct exchange *exchange, const char *const *ids,
    const bool *as_history, exchange_finish *finish, struct err *err)
{
	const struct wire *wire = wire_of(exchange->service->settings);
	const size_t n = exchange->n;
	_cleanup_(buf_release) struct buf body =
	    buf_make((n + 1) * (TASKID_MAX + 3) + 64);
	_cleanup_(draft_release) struct draft draft = draft_make();

	if (query_body(ids, as_history, n, &body, err))
		return err->kind;
	draft_add_api_url(&draft, wire, wire->query_path);
	return send_query(&draft, exchange, &body, finish, err);
}

/* --- a page of what the account has ----------------------------------------------- */

/* What the site sends, but for thumbnails; between the two stands the cursor. */
static const struct page_body {
	const char *before, *behind;
} page_bodies[] = {
	[LISTING_ASSETS] = { "\"direction\":1,\"mode\":\"workbench\"",
	    "\"option\":{\"order_by\":0,\"only_favorited\":false,"
	    "\"end_time_stamp\":0},\"asset_type_list\":[1,2,5,6,7,8,9,10,12],"
	    "\"workspace_id\":0" },
	[LISTING_HISTORY] = { "\"history_type_list\":[1,2,4,3,5,6,7,8,10],"
			      "\"mode\":\"workbench\"",
	    "\"history_option\":{\"story_id\":\"\",\"only_favorited\":false,"
	    "\"workspace_id\":0},\"image_info\":{\"width\":2048,"
	    "\"height\":2048,\"format\":\"webp\",\"image_scene_list\":[]}" },
};

/* It may come from a ledger that somebody has written into. */
static bool is_cursor(const char *cursor)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct err ignored;

	return strnlen(cursor, SERVICE_CURSOR_MAX + 1) <= SERVICE_CURSOR_MAX &&
	    !json_parse(cursor, strlen(cursor), &json, &ignored) &&
	    (cJSON_IsNumber(json) || cJSON_IsString(json));
}

static enum err_kind page_body(enum listing listing, const struct service_place *place,
    struct buf *body, struct err *err)
{
	const struct page_body *parts = &page_bodies[listing];

	if (place->cursor && !is_cursor(place->cursor))
		return err_set(err, ERR_USAGE,
		    "'%.40s' is no place in the account's history", place->cursor);
	buf_addf(body, "{\"count\":%u,%s,", place->count, parts->before);
	if (place->cursor)
		buf_addf(body, "\"offset\":%s,", place->cursor);
	buf_addf(body, "%s}", parts->behind);
	if (buf_failed(body))
		return err_set(err, ERR_NOMEM, "no memory for a query");
	return ERR_OK;
}

enum err_kind api_list(struct exchange *exchange, enum listing listing,
    const struct service_place *place, exchange_finish *finish, struct err *err)
{
	const struct wire *wire = wire_of(exchange->service->settings);
	_cleanup_(buf_release) struct buf body = buf_make(PAGE_BODY_MAX);
	_cleanup_(draft_release) struct draft draft = draft_make();

	if (page_body(listing, place, &body, err))
		return err->kind;
	draft_add_api_url(&draft, wire,
	    listing == LISTING_ASSETS ? wire->asset_list_path : wire->history_list_path);
	return send_query(&draft, exchange, &body, finish, err);
}

/* --- files by their names ---------------------------------------------------------- */

enum err_kind api_files(struct exchange *exchange, enum service_files which,
    const struct service_file *files, exchange_finish *finish, struct err *err)
{
	const struct wire *wire = wire_of(exchange->service->settings);
	_cleanup_(buf_release) struct buf body = buf_make(FILES_BODY_MAX(exchange->n));
	_cleanup_(draft_release) struct draft draft = draft_make();

	if (files_body(which, files, exchange->n, &body, err))
		return err->kind;
	draft_add_api_url(&draft, wire, files_path(which, wire));
	return send_query(&draft, exchange, &body, finish, err);
}
