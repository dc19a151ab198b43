/*
 * record_page.h - inside of record.c: what the fillers of one record see, and the
 * three tables of fillers.
 */
#pragma once

#include "common/template.h"
#include "jimeng/record.h"

struct record_maker {
	struct template *record, *draft, *transcoded, *queue_info;
	struct template *item[TASK_KINDS], *params[TASK_KINDS];
};

struct page {
	const struct record_maker *maker;
	const struct record_view *view;
	const struct task *task;
	struct life_view look;
	int cost; /* credits; 0: none that are told */
	unsigned index; /* of the item that is being written */
};

#define FILLER(name)                                         \
	static void name(struct text *out, const void *what, \
	    __attribute__((unused)) const char *argument)
#define PAGE const struct page *page = what

static inline int64_t page_now_s(const struct page *page)
{
	return page->view->now_ms / 1000;
}

extern const struct template_mark record_field_marks[]; /* record_fields.c */
extern const struct template_mark record_item_marks[]; /* record_items.c */
extern const struct template_mark record_media_marks[]; /* record_media.c */

/* What fillers see of a task; for what is written without a record. */
struct page record_page(const struct record_view *view, const struct task *task);

uint64_t record_item_seed(const struct page *page);
unsigned record_shown_items(const struct page *page);
void record_write_link(
    struct text *out, const struct page *page, const struct link *link);
void record_write_uri(struct text *out, const struct page *page);

/* `queue_info` and forecast alone, for the endpoint that shows nothing else. */
void record_queue_fields(const struct page *page, struct text *out);
