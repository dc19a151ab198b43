/*
 * listing.h - tasks of the ledger by pages, the newest first.
 *
 * A cursor is the number of the last task that was told. A page begins behind it,
 * whatever came meanwhile, and also when it is gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "mcp/answer.h"

enum { LISTING_MAX = 50, LISTING_CURSOR_BYTES = 24 };

struct listing {
	cJSON *(*make)(const struct dq_task *task); /* a row of it */
	size_t wanted;
	int64_t behind; /* 0: the first page */
	cJSON *rows[LISTING_MAX];
	int64_t numbers[LISTING_MAX]; /* of their tasks */
	size_t n;
	bool has_more;
};

/*
 * `cursor` NULL is the first page. At most LISTING_MAX tasks are wanted. False: it is no
 * cursor.
 */
bool listing_make(struct listing *page, const char *cursor, size_t wanted);
void listing_release(struct listing *page);

/* What the ledger is to be asked for: from where on, and how many. */
void listing_ask(const struct listing *page, struct dq_filter *filter);
/* For call->hear; the payload is the page. */
void listing_hear(void *payload, const struct dq_event *event);

/*
 * Moves its rows into `list`, as far as `answer` has room for them; `say` (or NULL) is
 * told each. Writes the cursor of the next page, "" when there is none.
 */
void listing_put(struct listing *page, struct answer *answer, cJSON *list,
    void (*say)(struct answer *answer, const cJSON *row),
    char ret_cursor[LISTING_CURSOR_BYTES]);
