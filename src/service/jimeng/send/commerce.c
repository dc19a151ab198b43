#include "service/jimeng/send/commerce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "service/jimeng/read/credit.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/sign.h"

enum {
	BODY_MAX = 1 << 20, /* of an answer */
	TIMEOUT_MS = 30 * 1000,
	REFERER_MAX = 600,
};

/*
 * Signed, without a query, and as if from the page where images are made: anything else
 * is refused as "system busy" (B1.2, B14).
 */
static enum err_kind start(struct exchange *exchange, const char *path, const char *body,
    exchange_finish *finish, struct err *err)
{
	const struct wire *wire = wire_of(exchange->service->settings);
	_cleanup_(draft_release) struct draft draft = draft_make();
	char referer[REFERER_MAX];
	const struct draft_exception except[] = { { "pf", SIGN_PF },
		{ "referer", referer }, { NULL, NULL } };

	(void)snprintf(
	    referer, sizeof(referer), "%s/ai-tool/image/generate", wire->origin);
	buf_addf(&draft.url, "%s%s", wire->commerce_base, path);
	draft_add_api_headers(&draft, wire, except);
	if (draft_add_sign(&draft, wire, path, err))
		return err->kind;
	draft.cookie_header = "Cookie";
	draft.body = body;
	draft.body_len = strlen(body);
	draft.max_body_bytes = BODY_MAX;
	draft.timeout_ms = TIMEOUT_MS;
	return draft_send(&draft, exchange, finish, err);
}

/* --- the balance ------------------------------------------------------------------ */

/* An answer that refuses may tell of credits all the same; NULL: it has no content. */
static cJSON *content_of(const struct reading *reading)
{
	return reading->answer ? credit_content(reading->answer) : NULL;
}

static void finish_credit(struct exchange *exchange, const struct reply *reply)
{
	_cleanup_(reading_release) struct reading reading = reply_take(exchange, reply);
	_cleanup_(json_deletep) cJSON *content = content_of(&reading);
	struct service_credit credit = {
		.err = reading.err,
		.server_unix_ms =
		    reading.answer ? answer_server_unix_ms(reading.answer) : -1,
	};

	credit_read(content, &credit.balance);
	exchange_credited(exchange, &credit);
}

enum err_kind api_credit(struct exchange *exchange, struct err *err)
{
	const struct wire *wire = wire_of(exchange->service->settings);

	return start(exchange, wire->credit_path, "{}", finish_credit, err);
}

/* --- the statement ---------------------------------------------------------------- */

static void finish_statement(struct exchange *exchange, const struct reply *reply)
{
	_cleanup_(reading_release) struct reading reading = reply_take(exchange, reply);
	_cleanup_(json_deletep) cJSON *content = NULL;
	struct service_statement told = { .err = reading.err };
	struct statement statement = { 0 };

	if (!told.err.kind) {
		content = content_of(&reading);
		(void)credit_read_statement(content, &statement, &told.err);
	}
	told.entries = statement.entries;
	told.n = statement.n;
	told.next = statement.next;
	told.left_out = statement.left_out;
	exchange_stated(exchange, &told);
	free(statement.entries);
}

enum err_kind api_statement(
    struct exchange *exchange, const char *cursor, unsigned count, struct err *err)
{
	const struct wire *wire = wire_of(exchange->service->settings);
	_cleanup_(json_deletep) cJSON *json = cJSON_CreateObject();
	_cleanup_free_ char *body = NULL;

	if (cJSON_AddNumberToObject(json, "count", count) &&
	    cJSON_AddStringToObject(json, "cursor", cursor ? cursor : "0"))
		body = cJSON_PrintUnformatted(json);
	if (!body)
		return err_set(err, ERR_NOMEM, "no memory for a query");
	return start(exchange, wire->statement_path, body, finish_statement, err);
}
