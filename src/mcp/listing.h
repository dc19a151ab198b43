/*
 * listing.h - tasks of the ledger by pages, the newest first.
 *
 * A cursor is how many tasks were told so far, and the last of them: "20.ID". A page
 * begins behind that one, wherever it stands by now, and where it stood when it is gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "mcp/answer.h"

enum {
	LISTING_MAX = 50,
	/* New tasks stand in front: so many more may have come since the last page. */
	LISTING_SLACK = 100,
	LISTING_CURSOR_BYTES = DQ_ID_MAX + 24,
};

struct listing {
	cJSON *(*make)(const struct dq_task *task); /* a row of it */
	size_t wanted, offset;
	const char *behind; /* the task that it begins behind; NULL: it has been passed */
	cJSON *rows[LISTING_MAX + LISTING_SLACK];
	char ids[LISTING_MAX + LISTING_SLACK][DQ_ID_MAX + 1]; /* of their tasks */
	size_t n, seen;
	bool has_more;
};

/*
 * `cursor` is borrowed; NULL is the first page. At most LISTING_MAX tasks are wanted.
 * False: it is no cursor.
 */
bool listing_make(struct listing *page, const char *cursor, size_t wanted);
void listing_release(struct listing *page);

/* How many tasks have to be heard of: dq_filter.limit. */
size_t listing_limit(const struct listing *page);
/* For call->hear; the payload is the page. */
void listing_hear(void *payload, const struct dq_event *event);

/*
 * Moves its rows into `list`, as far as `answer` has room for them; `say` (or NULL) is
 * told each. Writes the cursor of the next page, "" when there is none.
 */
void listing_put(struct listing *page, struct answer *answer, cJSON *list,
    void (*say)(struct answer *answer, const cJSON *row),
    char ret_cursor[LISTING_CURSOR_BYTES]);
