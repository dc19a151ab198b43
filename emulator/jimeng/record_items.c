/*
 * record_items.c - the items of a record with their links.
 */
#include "jimeng/record_page.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "common/hash.h"
#include "media/audio.h"

enum { DAY_S = 86400, THUMB_DAYS = 26, ICON_DAYS = 365 };

static uint64_t item_seed(const struct page *page)
{
	return hash_mix(hash_mix(page->task->key, 77), page->index);
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
	write_link(out, page, &link);
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
	write_link(out, page, &link);
}

/* The link to the result itself, or what a fault put in its place. */
static void write_asset_link(struct text *out, const struct page *page)
{
	bool is_video = page->task->life.kind != KIND_IMAGE;
	struct link link = {
		.is_video = is_video,
		.mime = page->task->life.kind == KIND_AUDIO ? "audio_mp3" : "video_mp4",
		.expires = link_expiry(
		    is_video, page_now_s(page), page->view->jimeng->link_life_s),
		.salt = store_salt(page->view->jimeng->store, page->task, page->index),
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
	struct asset asset =
	    store_asset(page->view->jimeng->store, page->task, page->index);
	_cleanup_(source_release) struct source s =
	    asset_open(page->view->jimeng->studio, &asset);

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

	if (page->task->wishes.no_md5)
		return;
	store_md5(page->view->jimeng->store, page->view->jimeng->studio, page->task, sum);
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

/* Three places are known for the link of a sound, and each record has one of them. */
enum audio_place { AUDIO_ORIGIN, AUDIO_FILE, AUDIO_ITEM_URL, AUDIO_PLACES };

static bool has_audio_at(const struct page *page, enum audio_place place)
{
	return page->task->key / 32 % AUDIO_PLACES == place;
}

FILLER(fill_origin_audio)
{
	PAGE;

	if (!has_audio_at(page, AUDIO_ORIGIN)) {
		text_puts(out, "null");
		return;
	}
	text_puts(out, "{\"url\":\"");
	write_asset_link(out, page);
	text_printf(out, "\",\"format\":\"mp3\",\"duration\":%d,\"size\":%llu}",
	    AUDIO_DURATION_MS, (unsigned long long)asset_size(page));
}

FILLER(fill_audio_file)
{
	PAGE;

	if (!has_audio_at(page, AUDIO_FILE))
		return;
	text_puts(out, ",\"file\":{\"file_url\":\"");
	write_asset_link(out, page);
	text_puts(out, "\"}");
}

FILLER(fill_audio_item_url)
{
	PAGE;

	text_puts(out, "\"");
	if (has_audio_at(page, AUDIO_ITEM_URL))
		write_asset_link(out, page);
	text_puts(out, "\"");
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
	    (long long)page_now_s(page) + 3600, (const char *)base64,
	    (const char *)base64, (unsigned long long)asset_size(page) - 176,
	    (unsigned long long)item_seed(page));
	text_json(out, text_str(&inner));
	free(base64);
	text_release(&url);
	text_release(&inner);
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
		    (unsigned long long)hash_mix(item_seed(page), 20 + i));
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

const struct template_mark record_item_marks[] = {
	{ "audio_file", fill_audio_file },
	{ "audio_item_url", fill_audio_item_url },
	{ "cover", fill_cover },
	{ "cover_uri", fill_uri },
	{ "icon", fill_icon },
	{ "item_id", fill_item_id },
	{ "item_time", fill_item_time },
	{ "items", fill_items },
	{ "large_images", fill_large_images },
	{ "md5", fill_md5 },
	{ "optional_lists", fill_optional_lists },
	{ "origin_audio", fill_origin_audio },
	{ "params", fill_params },
	{ "request_id", fill_request_id },
	{ "size", fill_size },
	{ "task_params", fill_task_params },
	{ "thumb", fill_thumb },
	{ "uri", fill_uri },
	{ "vid", fill_vid },
	{ "video_model", fill_video_model },
	{ "video_url", fill_video_url },
	{ 0 },
};
