/*
 * api_list.c - get_history and get_asset_list: what an account has ever made, the newest
 * first, in pages. The cursor of both is a moment in milliseconds: a page begins with the
 * first record that is older.
 */
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "jimeng/answer.h"
#include "jimeng/api.h"

enum { PAGE_MAX = 100 };

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* What the body of the site has beside count and offset; without, it is a violation. */
static const struct field_row {
	const char *name;
	json_type type;
} history_fields[] = {
	{ "history_type_list", JSON_ARRAY },
	{ "mode", JSON_STRING },
	{ "history_option", JSON_OBJECT },
	{ "image_info", JSON_OBJECT },
}, asset_fields[] = {
	{ "direction", JSON_INTEGER },
	{ "mode", JSON_STRING },
	{ "option", JSON_OBJECT },
	{ "asset_type_list", JSON_ARRAY },
	{ "workspace_id", JSON_INTEGER },
};

struct page {
	struct listed *all; /* that may be seen, the newest first */
	size_t count;
	int64_t offset; /* that was asked; 0: from the newest on */
	size_t first, end; /* the records of the page, */
	bool has_more; /* and what it says of those that follow */
	int64_t next;
	bool is_next_text;
};

/* --- what is wrong with a page that a script spoils --- */

/* The cursor with which a page begins at this record. */
static int64_t cursor_before(const struct page *page, size_t index)
{
	return index < page->count ? page->all[index].at_ms + 1 : page->offset;
}

static void trick_repeat(struct page *page)
{
	const size_t n = page->end - page->first;

	page->first -= page->first < n ? page->first : n;
	page->end = page->first + n;
}

static void trick_skip(struct page *page)
{
	page->first += page->first < page->end;
}

static void trick_back(struct page *page)
{
	const size_t n = page->end - page->first;

	page->next = cursor_before(page, page->first > n ? page->first - n : 0);
	page->has_more = true;
}

static void trick_stuck(struct page *page)
{
	page->next = page->offset;
	page->has_more = true;
}

static void trick_empty(struct page *page)
{
	page->next = cursor_before(page, page->first);
	page->end = page->first;
	page->has_more = true;
}

static void trick_none(struct page *page)
{
	page->end = page->first;
	page->next = 0;
	page->has_more = false;
}

static void trick_text(struct page *page)
{
	page->is_next_text = true;
}

/* The words are those of page_words in script/parse_fault.c. */
static const struct trick_row {
	const char *word;
	void (*apply)(struct page *page);
} trick_rows[] = {
	{ "repeat", trick_repeat }, /* the records of the page before once more */
	{ "skip", trick_skip }, /* one that no page has */
	{ "back", trick_back }, /* the cursor leads to the page before */
	{ "stuck", trick_stuck }, /* the cursor leads to this page again */
	{ "empty", trick_empty }, /* nothing in it, and the next has it */
	{ "none", trick_none }, /* nothing, and no more */
	{ "text", trick_text }, /* the cursor is a text */
};

static void spoil(const struct request *r, struct page *page)
{
	const struct fault *fault = request_fault(r, FAULT_PAGE);

	for (size_t i = 0; fault && i < COUNT_OF(trick_rows); i++)
		if (strcmp(trick_rows[i].word, fault->text) == 0)
			trick_rows[i].apply(page);
}

/* --- the page itself --- */

/* A number, or a text of digits: what a client was given it may give back. */
static bool read_number(const json_t *value, int64_t *ret)
{
	if (json_is_string(value))
		return unit_integer(json_string_value(value), 0, INT64_MAX, ret);
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret = json_integer_value(value);
	return true;
}

/* False, and answered, when the body is not one that lists are asked with. */
static bool check_list_body(
    struct request *r, const struct field_row *fields, size_t fields_count)
{
	bool ok = true;

	if (!json_object_get(r->json, "count")) {
		request_violation(r, r->body.len ? "no count in the body" : "empty body");
		api_error(r, 2008, NULL);
		return false;
	}
	for (size_t i = 0; i < fields_count; i++) {
		const json_t *value = json_object_get(r->json, fields[i].name);

		if (!value)
			request_violation(r, "missing field %s", fields[i].name);
		else if (json_typeof(value) != fields[i].type) {
			request_violation(
			    r, "field %s is of another type", fields[i].name);
			ok = false;
		}
	}
	if (!ok)
		api_error(r, 1000, NULL);
	return ok;
}

/* May it be seen: not yet unknown, not left out, and listed by now? */
static bool is_listed(
    const struct jimeng *jimeng, const struct request *r, const struct task *task)
{
	const struct fault *unlisted = request_fault(r, FAULT_UNLISTED);
	const char *id = *task_shown_id(task) ? task->submit_id : task->history_id;

	if (unlisted &&
	    r->now_ms <
		task->life.created_ms + clock_span_ms(jimeng->clock, unlisted->number))
		return false;
	return !api_is_hidden(jimeng, r, task, id);
}

static void find_page(struct page *page, size_t count)
{
	while (page->offset && page->first < page->count &&
	    page->all[page->first].at_ms >= page->offset)
		page->first++;
	page->end = page->first + count;
	page->has_more = page->end < page->count;
	if (!page->has_more)
		page->end = page->count;
	page->next = page->end > page->first ? page->all[page->end - 1].at_ms : 0;
}

/* False, and answered, when count or offset are no numbers. */
static bool make_page(const struct jimeng *jimeng, struct request *r, struct page *page)
{
	const json_t *offset = json_object_get(r->json, "offset");
	int64_t count = 0;
	size_t listed = 0;

	if (!read_number(json_object_get(r->json, "count"), &count) || count == 0 ||
	    (offset && !read_number(offset, &page->offset))) {
		request_violation(r, "count or offset is no number");
		api_error(r, 1000, NULL);
		return false;
	}
	page->all =
	    store_list(jimeng->store, store_account(jimeng->store, r->session), &listed);
	for (size_t i = 0; i < listed; i++)
		if (is_listed(jimeng, r, page->all[i].task))
			page->all[page->count++] = page->all[i];
	find_page(page, count > PAGE_MAX ? PAGE_MAX : (size_t)count);
	spoil(r, page);
	return true;
}

static void write_asset(
    const struct record_view *view, const struct task *task, struct text *out)
{
	text_printf(out, "{\"id\":\"%s\",\"%s\":", task->history_id,
	    kind_row(task->life.kind)->name);
	record_write(view, task, out);
	text_puts(out, "}");
}

static void answer_page(const struct jimeng *jimeng, struct request *r,
    const struct page *page, bool is_assets)
{
	const struct record_view view = api_view(jimeng, r);
	const char *quote = page->is_next_text ? "\"" : "";
	struct text data = { 0 };

	text_printf(&data, "{\"%s\":[", is_assets ? "asset_list" : "records_list");
	for (size_t i = page->first; i < page->end; i++) {
		if (i > page->first)
			text_puts(&data, ",");
		(is_assets ? write_asset : record_write)(&view, page->all[i].task, &data);
	}
	text_printf(&data, "],\"has_more\":%s,\"next_offset\":%s%lld%s}",
	    page->has_more ? "true" : "false", quote, (long long)page->next, quote);
	api_data(r, &data);
}

static void list(const struct jimeng *jimeng, struct request *r, bool is_assets)
{
	struct page page = { 0 };

	if (api_login(jimeng, r, 1015) &&
	    (is_assets ? check_list_body(r, asset_fields, COUNT_OF(asset_fields))
		       : check_list_body(r, history_fields, COUNT_OF(history_fields))) &&
	    make_page(jimeng, r, &page))
		answer_page(jimeng, r, &page, is_assets);
	free(page.all);
}

void api_history(const struct jimeng *jimeng, struct request *r)
{
	list(jimeng, r, false);
}

void api_assets(const struct jimeng *jimeng, struct request *r)
{
	list(jimeng, r, true);
}
