/*
 * api_item.c - get_local_item_list: items by their own ids, and the original of a video
 * whose record links a sample.
 */
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "jimeng/answer.h"
#include "jimeng/api.h"

/* The words are those of item_words in script/parse_fault.c. */
static bool is_spoiled(const struct request *r, const char *how)
{
	const struct fault *fault = request_fault(r, FAULT_ITEM);

	return fault && strcmp(fault->text, how) == 0;
}

/* Does the body ask as one does who downloads a video in full? */
static bool wants_originals(const struct request *r)
{
	const json_t *pack = json_object_get(r->json, "pack_item_opt");

	return json_is_true(json_object_get(r->json, "is_for_video_download")) &&
	    json_is_true(json_object_get(pack, "need_data_integrity")) &&
	    json_integer_value(json_object_get(pack, "scene")) == 1;
}

struct item {
	const struct task *task;
	unsigned index;
};

/* The item of this id among the tasks, and the one behind it, in *ret_other. */
static bool find_item(const struct listed *tasks, size_t count, const char *id,
    struct item *ret, struct item *ret_other)
{
	int64_t wanted = 0;

	if (!unit_integer(id, 0, INT64_MAX, &wanted))
		return false;
	for (size_t i = 0; i < count; i++)
		for (unsigned k = 0; k < (unsigned)tasks[i].task->life.items; k++)
			if (record_item_id(tasks[i].task, k) == (uint64_t)wanted) {
				*ret = (struct item){ tasks[i].task, k };
				*ret_other =
				    (struct item){ tasks[(i + 1) % count].task, 0 };
				return true;
			}
	return false;
}

/* Is it there by now? */
static bool is_made(const struct item *item, int64_t now_ms)
{
	return item->index < (unsigned)task_look(item->task, now_ms).items;
}

static void write_item(
    const struct record_view *view, const struct item *item, struct text *out)
{
	record_write_item(view, item->task, item->index, out);
}

static void write_without_video(
    const struct record_view *view, const struct item *item, struct text *out)
{
	struct text whole = { 0 };
	json_t *json;
	char *dump;

	write_item(view, item, &whole);
	json = json_loadb(text_str(&whole), whole.len, 0, NULL);
	(void)json_object_set_new(json, "video", json_null());
	dump = json_dumps(json, JSON_COMPACT);
	text_puts(out, dump ? dump : "{}");
	free(dump);
	json_decref(json);
	text_release(&whole);
}

/* Append those that are known, and tell how many that were. */
static unsigned write_items(
    const struct jimeng *jimeng, const struct request *r, struct text *out)
{
	struct record_view view = api_view(jimeng, r);
	unsigned known = 0;
	size_t count;
	_cleanup_free_ struct listed *tasks =
	    store_list(jimeng->store, store_account(jimeng->store, r->session), &count);

	view.has_originals = wants_originals(r) && !is_spoiled(r, "sample");
	for (size_t i = 0; i < r->ids_count; i++) {
		struct item item, other;

		if (!find_item(tasks, count, r->ids[i], &item, &other) ||
		    !is_made(&item, r->now_ms) ||
		    api_is_hidden(jimeng, r, item.task, r->ids[i]))
			continue;
		known++;
		if (is_spoiled(r, "none"))
			continue;
		if (out->len)
			text_puts(out, ",");
		(is_spoiled(r, "no-video") ? write_without_video : write_item)(
		    &view, is_spoiled(r, "other") ? &other : &item, out);
	}
	return known;
}

static bool check_item_body(struct request *r)
{
	const json_t *list = json_object_get(r->json, "item_id_list");

	if (json_is_array(list) && r->ids_count > 0 &&
	    r->ids_count == json_array_size(list))
		return true;
	request_violation(r, r->body.len ? "no item_id_list of texts" : "empty body");
	api_error(r, r->body.len ? 1000 : 2008, NULL);
	return false;
}

void api_items(const struct jimeng *jimeng, struct request *r)
{
	struct text items = { 0 }, data = { 0 };

	if (!api_login(jimeng, r, 1015) || !check_item_body(r))
		return;
	if (write_items(jimeng, r, &items)) {
		text_printf(&data, "{\"%s\":[%s]}",
		    is_spoiled(r, "local-list") ? "local_item_list" : "item_list",
		    text_str(&items));
		api_data(r, &data);
	} else {
		api_error(r, 3005, NULL);
	}
	text_release(&items);
}
