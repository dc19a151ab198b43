#include "service/jimeng/send/draft.h"

#include <stdio.h>

#include "service/jimeng/send/wire.h"

void draft_release(struct draft *draft)
{
	buf_release(&draft->url);
}

void draft_add_header(struct draft *draft, const char *name, const char *value)
{
	int n;

	if (draft->n == DRAFT_HEADERS_MAX) {
		draft->is_cut = true;
		return;
	}
	n = snprintf(draft->line[draft->n], DRAFT_HEADER_MAX, "%s: %s", name, value);
	draft->is_cut = draft->is_cut || n < 0 || n >= DRAFT_HEADER_MAX;
	draft->headers[draft->n] = draft->line[draft->n];
	draft->n++;
}

enum err_kind draft_send(const struct draft *draft, struct exchange *exchange,
    exchange_finish *finish, struct err *err)
{
	const struct net_spec spec = {
		.method = "POST",
		.url = draft->url.data,
		.headers = draft->headers,
		.cookie_header = draft->cookie_header,
		.body = draft->body,
		.body_len = draft->body_len,
		.max_body_bytes = draft->max_body_bytes,
		.total_timeout_ms = draft->timeout_ms,
		.stall_timeout_ms =
		    wire_of(exchange->service->settings)->stall_seconds * 1000,
		.wants_gzip = draft->wants_gzip,
		.once = draft->once,
	};

	if (buf_failed(&draft->url) || draft->is_cut)
		return err_set(err, ERR_USAGE,
		    "an address or header is too long; check the [wire] settings");
	return exchange_start(exchange, &spec, finish, err);
}
