/*
 * record_media.c - the files of an item: their links, sizes and sums, in each quality.
 */
#include "jimeng/record_page.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "common/hash.h"
#include "jimeng/region.h"
#include "media/audio.h"

/* In which quality the record links its item. */
static enum variant linked_variant(const struct page *page)
{
	const bool has_sample =
	    page->task->wishes.sample && page->task->life.kind == KIND_VIDEO;

	return has_sample && !page->view->has_originals ? VARIANT_SAMPLE
							: VARIANT_ORIGINAL;
}

static const struct variant_row *linked_row(const struct page *page)
{
	return variant_row(linked_variant(page), page->task->wishes.sample);
}

/* The link to the result itself, or what a fault put in its place. */
static void write_variant_link(
    struct text *out, const struct page *page, enum variant variant)
{
	const struct jimeng *jimeng = page->view->jimeng;
	const struct variant_row *row = variant_row(variant, page->task->wishes.sample);
	const unsigned file = variant_file(page->index, variant);
	bool is_video = page->task->life.kind != KIND_IMAGE;
	struct link link = {
		.is_video = is_video,
		.mime = page->task->life.kind == KIND_AUDIO ? "audio_mp3" : "video_mp4",
		.bitrate = row->bitrate,
		.logo = row->logo,
		.expires = link_expiry(is_video, page_now_s(page), jimeng->link_life_s),
		.salt = store_salt(jimeng->store, page->task, file),
	};

	if (page->view->link) {
		text_json(out, page->view->link);
		return;
	}
	link_object(page->task->key, file, link.object);
	if (!is_video)
		(void)snprintf(
		    link.transform, sizeof(link.transform), "aigc_resize:0:0.png");
	record_write_link(out, page, &link);
}

static void write_asset_link(struct text *out, const struct page *page)
{
	write_variant_link(out, page, linked_variant(page));
}

FILLER(fill_video_url)
{
	PAGE;
	write_asset_link(out, page);
}

FILLER(fill_definition)
{
	PAGE;
	text_puts(out,
	    linked_variant(page) == VARIANT_ORIGINAL ? "origin"
						     : linked_row(page)->definition);
}

FILLER(fill_video_width)
{
	PAGE;
	text_printf(out, "%u", linked_row(page)->width);
}

FILLER(fill_video_height)
{
	PAGE;
	text_printf(out, "%u", linked_row(page)->height);
}

/* Those that have one quality tell of no mark, whatever their link says. */
FILLER(fill_logo_type)
{
	PAGE;
	if (page->task->wishes.sample)
		text_puts(out, linked_row(page)->logo);
}

/* In Asia the link of a video stands in another place of its item. */
static bool is_common_video(const struct page *page)
{
	const struct region_row *region = page->view->jimeng->region;

	return page->task->wishes.common_video || (region && region->has_common_video);
}

FILLER(fill_transcoded_video)
{
	PAGE;
	if (is_common_video(page))
		text_puts(out, "null");
	else
		template_fill(page->maker->transcoded, out, page);
}

FILLER(fill_common_video)
{
	PAGE;
	if (!is_common_video(page))
		return;
	text_puts(out, ",\"transcoded_video\":");
	template_fill(page->maker->transcoded, out, page);
}

static uint64_t variant_size(const struct page *page, enum variant variant)
{
	struct asset asset = store_asset(
	    page->view->jimeng->store, page->task, variant_file(page->index, variant));
	_cleanup_(source_release) struct source s =
	    asset_open(page->view->jimeng->studio, &asset);

	return s.size;
}

static uint64_t asset_size(const struct page *page)
{
	return variant_size(page, linked_variant(page));
}

FILLER(fill_size)
{
	PAGE;
	text_printf(out, "%llu", (unsigned long long)asset_size(page));
}

FILLER(fill_md5)
{
	PAGE;
	const struct jimeng *jimeng = page->view->jimeng;
	uint8_t sum[ASSET_MD5];

	if (page->task->wishes.no_md5)
		return;
	store_md5(jimeng->store, jimeng->studio, page->task,
	    variant_file(page->index, linked_variant(page)), sum);
	text_hex(out, sum, sizeof(sum));
}

static void write_image(struct text *out, const struct page *page)
{
	text_puts(out, "{\"image_uri\":\"");
	record_write_uri(out, page);
	text_puts(out, "\",\"image_url\":\"");
	write_asset_link(out, page);
	text_printf(out, "\",\"width\":%u,\"height\":%u,\"format\":\"png\",",
	    page->task->width, page->task->height);
	if (page->task->key & 1)
		text_printf(out, "\"size\":%llu,", (unsigned long long)asset_size(page));
	text_puts(out, "\"smart_crop_loc\":null}");
}

FILLER(fill_large_images)
{
	PAGE;

	text_puts(out, "[");
	if (!page->look.is_empty)
		write_image(out, page);
	text_puts(out, "]");
}

void record_write_image(const struct record_view *view, const struct task *task,
    unsigned item, struct text *out)
{
	struct page page = record_page(view, task);

	page.index = item;
	write_image(out, &page);
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

/* How a variant stands in video_model; the size of the only one is not that of its file.
 */
static void write_model_row(
    struct text *out, const struct page *page, enum variant variant, unsigned number)
{
	const bool is_only_one = !page->task->wishes.sample;
	const struct variant_row *row = variant_row(variant, !is_only_one);
	struct text url = { 0 };
	unsigned char *base64;

	write_variant_link(&url, page, variant);
	base64 = mem_new(url.len * 4 / 3 + 8, 1);
	(void)EVP_EncodeBlock(base64, (const unsigned char *)url.data, (int)url.len);
	text_printf(out,
	    "%s\"video_%u\":{\"main_url\":\"%s\",\"backup_url_1\":\"%s\",\"definition\":"
	    "\"%s\",\"quality\":\"normal\",\"vtype\":\"mp4\",\"vwidth\":%u,\"vheight\":%"
	    "u,"
	    "\"bitrate\":%u,\"size\":%llu,\"codec_type\":\"h264\",\"logo_type\":\"%s\","
	    "\"file_hash\":\"%016llx\"}",
	    number > 1 ? "," : "", number, (const char *)base64, (const char *)base64,
	    is_only_one ? "360p" : row->definition, row->width, row->height,
	    is_only_one ? 95000 : row->bitrate * 1000,
	    (unsigned long long)variant_size(page, variant) - (is_only_one ? 176 : 0),
	    is_only_one ? "" : row->logo,
	    (unsigned long long)hash_mix(record_item_seed(page), variant));
	free(base64);
	text_release(&url);
}

/*
 * JSON inside a string, with the links in base64 as the player wants them. The best one
 * comes last; where originals are kept back, the sample is all there is.
 */
FILLER(fill_video_model)
{
	PAGE;
	const struct wishes *wishes = &page->task->wishes;
	const bool has_all = page->view->has_originals || wishes->all_definitions;
	struct text inner = { 0 };

	text_printf(&inner,
	    "{\"status\":10,\"message\":\"success\",\"version\":1,\"enable_ssl\":false,"
	    "\"video_duration\":5.042,\"media_type\":\"video\",\"url_expire\":%lld,"
	    "\"big_thumbs\":null,\"video_list\":{",
	    (long long)page_now_s(page) + 3600);
	write_model_row(
	    &inner, page, wishes->sample ? VARIANT_SAMPLE : VARIANT_ORIGINAL, 1);
	if (wishes->sample && has_all) {
		write_model_row(&inner, page, VARIANT_MIDDLE, 2);
		write_model_row(&inner, page, VARIANT_ORIGINAL, 3);
	}
	text_puts(&inner, "}}");
	text_json(out, text_str(&inner));
	text_release(&inner);
}

void record_write_film(const struct record_view *view, const struct task *task,
    enum variant variant, struct text *out)
{
	const struct page page = record_page(view, task);
	const struct jimeng *jimeng = view->jimeng;
	const struct variant_row *row = variant_row(variant, task->wishes.sample);
	uint8_t sum[ASSET_MD5];
	char vid[VID_MAX];

	record_vid(task, 0, vid);
	text_printf(out,
	    "{\"vid\":\"%s\",\"fps\":24,\"width\":%u,\"height\":%u,\"duration\":6,"
	    "\"video_url\":\"",
	    vid, row->width, row->height);
	write_variant_link(out, &page, variant);
	text_printf(out,
	    "\",\"format\":\"mp4\",\"definition\":\"%s\",\"logo_type\":\"%s\",\"md5\":\"",
	    row->definition, task->wishes.sample ? row->logo : "");
	store_md5(jimeng->store, jimeng->studio, task, variant_file(0, variant), sum);
	text_hex(out, sum, sizeof(sum));
	text_printf(out, "\",\"size\":%llu,\"video_id\":\"%s\"}",
	    (unsigned long long)variant_size(&page, variant), vid);
}

const struct template_mark record_media_marks[] = {
	{ "audio_file", fill_audio_file },
	{ "audio_item_url", fill_audio_item_url },
	{ "common_video", fill_common_video },
	{ "definition", fill_definition },
	{ "large_images", fill_large_images },
	{ "logo_type", fill_logo_type },
	{ "md5", fill_md5 },
	{ "origin_audio", fill_origin_audio },
	{ "size", fill_size },
	{ "transcoded_video", fill_transcoded_video },
	{ "video_height", fill_video_height },
	{ "video_model", fill_video_model },
	{ "video_url", fill_video_url },
	{ "video_width", fill_video_width },
	{ 0 },
};
