#include "mcp/listing.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool listing_make(struct listing *page, const char *cursor, size_t wanted)
{
	char *end;

	*page = (struct listing){ .wanted = wanted };
	if (!cursor)
		return true;
	if (*cursor < '0' || *cursor > '9')
		return false;
	page->offset = strtoul(cursor, &end, 10);
	page->behind = end + 1;
	return *end == '.' && end[1] && page->offset < SIZE_MAX / 2;
}

static void drop_rows(struct listing *page)
{
	for (size_t i = 0; i < page->n; i++)
		cJSON_Delete(page->rows[i]);
	page->n = 0;
}

void listing_release(struct listing *page)
{
	drop_rows(page);
}

size_t listing_limit(const struct listing *page)
{
	return page->offset + page->wanted + 1 + (page->behind ? LISTING_SLACK : 0);
}

void listing_hear(void *payload, const struct dq_event *event)
{
	struct listing *page = payload;
	size_t at;

	if (event->type != DQ_EVENT_TASK)
		return;
	at = page->seen++;
	/* What stands above the last task of the page before has been told, or is new. */
	if (page->behind && !strcmp(event->task->submit_id, page->behind)) {
		drop_rows(page);
		page->behind = NULL;
		page->has_more = false;
		return;
	}
	if (page->behind && at < page->offset)
		return;
	if (page->n == (page->behind ? LISTING_MAX + LISTING_SLACK : page->wanted)) {
		page->has_more = true;
		return;
	}
	(void)snprintf(
	    page->ids[page->n], sizeof(*page->ids), "%s", event->task->submit_id);
	page->rows[page->n++] = page->make(event->task);
}

void listing_put(struct listing *page, struct answer *answer, cJSON *list,
    void (*say)(struct answer *answer, const cJSON *row),
    char ret_cursor[LISTING_CURSOR_BYTES])
{
	char last[DQ_ID_MAX + 1] = "";
	size_t told = 0;

	for (; told < page->n && told < page->wanted; told++) {
		cJSON *row = page->rows[told];

		if (!list || !answer_fits(answer, row))
			break;
		if (say)
			say(answer, row);
		(void)snprintf(last, sizeof(last), "%s", page->ids[told]);
		(void)cJSON_AddItemToArray(list, row);
		page->rows[told] = NULL;
	}
	ret_cursor[0] = '\0';
	if (told > 0 && (told < page->n || page->has_more))
		(void)snprintf(ret_cursor, LISTING_CURSOR_BYTES, "%zu.%s",
		    page->offset + told, last);
}
