#include "record.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "hash.h"
#include "template.h"
#include "templates.h"

enum { DAY_S = 86400, THUMB_DAYS = 26, ICON_DAYS = 365, INTERVAL_S = 30 };

struct record_maker {
	struct template *record, *draft;
	struct template *item[2], *params[2]; /* by task kind */
};

/* What the fillers of one record see. */
struct page {
	const struct record_maker *maker;
	const struct record_view *view;
	const struct task *task;
	struct life_view look;
	unsigned index; /* of the item that is being written */
};

#define FILLER(name)                                         \
	static void name(struct text *out, const void *what, \
	    __attribute__((unused)) const char *argument)
#define PAGE const struct page *page = what

static int64_t now_s(const struct page *page)
{
	return page->view->now_ms / 1000;
}

static uint64_t item_seed(const struct page *page)
{
	return hash_mix(hash_mix(page->task->key, 77), page->index);
}

FILLER(fill_prompt)
{
	PAGE;
	text_json(out, page->task->prompt);
}

FILLER(fill_submit_id)
{
	PAGE;
	text_json(out, page->task->submit_id);
}

FILLER(fill_history_id)
{
	PAGE;
	text_puts(out, page->task->history_id);
}

FILLER(fill_model_key)
{
	PAGE;
	text_json(out, page->task->model_key);
}

FILLER(fill_model_name)
{
	PAGE;
	text_puts(
	    out, page->task->life.kind == KIND_VIDEO ? "视频 Seedance" : "图片 4.0");
}

FILLER(fill_model_title_key)
{
	PAGE;
	text_puts(out,
	    page->task->life.kind == KIND_VIDEO ? "dreamina_video_seedance_title"
						: "dreamina_image4_title");
}

FILLER(fill_model_tip_key)
{
	PAGE;
	text_puts(out,
	    page->task->life.kind == KIND_VIDEO ? "dreamina_video_seedance_desc"
						: "dreamina_image4_desc");
}

FILLER(fill_logid)
{
	PAGE;
	text_puts(out, page->view->logid);
}

FILLER(fill_generate_type)
{
	PAGE;
	text_puts(out, page->task->life.kind == KIND_VIDEO ? "10" : "1");
}

FILLER(fill_created_time)
{
	PAGE;
	int64_t ms = page->task->life.created_ms;

	text_printf(out, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
}

FILLER(fill_created_ms)
{
	PAGE;
	text_printf(out, "%lld", (long long)page->task->life.created_ms);
}

FILLER(fill_finish_time)
{
	PAGE;
	text_printf(out, "%lld", (long long)(page->look.finish_ms / 1000));
}

FILLER(fill_item_time)
{
	PAGE;
	int64_t ms =
	    page->look.finish_ms ? page->look.finish_ms - 1000 : page->view->now_ms;

	text_printf(out, "%lld", (long long)(ms / 1000));
}

FILLER(fill_status)
{
	PAGE;
	text_printf(out, "%d", page->look.status);
}

FILLER(fill_task_status)
{
	PAGE;
	text_printf(out, "%d", page->look.task_status);
}

FILLER(fill_uid)
{
	PAGE;
	text_printf(out, "%llu",
	    1000000000000000u +
		(unsigned long long)(page->task->account->key % 899999999999999u));
}

FILLER(fill_prompt_md5)
{
	PAGE;
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	(void)EVP_Digest(
	    page->task->prompt, strlen(page->task->prompt), sum, &n, EVP_md5(), NULL);
	text_hex(out, sum, n);
}

FILLER(fill_forecast)
{
	PAGE;
	text_printf(out, "%d", page->look.forecast_s);
}

FILLER(fill_forecast_queue)
{
	PAGE;
	int64_t left = page->task->life.queued_until - page->view->now_ms;

	text_printf(out, "%lld", left > 0 ? (long long)(left / 1000 + 1) : 1);
}

FILLER(fill_starling_key)
{
	PAGE;
	if (page->look.failure)
		text_puts(out, page->look.failure->starling_key);
}

FILLER(fill_starling_message)
{
	PAGE;
	if (page->look.failure)
		text_puts(out, page->look.failure->starling_message);
}

FILLER(fill_fail_fields)
{
	PAGE;
	const struct life_failure *failure = page->look.failure;
	const char *code = failure ? failure->code : "0";
	const char *msg = failure ? failure->msg : "Success";

	if (page->look.is_ended && code)
		text_printf(out, "\"fail_code\":\"%s\",\"fail_msg\":\"%s\",", code, msg);
}

FILLER(fill_queue_idx)
{
	PAGE;
	text_printf(out, "%d", page->look.queue_idx);
}

FILLER(fill_queue_status)
{
	PAGE;
	text_printf(out, "%d", page->look.queue_status);
}

FILLER(fill_queue_length)
{
	PAGE;
	text_printf(out, "%d", page->look.queue_length);
}

FILLER(fill_interval)
{
	PAGE;
	int interval = page->view->interval_s;

	if (!interval)
		interval = clock_advice_s(page->view->clock, INTERVAL_S);
	text_printf(out, "%d", interval);
}

FILLER(fill_debug_info)
{
	PAGE;
	if (page->look.queue_status >= 2)
		text_printf(out,
		    ",\"debug_info\":\"{\\\"queue\\\":\\\"internal-queue-%llu\\\"}\"",
		    (unsigned long long)(page->task->key % 7));
}

/* The service counts items only at the end, or as they come; the record chooses. */
FILLER(fill_total)
{
	PAGE;
	bool early = page->task->key & 4;

	text_printf(out, "%d",
	    page->look.failure		       ? 0
		: page->look.is_ended || early ? page->task->life.items
					       : 0);
}

FILLER(fill_finished)
{
	PAGE;
	bool counts = page->look.is_ended || (page->task->key & 4);

	text_printf(out, "%d", counts && !page->look.is_empty ? page->look.items : 0);
}

FILLER(fill_confirm_status)
{
	PAGE;
	text_puts(out, page->look.is_ended ? "2" : "0");
}

FILLER(fill_image_type)
{
	PAGE;
	text_puts(out, page->look.is_ended ? "3" : "0");
}

static void item_id(const struct page *page, unsigned index, struct text *out)
{
	uint64_t h = hash_mix(hash_mix(page->task->key, 5), index);

	text_printf(out, "%llu",
	    7000000000000000000u + (unsigned long long)(h % 900000000000000000u));
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

	if (page->task->key & 2 && !page->look.failure) {
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

FILLER(fill_uri)
{
	PAGE;
	char object[OBJECT_LEN + 1];

	object_of(page, object);
	text_printf(out, "tos-cn-i-tb4s082cfz/%s", object);
}

FILLER(fill_vid)
{
	PAGE;
	text_printf(
	    out, "v02870g10004d%011llx", (unsigned long long)(item_seed(page) >> 20));
}

static void write_link(struct text *out, const struct page *page, const struct link *link)
{
	text_puts(out, page->view->cdn);
	link_write(out, page->view->key, link, now_s(page), page->view->noise);
}

/* A picture derived from an item: never a result, and signed like one. */
static void write_derived(
    struct text *out, const struct page *page, const char *size, int64_t expires)
{
	struct link link = {
		.expires = expires,
		.salt = store_salt(page->view->store, page->task, page->index),
	};

	object_of(page, link.object);
	(void)snprintf(
	    link.transform, sizeof(link.transform), "aigc_resize_mark:%s.webp", size);
	write_link(out, page, &link);
}

FILLER(fill_cover)
{
	PAGE;
	write_derived(out, page, argument,
	    link_expiry(false, now_s(page), page->view->link_life_s));
}

FILLER(fill_thumb)
{
	PAGE;
	int64_t day = now_s(page) - now_s(page) % DAY_S;

	write_derived(out, page, argument, day + THUMB_DAYS * DAY_S);
}

FILLER(fill_icon)
{
	PAGE;
	struct link link = { .object = "model4.png", .transform = "resize:300:300.webp" };

	link.expires = now_s(page) + ICON_DAYS * DAY_S;
	write_link(out, page, &link);
}

/* The link to the result itself, or what a fault put in its place. */
static void write_asset_link(struct text *out, const struct page *page)
{
	bool is_video = page->task->life.kind == KIND_VIDEO;
	struct link link = {
		.is_video = is_video,
		.expires = link_expiry(is_video, now_s(page), page->view->link_life_s),
		.salt = store_salt(page->view->store, page->task, page->index),
	};

	if (page->view->link) {
		text_json(out, page->view->link);
		return;
	}
	object_of(page, link.object);
	if (!is_video)
		(void)snprintf(
		    link.transform, sizeof(link.transform), "aigc_resize:0:0.png");
	write_link(out, page, &link);
}

FILLER(fill_video_url)
{
	PAGE;
	write_asset_link(out, page);
}

static uint64_t asset_size(const struct page *page)
{
	struct asset asset = store_asset(page->view->store, page->task, page->index);
	_cleanup_(source_release) struct source s =
	    asset_open(page->view->studio, &asset);

	return s.size;
}

FILLER(fill_size)
{
	PAGE;
	text_printf(out, "%llu", (unsigned long long)asset_size(page));
}

FILLER(fill_md5)
{
	PAGE;
	uint8_t sum[ASSET_MD5];

	store_md5(page->view->store, page->view->studio, page->task, sum);
	text_hex(out, sum, sizeof(sum));
}

FILLER(fill_large_images)
{
	PAGE;

	if (page->look.is_empty) {
		text_puts(out, "[]");
		return;
	}
	text_puts(out, "[{\"image_uri\":\"");
	fill_uri(out, page, "");
	text_puts(out, "\",\"image_url\":\"");
	write_asset_link(out, page);
	text_printf(out, "\",\"width\":%u,\"height\":%u,\"format\":\"png\",",
	    page->task->width, page->task->height);
	if (page->task->key & 1)
		text_printf(out, "\"size\":%llu,", (unsigned long long)asset_size(page));
	text_puts(out, "\"smart_crop_loc\":null}]");
}

/* JSON inside a string, with the links in base64 as the player wants them. */
FILLER(fill_video_model)
{
	PAGE;
	struct text url = { 0 }, inner = { 0 };
	unsigned char *base64;

	write_asset_link(&url, page);
	base64 = mem_new(url.len * 4 / 3 + 8, 1);
	(void)EVP_EncodeBlock(base64, (const unsigned char *)url.data, (int)url.len);
	text_printf(&inner,
	    "{\"status\":10,\"message\":\"success\",\"version\":1,\"enable_ssl\":false,"
	    "\"video_duration\":5.042,\"media_type\":\"video\",\"url_expire\":%lld,"
	    "\"big_thumbs\":null,\"video_list\":{\"video_1\":{\"main_url\":\"%s\","
	    "\"backup_url_1\":\"%s\",\"definition\":\"360p\",\"quality\":\"normal\","
	    "\"vtype\":\"mp4\",\"vwidth\":640,\"vheight\":360,\"bitrate\":95000,\"size\":"
	    "%llu,"
	    "\"codec_type\":\"h264\",\"file_hash\":\"%016llx\"}}}",
	    (long long)now_s(page) + 3600, (const char *)base64, (const char *)base64,
	    (unsigned long long)asset_size(page) - 176,
	    (unsigned long long)item_seed(page));
	text_json(out, text_str(&inner));
	free(base64);
	text_release(&url);
	text_release(&inner);
}

FILLER(fill_image_seed)
{
	PAGE;
	text_printf(out, "%u", (unsigned)(page->task->key >> 32));
}

FILLER(fill_width)
{
	PAGE;
	text_printf(out, "%u", page->task->width);
}

FILLER(fill_height)
{
	PAGE;
	text_printf(out, "%u", page->task->height);
}

FILLER(fill_request_id)
{
	PAGE;
	for (uint64_t i = 0; i < 4; i++)
		text_printf(out, "%016llx",
		    (unsigned long long)hash_mix(item_seed(page), 20 + i));
}

FILLER(fill_uuid)
{
	PAGE;
	uint64_t a = hash_mix(page->task->key, hash_str(1, argument));
	uint64_t b = hash_mix(a, 2);

	text_printf(out, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(a >> 32),
	    (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff, (unsigned)(b >> 52),
	    (unsigned long long)(b & 0xffffffffffff));
}

FILLER(fill_draft)
{
	PAGE;
	struct text draft = { 0 };

	template_fill(page->maker->draft, &draft, page);
	text_json(out, text_str(&draft));
	text_release(&draft);
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

FILLER(fill_items)
{
	PAGE;
	struct page item = *page;
	unsigned items = (unsigned)page->look.items;
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

static const struct template_mark marks[] = {
	{ "confirm_status", fill_confirm_status },
	{ "cover", fill_cover },
	{ "cover_uri", fill_uri },
	{ "created_ms", fill_created_ms },
	{ "created_time", fill_created_time },
	{ "debug_info", fill_debug_info },
	{ "draft", fill_draft },
	{ "fail_fields", fill_fail_fields },
	{ "finish_time", fill_finish_time },
	{ "finished", fill_finished },
	{ "forecast", fill_forecast },
	{ "forecast_queue", fill_forecast_queue },
	{ "generate_type", fill_generate_type },
	{ "height", fill_height },
	{ "history_id", fill_history_id },
	{ "icon", fill_icon },
	{ "image_seed", fill_image_seed },
	{ "image_type", fill_image_type },
	{ "interval", fill_interval },
	{ "item_id", fill_item_id },
	{ "item_time", fill_item_time },
	{ "items", fill_items },
	{ "large_images", fill_large_images },
	{ "logid", fill_logid },
	{ "md5", fill_md5 },
	{ "model_key", fill_model_key },
	{ "model_name", fill_model_name },
	{ "model_tip_key", fill_model_tip_key },
	{ "model_title_key", fill_model_title_key },
	{ "optional_lists", fill_optional_lists },
	{ "params", fill_params },
	{ "prompt", fill_prompt },
	{ "prompt_md5", fill_prompt_md5 },
	{ "queue_idx", fill_queue_idx },
	{ "queue_length", fill_queue_length },
	{ "queue_status", fill_queue_status },
	{ "request_id", fill_request_id },
	{ "size", fill_size },
	{ "starling_key", fill_starling_key },
	{ "starling_message", fill_starling_message },
	{ "status", fill_status },
	{ "submit_id", fill_submit_id },
	{ "task_params", fill_task_params },
	{ "task_status", fill_task_status },
	{ "thumb", fill_thumb },
	{ "total", fill_total },
	{ "uid", fill_uid },
	{ "uri", fill_uri },
	{ "uuid", fill_uuid },
	{ "vid", fill_vid },
	{ "video_model", fill_video_model },
	{ "video_url", fill_video_url },
	{ "width", fill_width },
	{ 0 },
};

struct record_maker *record_maker_new(void)
{
	struct record_maker *maker = mem_new(1, sizeof(*maker));

	maker->record = template_new((const char *)record_bytes, marks);
	maker->draft = template_new((const char *)draft_bytes, marks);
	maker->item[KIND_IMAGE] = template_new((const char *)image_item_bytes, marks);
	maker->item[KIND_VIDEO] = template_new((const char *)video_item_bytes, marks);
	maker->params[KIND_IMAGE] = template_new((const char *)image_params_bytes, marks);
	maker->params[KIND_VIDEO] = template_new((const char *)video_params_bytes, marks);
	return maker;
}

void record_maker_free(struct record_maker *maker)
{
	if (!maker)
		return;
	template_free(maker->record);
	template_free(maker->draft);
	for (int kind = 0; kind < 2; kind++) {
		template_free(maker->item[kind]);
		template_free(maker->params[kind]);
	}
	free(maker);
}

static unsigned utf8_length(unsigned char lead)
{
	if (lead >= 0xf0)
		return 4;
	return lead >= 0xe0 ? 3 : 2;
}

/* One character beyond ASCII as \u escapes; how many bytes it took. */
static size_t escape_character(struct text *out, const char *s, size_t left)
{
	unsigned char lead = (unsigned char)*s;
	unsigned n = utf8_length(lead);
	uint32_t c;

	if (n > left)
		return left;
	c = lead & (0xffu >> (n + 1));
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	if (c > 0xffff) {
		c -= 0x10000;
		text_printf(
		    out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
	} else {
		text_printf(out, "\\u%04x", c);
	}
	return n;
}

/* The same JSON written differently: \uXXXX beyond ASCII, \u0026 for an ampersand. */
static void write_escaped(
    struct text *out, const struct text *json, bool beyond_ascii, bool ampersand)
{
	size_t start = 0;
	size_t i = 0;

	while (i < json->len) {
		unsigned char c = (unsigned char)json->data[i];

		if (!(c >= 0x80 && beyond_ascii) && !(c == '&' && ampersand)) {
			i++;
			continue;
		}
		text_add(out, json->data + start, i - start);
		if (c == '&') {
			text_puts(out, "\\u0026");
			i++;
		} else {
			i += escape_character(out, json->data + i, json->len - i);
		}
		start = i;
	}
	text_add(out, json->data + start, json->len - start);
}

static struct page page_make(const struct record_maker *maker,
    const struct record_view *view, const struct task *task)
{
	struct page page = {
		.maker = maker,
		.view = view,
		.task = task,
		.look = life_look(&task->life, view->now_ms),
	};

	if (view->status)
		page.look.status = page.look.task_status = view->status;
	return page;
}

void record_write(const struct record_maker *maker, const struct record_view *view,
    const struct task *task, struct text *out)
{
	const struct page page = page_make(maker, view, task);
	bool beyond_ascii = task->key & 8;
	bool ampersand = task->key & 16;
	struct text json = { 0 };

	if (!beyond_ascii && !ampersand) {
		template_fill(maker->record, out, &page);
		return;
	}
	template_fill(maker->record, &json, &page);
	write_escaped(out, &json, beyond_ascii, ampersand);
	text_release(&json);
}

void record_write_queue(
    const struct record_view *view, const struct task *task, struct text *out)
{
	const struct page page = page_make(NULL, view, task);

	text_printf(out,
	    "{\"status\":0,\"queue_info\":{\"queue_idx\":%d,\"priority\":2,\"queue_"
	    "status\":%d,"
	    "\"queue_length\":%d,\"polling_config\":{\"interval_seconds\":",
	    page.look.queue_idx, page.look.queue_status, page.look.queue_length);
	fill_interval(out, &page, "");
	text_puts(out,
	    ",\"timeout_seconds\":86400},\"priority_queue_display_threshold\":{"
	    "\"vip_queuing_time_threshold\":300,\"waiting_time_threshold\":60}");
	fill_debug_info(out, &page, "");
	text_puts(out, "},\"forecast_cost_time\":{\"forecast_generate_cost\":");
	fill_forecast(out, &page, "");
	text_puts(out, ",\"forecast_queue_cost\":");
	fill_forecast_queue(out, &page, "");
	text_puts(out, "}}");
}
