#include "mcp/listing.h"

#include <stdint.h>
#include <stdio.h>

#include "base/text.h"

bool listing_make(struct listing *page, const char *cursor, size_t wanted)
{
	uint64_t behind = 0;

	*page = (struct listing){ .wanted = wanted };
	if (cursor && !text_uint(cursor, 1, INT64_MAX, &behind))
		return false;
	page->behind = (int64_t)behind;
	return true;
}

void listing_release(struct listing *page)
{
	for (size_t i = 0; i < page->n; i++)
		cJSON_Delete(page->rows[i]);
	page->n = 0;
}

void listing_ask(const struct listing *page, struct dq_filter *filter)
{
	filter->behind = page->behind;
	filter->limit = page->wanted + 1;
}

void listing_hear(void *payload, const struct dq_event *event)
{
	struct listing *page = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	page->has_more = page->n == page->wanted;
	if (page->has_more)
		return;
	page->numbers[page->n] = event->task->number;
	page->rows[page->n++] = page->make(event->task);
}

void listing_put(struct listing *page, struct answer *answer, cJSON *list,
    void (*say)(struct answer *answer, const cJSON *row),
    char ret_cursor[LISTING_CURSOR_BYTES])
{
	size_t told = 0;

	for (; told < page->n; told++) {
		cJSON *row = page->rows[told];

		if (!list || !answer_fits(answer, row))
			break;
		if (say)
			say(answer, row);
		(void)cJSON_AddItemToArray(list, row);
		page->rows[told] = NULL;
	}
	ret_cursor[0] = '\0';
	if (told > 0 && (told < page->n || page->has_more))
		(void)snprintf(ret_cursor, LISTING_CURSOR_BYTES, "%lld",
		    (long long)page->numbers[told - 1]);
}
