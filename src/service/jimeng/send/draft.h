/*
 * draft.h - a request to the API being put together: its URL and headers have ceilings,
 * and are looked at once, when it leaves. Start with draft_make().
 */
#pragma once

#include "base/buf.h"
#include "service/exchange.h"
#include "service/jimeng/send/wire.h"

enum {
	DRAFT_URL_MAX = 4096,
	DRAFT_HEADERS_MAX = 16,
	DRAFT_HEADER_MAX = 1024, /* of one line */
};

struct draft {
	struct buf url;
	char line[DRAFT_HEADERS_MAX][DRAFT_HEADER_MAX];
	const char *headers[DRAFT_HEADERS_MAX + 1];
	size_t n;
	bool is_cut;
	const char *cookie_header;
	const char *body;
	size_t body_len, max_body_bytes;
	uint32_t timeout_ms;
	bool wants_gzip, once;
};

static inline struct draft draft_make(void)
{
	return (struct draft){ .url = buf_make(DRAFT_URL_MAX) };
}

void draft_release(struct draft *draft);
void draft_add_header(struct draft *draft, const char *name, const char *value);

/* The API's address of that path, and who asks (PROTOCOL A1). */
void draft_add_api_url(struct draft *draft, const struct wire *wire, const char *path);
/* What is said instead of the wire's values, up to a NULL. */
struct draft_exception {
	const char *name, *value;
};
/* The headers of PROTOCOL A1, but the cookie. `except` may be NULL. */
void draft_add_api_headers(
    struct draft *draft, const struct wire *wire, const struct draft_exception *except);
/* Those of a signature (PROTOCOL B1.2), made now; they go with the `pf` SIGN_PF. */
enum err_kind draft_add_sign(
    struct draft *draft, const struct wire *wire, const char *path, struct err *err);

/* As exchange_start(). ERR_USAGE, too: something in it is too long. */
enum err_kind draft_send(const struct draft *draft, struct exchange *exchange,
    exchange_finish *finish, struct err *err);
