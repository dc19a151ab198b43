/*
 * browse.c - pages of what the account has, wherever it was made. Two listings: that of
 * the assets was measured, that of the history one client always saw empty (PROTOCOL B8);
 * neither is known to be complete.
 */
#include <string.h>

#include "base/cleanup.h"
#include "service/jimeng/jimeng.h"
#include "service/jimeng/read/page.h"
#include "service/jimeng/send/client.h"

const char *const jimeng_listings[] = {
	[LISTING_ASSETS] = "assets",
	[LISTING_HISTORY] = "history",
	NULL,
};

static void finish_browse(struct exchange *exchange, const struct reply *reply)
{
	_cleanup_(api_outcome_release) struct api_outcome outcome =
	    api_read_query(exchange, reply);
	_cleanup_(page_release) struct page page = { 0 };
	struct service_browsed browsed = { .err = outcome.err, .server_unix_ms = -1 };

	if (!outcome.err.kind) {
		browsed.server_unix_ms = answer_server_unix_ms(outcome.answer);
		(void)page_read(outcome.answer, service_now_ms(exchange->service), &page,
		    &browsed.err);
	}
	browsed.found = page.found;
	browsed.n = page.n;
	browsed.next = page.next;
	browsed.has_more = page.has_more;
	browsed.left_out = page.unreadable + page.nameless;
	browsed.asks_login = outcome.is_empty_body || outcome.err.kind == ERR_AUTH;
	browsed.could_be_size = outcome.could_be_size;
	browsed.is_lag = outcome.is_lag;
	/* A service that calls a plain question wrong has changed. */
	if (browsed.err.kind == ERR_USAGE)
		browsed.err.kind = ERR_CONTRACT;
	exchange_browsed(exchange, &browsed);
}

enum err_kind jimeng_browse(
    struct exchange *exchange, const struct service_place *place, struct err *err)
{
	const enum listing listing =
	    strcmp(place->listing, jimeng_listings[LISTING_ASSETS]) ? LISTING_HISTORY
								    : LISTING_ASSETS;

	return api_list(exchange, listing, place, finish_browse, err);
}
