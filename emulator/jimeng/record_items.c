/*
 * record_items.c - the items of a record with their links.
 */
#include "jimeng/record_page.h"

#include <stdio.h>

#include "common/hash.h"

enum { DAY_S = 86400, THUMB_DAYS = 26, ICON_DAYS = 365 };

uint64_t record_item_seed(const struct page *page)
{
	return hash_mix(hash_mix(page->task->key, 77), page->index);
}

uint64_t record_item_id(const struct task *task, unsigned item)
{
	uint64_t h = hash_mix(hash_mix(task->key, 5), item);

	return 7000000000000000000u + h % 900000000000000000u;
}

static void item_id(const struct page *page, unsigned index, struct text *out)
{
	text_printf(out, "%llu", (unsigned long long)record_item_id(page->task, index));
}

FILLER(fill_item_id)
{
	PAGE;
	item_id(page, page->index, out);
}

/* Lists that some records have: promised ids, and the items that failed. */
FILLER(fill_optional_lists)
{
	PAGE;
	unsigned items = (unsigned)page->task->life.items;

	if (page->task->key & 2 && !page->look.failure && page->view->total < 0) {
		text_puts(out, "\"pre_gen_item_ids\":[");
		for (unsigned i = 0; i < items; i++) {
			text_puts(out, i ? ",\"" : "\"");
			item_id(page, i, out);
			text_puts(out, "\"");
		}
		text_puts(out, "],");
	}
	if (page->look.failed_items) {
		text_puts(out, "\"failed_item_list\":[{\"common_attr\":{\"id\":\"");
		item_id(page, items - 1, out);
		text_puts(out,
		    "\"},\"gen_result_data\":{\"result_code\":1,"
		    "\"result_msg\":\"SystemBusy\"}}],");
	}
}

static void object_of(const struct page *page, char object[OBJECT_LEN + 1])
{
	link_object(page->task->key, page->index, object);
}

void record_uri(const struct task *task, unsigned item, char ret[URI_MAX])
{
	char object[OBJECT_LEN + 1];

	link_object(task->key, item, object);
	(void)snprintf(ret, URI_MAX, LINK_URI_BUCKET "%s", object);
}

void record_write_uri(struct text *out, const struct page *page)
{
	char uri[URI_MAX];

	record_uri(page->task, page->index, uri);
	text_puts(out, uri);
}

FILLER(fill_uri)
{
	PAGE;
	record_write_uri(out, page);
}

void record_vid(const struct task *task, unsigned item, char ret[VID_MAX])
{
	uint64_t seed = hash_mix(hash_mix(task->key, 77), item);

	(void)snprintf(
	    ret, VID_MAX, "v02870g10004d%011llx", (unsigned long long)(seed >> 20));
}

FILLER(fill_vid)
{
	PAGE;
	char vid[VID_MAX];

	record_vid(page->task, page->index, vid);
	text_puts(out, vid);
}

void record_write_link(struct text *out, const struct page *page, const struct link *link)
{
	text_puts(out, page->view->jimeng->cdn);
	link_write(
	    out, page->view->jimeng->key, link, page_now_s(page), page->view->noise);
}

/* A picture derived from an item: never a result, and signed like one. */
static void write_derived(
    struct text *out, const struct page *page, const char *size, int64_t expires)
{
	struct link link = {
		.expires = expires,
		.salt = store_salt(page->view->jimeng->store, page->task, page->index),
	};

	object_of(page, link.object);
	(void)snprintf(
	    link.transform, sizeof(link.transform), "aigc_resize_mark:%s.webp", size);
	record_write_link(out, page, &link);
}

FILLER(fill_cover)
{
	PAGE;
	write_derived(out, page, argument,
	    link_expiry(false, page_now_s(page), page->view->jimeng->link_life_s));
}

FILLER(fill_thumb)
{
	PAGE;
	int64_t day = page_now_s(page) - page_now_s(page) % DAY_S;

	write_derived(out, page, argument, day + (int64_t)THUMB_DAYS * DAY_S);
}

FILLER(fill_icon)
{
	PAGE;
	struct link link = { .object = "model4.png", .transform = "resize:300:300.webp" };

	link.expires = page_now_s(page) + (int64_t)ICON_DAYS * DAY_S;
	record_write_link(out, page, &link);
}

FILLER(fill_item_time)
{
	PAGE;
	int64_t ms =
	    page->look.finish_ms ? page->look.finish_ms - 1000 : page->view->now_ms;

	text_printf(out, "%lld", (long long)(ms / 1000));
}

FILLER(fill_request_id)
{
	PAGE;
	for (uint64_t i = 0; i < 4; i++)
		text_printf(out, "%016llx",
		    (unsigned long long)hash_mix(record_item_seed(page), 20 + i));
}

FILLER(fill_params)
{
	PAGE;
	template_fill(page->maker->params[page->task->life.kind], out, page);
}

FILLER(fill_task_params)
{
	PAGE;
	if (page->look.is_ended && page->task->life.kind == KIND_IMAGE)
		fill_params(out, page, "");
	else
		text_puts(out, "null");
}

unsigned record_shown_items(const struct page *page)
{
	const int most = page->view->items;

	return (unsigned)(most >= 0 && most < page->look.items ? most : page->look.items);
}

FILLER(fill_items)
{
	PAGE;
	struct page item = *page;
	unsigned items = record_shown_items(page);
	unsigned shown = items + (page->task->life.duplicates && items > 1 ? 2 : 0);

	text_puts(out, "[");
	for (unsigned i = 0; i < shown; i++) {
		if (i)
			text_puts(out, ",");
		item.index = i % items;
		template_fill(page->maker->item[page->task->life.kind], out, &item);
	}
	text_puts(out, "]");
}

const struct template_mark record_item_marks[] = {
	{ "cover", fill_cover },
	{ "cover_uri", fill_uri },
	{ "icon", fill_icon },
	{ "item_id", fill_item_id },
	{ "item_time", fill_item_time },
	{ "items", fill_items },
	{ "optional_lists", fill_optional_lists },
	{ "params", fill_params },
	{ "request_id", fill_request_id },
	{ "task_params", fill_task_params },
	{ "thumb", fill_thumb },
	{ "uri", fill_uri },
	{ "vid", fill_vid },
	{ 0 },
};
