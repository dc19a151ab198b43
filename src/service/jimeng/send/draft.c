#include "service/jimeng/send/draft.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "service/jimeng/send/sign.h"

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

/* The headers of the API behind Content-Type, in the order of PROTOCOL A1. */
static const struct header {
	const char *name;
	size_t offset; /* of the value in struct wire */
} api_headers[] = {
	{ "accept", offsetof(struct wire, accept) },
	{ "appid", offsetof(struct wire, appid) },
	{ "appvr", offsetof(struct wire, appvr) },
	{ "pf", offsetof(struct wire, pf) },
	{ "lan", offsetof(struct wire, lan) },
	{ "loc", offsetof(struct wire, loc) },
	{ "origin", offsetof(struct wire, origin) },
	{ "referer", offsetof(struct wire, referer) },
};

void draft_add_api_headers(
    struct draft *draft, const struct wire *wire, const struct draft_exception *except)
{
	draft_add_header(draft, "Content-Type", "application/json");
	for (size_t i = 0; i < sizeof(api_headers) / sizeof(*api_headers); i++) {
		const struct header *header = &api_headers[i];
		const char *value =
		    *(char *const *)(const void *)((const char *)wire + header->offset);

		for (const struct draft_exception *e = except; e && e->name; e++)
			if (!strcmp(e->name, header->name))
				value = e->value;
		draft_add_header(draft, header->name, value);
	}
}

void draft_add_api_url(struct draft *draft, const struct wire *wire, const char *path)
{
	buf_addf(&draft->url, "%s%s?aid=%s&device_platform=%s&region=%s", wire->api_base,
	    path, wire->aid, wire->device_platform, wire->region);
}

enum err_kind draft_add_sign(
    struct draft *draft, const struct wire *wire, const char *path, struct err *err)
{
	const int64_t now = clock_unix_ms() / 1000;
	char sign[HASH_HEX_MAX], moment[24];

	if (sign_make(path, wire->appvr, now, sign, err))
		return err->kind;
	(void)snprintf(moment, sizeof(moment), "%lld", (long long)now);
	draft_add_header(draft, "device-time", moment);
	draft_add_header(draft, "sign", sign);
	draft_add_header(draft, "sign-ver", "1");
	return ERR_OK;
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
