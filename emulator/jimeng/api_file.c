/*
 * api_file.c - get_image_by_uri and get_video_by_vid: files by their own names, whatever
 * became of the records that had them.
 */
#include <string.h>

#include "jimeng/answer.h"
#include "jimeng/api.h"

struct file {
	const struct task *task;
	unsigned item;
};

/* Has the task made this item, and is its file still there? */
static bool is_there(const struct task *task, unsigned item, int64_t now_ms)
{
	return !atomic_load(&task->file_gone) &&
	    item < (unsigned)task_look(task, now_ms).items;
}

/* The image of this uri, when it is the account's. */
static bool find_image(const struct jimeng *jimeng, const struct request *r,
    const char *uri, struct file *ret)
{
	const struct account *account = store_account(jimeng->store, r->session);
	const size_t n = strlen(LINK_URI_BUCKET);
	const struct task *task;
	unsigned file = 0;
	uint64_t key = 0;

	if (strncmp(uri, LINK_URI_BUCKET, n) != 0 ||
	    !link_object_read(uri + n, &key, &file))
		return false;
	task = store_by_key(jimeng->store, key);
	if (!task || task->account != account || task->life.kind != KIND_IMAGE ||
	    file_variant(file) != VARIANT_ORIGINAL ||
	    !is_there(task, file_item(file), r->now_ms))
		return false;
	*ret = (struct file){ task, file_item(file) };
	return true;
}

static bool find_video(const struct jimeng *jimeng, const struct request *r,
    const char *vid, struct file *ret)
{
	size_t count;
	_cleanup_free_ struct listed *tasks =
	    store_list(jimeng->store, store_account(jimeng->store, r->session), &count);

	for (size_t i = 0; i < count; i++) {
		const struct task *task = tasks[i].task;
		char its[VID_MAX];

		if (task->life.kind != KIND_VIDEO)
			continue;
		record_vid(task, 0, its);
		if (strcmp(its, vid) == 0 && is_there(task, 0, r->now_ms)) {
			*ret = (struct file){ task, 0 };
			return true;
		}
	}
	return false;
}

static void write_image(
    const struct record_view *view, const struct file *file, struct text *out)
{
	record_write_image(view, file->task, file->item, out);
}

static void write_video(
    const struct record_view *view, const struct file *file, struct text *out)
{
	const struct task *task = file->task;
	const bool has_sample = task->wishes.sample;

	text_puts(out, "{\"origin_video\":");
	record_write_film(view, task, VARIANT_ORIGINAL, out);
	text_puts(out, ",\"transcoded_video\":{");
	for (int v = 0; v < (has_sample ? VARIANTS : 1); v++) {
		text_printf(out, "%s\"%s\":", v ? "," : "",
		    variant_row((enum variant)v, has_sample)->definition);
		record_write_film(view, task, (enum variant)v, out);
	}
	text_puts(out, "}}");
}

/* What the body asks with, and what the answer has of each that is there. */
static const struct files_row {
	const char *list, *answer;
	bool (*find)(const struct jimeng *jimeng, const struct request *r,
	    const char *name, struct file *ret);
	void (*write)(
	    const struct record_view *view, const struct file *file, struct text *out);
} image_row = { "uris", "uri2image", find_image, write_image },
  video_row = { "vids", "vid2video", find_video, write_video };

static bool check_names(struct request *r, const char *list)
{
	const json_t *names = json_object_get(r->json, list);

	if (json_is_array(names) && r->ids_count > 0 &&
	    r->ids_count == json_array_size(names))
		return true;
	request_violation(
	    r, r->body.len ? "no %s of texts in the body" : "empty body, no %s", list);
	api_error(r, r->body.len ? 1000 : 2008, NULL);
	return false;
}

static void answer_files(
    const struct jimeng *jimeng, struct request *r, const struct files_row *row)
{
	const struct record_view view = api_view(jimeng, r);
	const char *comma = "";
	struct text data = { 0 };
	struct file file;

	if (!api_login(jimeng, r, 1015) || !check_names(r, row->list))
		return;
	text_printf(&data, "{\"%s\":{", row->answer);
	for (size_t i = 0; i < r->ids_count; i++) {
		const char *name = r->ids[i];

		if (!row->find(jimeng, r, name, &file) || api_is_omitted(r, name) ||
		    request_repeats_id(r, i))
			continue;
		text_printf(&data, "%s\"", comma);
		text_json(&data, name);
		text_puts(&data, "\":");
		row->write(&view, &file, &data);
		comma = ",";
	}
	text_puts(&data, "}}");
	api_data(r, &data);
}

void api_images(const struct jimeng *jimeng, struct request *r)
{
	answer_files(jimeng, r, &image_row);
}

void api_videos(const struct jimeng *jimeng, struct request *r)
{
	answer_files(jimeng, r, &video_row);
}
