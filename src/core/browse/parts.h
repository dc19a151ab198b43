/*
 * parts.h - what the files behind browse.h share: browse.c has the walks, request.c asks,
 * page.c reads a page and writes it down.
 */
#pragma once

#include "core/account/allow.h"
#include "core/browse/browse.h"
#include "core/browse/walk.h"
#include "service/service.h"

enum {
	BROWSE_LISTINGS_MAX = 4,
	BROWSE_NEWS_MAX = 4, /* of one answer, before they are asked for */
};

struct browse {
	struct dq *dq;
	struct browse_wanted wanted;
	struct walk walks[BROWSE_LISTINGS_MAX];
	char names[BROWSE_LISTINGS_MAX][LEDGER_LISTING_MAX + 1]; /* in the ledger */
	size_t n, now; /* listings; the one that is walked through */
	size_t n_new; /* of this run */
	struct walk_set met; /* only_tells: names of tasks that were met */
	unsigned count; /* tasks in the next page */

	bool is_asking;
	int64_t asked_ms; /* steady clock */
	int64_t page_unix_ms; /* the service's clock, when this page was asked for */
	struct err refusal; /* the login was refused, and is probed: why */

	/* On the clock of the schedule. */
	int64_t next_ms; /* not before */
	int64_t trouble_since_ms;
	unsigned failures; /* in a row */
	bool ever_went_well;
	struct allow allow;
	struct retry_login login;
	struct err last_trouble;
	uint64_t random;

	struct browse_told news[BROWSE_NEWS_MAX];
	size_t n_news;
};

static inline struct walk *browse_walk(struct browse *browse)
{
	return &browse->walks[browse->now];
}

/* browse.c: to be told; taken over. */
void browse_tell(struct browse *browse, const struct browse_told *told);
void browse_abort(struct browse *browse, const struct err *why);
/* Goes on with the next listing, where this one is over. */
void browse_go_on(struct browse *browse);

/* page.c: one page came, and was read. */
void browse_take_in(struct browse *browse, const struct service_browsed *page);

/* request.c: asks for the page that is next. */
void browse_ask(struct browse *browse);
