/*
 * Where a link may be is a table of sources, best first. Behind the documented
 * places stand aliases that were seen in clients' code only (B5.2, B5.3); they
 * are a last resort, and their size and md5 are not believed.
 */
#include "service/jimeng/read/assets.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/taskid.h"
#include "service/jimeng/read/assetlink.h"
#include "service/jimeng/read/facts.h"
#include "service/jimeng/read/limits.h"
#include "service/jimeng/read/variants.h"

enum { URI_SCRATCH_MAX = 64 << 10 };

struct source {
	const char *holder; /* the object that describes the file */
	const char *link; /* its field: a string, or an array of strings */
	enum media_kind kind;
	bool is_alias;
	bool needs_hint; /* only when item or record is known to be of this kind */
};

/* The largest of a video's definitions comes behind the row with this holder. */
static const char best_definition[] = "video.transcoded_video.origin";

static const struct source sources[] = {
	{ best_definition, "video_url", MEDIA_VIDEO, false, false },
	{ "video.video_resource", "video_url", MEDIA_VIDEO, false, false },
	{ "video.origin_video", "video_url", MEDIA_VIDEO, false, false },
	{ "video.origin_video", "url", MEDIA_VIDEO, false, false },
	{ "common_attr.transcoded_video.origin", "video_url", MEDIA_VIDEO, true, false },
	{ "video", "play_url", MEDIA_VIDEO, true, false },
	{ "video", "download_url", MEDIA_VIDEO, true, false },
	{ "video", "url", MEDIA_VIDEO, true, false },
	{ "video", "video_url", MEDIA_VIDEO, true, false },
	{ "video.play_addr", "url_list", MEDIA_VIDEO, true, false },
	{ "common_attr", "item_urls", MEDIA_VIDEO, true, true },
	{ "audio.origin_audio", "url", MEDIA_AUDIO, false, false },
	{ "common_attr.file", "file_url", MEDIA_AUDIO, true, true },
	{ "common_attr", "item_urls", MEDIA_AUDIO, true, true },
};

static const char *const uri_names[] = {
	"image_uri",
	"video_uri",
	"audio_uri",
	"uri",
	"vid",
	"video_id",
	NULL,
};

struct reader {
	struct fields *fields;
	struct asset_list *list;
	enum media_kind hint;
	int64_t assumed_unix;
};

/* Finds a usable link of the object; one that is there but no good is counted. */
static const char *usable_link(
    const struct reader *reader, const cJSON *holder, const char *name)
{
	const char *link = fields_link(reader->fields, holder, name);

	if (!link || assetlink_is_usable(link))
		return link;
	reader->list->bad_links++;
	return NULL;
}

static const char *read_uri(
    struct fields *fields, const cJSON *item, const cJSON *holder, const char *link)
{
	const char *uri = NULL;

	for (size_t i = 0; uri_names[i] && !uri; i++)
		uri = fields_text(fields, holder, uri_names[i], FIELD_TEXT_MAX);
	if (!uri)
		uri = fields_text(fields, item, "video.video_id", FIELD_TEXT_MAX);
	if (!uri)
		uri = assetlink_object(fields->arena, link);
	if (!uri)
		fields->no_memory = true;
	return uri;
}

static int64_t read_duration_ms(const struct reader *reader, const cJSON *item)
{
	int64_t ms =
	    fact_measure(reader->fields, item, "video.duration_ms", FACT_DURATION_MAX_MS);

	if (!ms)
		ms = fact_measure(reader->fields, item, "video.video_resource.duration",
		    FACT_DURATION_MAX_MS);
	if (!ms) {
		const double s =
		    json_get_double(item, "video.duration", 0, reader->fields->mistyped);

		ms = s > 0 && s * 1000 <= (double)FACT_DURATION_MAX_MS
		    ? (int64_t)(s * 1000)
		    : 0;
	}
	return ms ? ms : -1;
}

/* What more can be asked by (B8). */
static const char *read_item_id(const struct reader *reader, const cJSON *item)
{
	const char *id = fields_code(reader->fields, item, "common_attr.id");

	if (!id)
		id = fields_code(reader->fields, item, "common_attr.local_item_id");
	return taskid_is_valid(id) ? id : NULL;
}

static bool is_known(const struct asset_list *list, const char *uri)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->at[i].uri, uri))
			return true;
	return false;
}

/*
 * The uri of a file that is not on the list yet, and finds room there; else NULL. It is
 * read aside: however often one file is named, the task's arena holds it once.
 */
static const char *new_uri(
    const struct reader *reader, const cJSON *item, const cJSON *holder, const char *link)
{
	_cleanup_(arena_release) struct arena scratch = arena_make(URI_SCRATCH_MAX);
	struct fields aside = { .arena = &scratch, .mistyped = reader->fields->mistyped };
	const char *uri = read_uri(&aside, item, holder, link);

	if (!uri) {
		reader->fields->no_memory = true;
		return NULL;
	}
	if (is_known(reader->list, uri))
		return NULL;
	if (reader->list->n < ANSWER_ASSETS_MAX)
		return fields_keep(reader->fields, uri);
	reader->list->left_out++;
	return NULL;
}

/* Put the file that `holder` describes on the list, unless its uri is there already. */
static void add_asset(const struct reader *reader, const cJSON *item, const cJSON *holder,
    const char *link, const struct source *source)
{
	struct asset_list *list = reader->list;
	const char *uri = new_uri(reader, item, holder, link);
	const bool is_video = source->kind == MEDIA_VIDEO;
	int64_t size = source->is_alias
	    ? 0
	    : fact_measure(reader->fields, holder, "size", FACT_SIZE_MAX_BYTES);

	if (!uri)
		return;
	list->at[list->n] = (struct asset){
		.index = (int)list->n,
		.kind = source->kind,
		.state = ASSET_WANTED,
		.uri = uri,
		.url = fields_keep(reader->fields, link),
		.expires_unix =
		    fact_expiry(reader->fields, holder, link, reader->assumed_unix),
		.width = fact_measure(reader->fields, holder, "width", FACT_SIDE_MAX),
		.height = fact_measure(reader->fields, holder, "height", FACT_SIDE_MAX),
		.duration_ms = is_video ? read_duration_ms(reader, item) : -1,
		.format = fact_format(reader->fields, holder),
		.md5 = source->is_alias ? NULL : fact_md5(reader->fields, holder),
		.size_bytes = size ? size : -1,
		.stored_bytes = -1,
		.offer.item = read_item_id(reader, item),
	};
	variants_read(
	    reader->fields, item, holder, &list->at[list->n], reader->assumed_unix);
	list->n++;
}

/* Returns the number of pixels. */
static double area(const struct reader *reader, const cJSON *object)
{
	return (double)fact_measure(reader->fields, object, "width", FACT_SIDE_MAX) *
	    (double)fact_measure(reader->fields, object, "height", FACT_SIDE_MAX);
}

/* Finds the largest child of `group` with a usable link; NULL when there is none. */
static const cJSON *largest(
    const struct reader *reader, const cJSON *group, const char *link_name)
{
	const cJSON *best = NULL, *child;
	double best_area = -1;

	cJSON_ArrayForEach(child, group) {
		const double child_area =
		    cJSON_IsObject(child) ? area(reader, child) : -1;

		if (child_area > best_area && usable_link(reader, child, link_name)) {
			best = child;
			best_area = child_area;
		}
	}
	return best;
}

static bool add_largest_definition(const struct reader *reader, const cJSON *item)
{
	static const struct source source = { .kind = MEDIA_VIDEO };
	const cJSON *group =
	    json_get_object(item, "video.transcoded_video", reader->fields->mistyped);
	const cJSON *best = group ? largest(reader, group, "video_url") : NULL;

	if (best)
		add_asset(reader, item, best,
		    fields_link(reader->fields, best, "video_url"), &source);
	return best != NULL;
}

/* Is there an object with something in it? */
static bool has_part(const cJSON *item, const char *name)
{
	const cJSON *part = json_find(item, name);

	return cJSON_IsObject(part) && part->child;
}

static bool add_from_source(const struct reader *reader, const cJSON *item,
    const struct source *source, bool is_of_kind)
{
	const cJSON *holder;
	const char *link;

	if (source->needs_hint && !is_of_kind)
		return false;
	holder = json_get_object(item, source->holder, reader->fields->mistyped);
	link = holder ? usable_link(reader, holder, source->link) : NULL;
	if (link) {
		add_asset(reader, item, holder, link, source);
		return true;
	}
	return source->holder == best_definition && add_largest_definition(reader, item);
}

static bool add_media(
    const struct reader *reader, const cJSON *item, enum media_kind kind)
{
	const bool is_of_kind =
	    reader->hint == kind || has_part(item, media_kind_name(kind));

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (sources[i].kind == kind &&
		    add_from_source(reader, item, &sources[i], is_of_kind))
			return true;
	return false;
}

static void add_image(const struct reader *reader, const cJSON *item)
{
	static const struct source source = { .kind = MEDIA_IMAGE };
	const cJSON *images =
	    json_get_array(item, "image.large_images", reader->fields->mistyped);
	const cJSON *best = images ? largest(reader, images, "image_url") : NULL;
	const size_t before = reader->list->n;

	if (!best)
		return;
	add_asset(
	    reader, item, best, fields_link(reader->fields, best, "image_url"), &source);
	if (reader->list->n > before && !reader->list->at[before].format)
		reader->list->at[before].format =
		    fact_format(reader->fields, json_find(item, "image"));
}

static void read_item(const struct reader *reader, const cJSON *item)
{
	const bool is_moving = has_part(item, "video") || has_part(item, "audio");

	if (!cJSON_IsObject(item)) {
		(*reader->fields->mistyped)++;
		return;
	}
	if (add_media(reader, item, MEDIA_VIDEO) || add_media(reader, item, MEDIA_AUDIO))
		return;
	/* A picture beside a video that is not there yet is its preview. */
	if (!is_moving || reader->hint == MEDIA_IMAGE)
		add_image(reader, item);
}

struct asset_list assets_read(
    struct fields *fields, const cJSON *items, enum media_kind hint, int64_t assumed_unix)
{
	struct asset_list list = { 0 };
	const struct reader reader = { fields, &list, hint, assumed_unix };
	const size_t n = items ? (size_t)cJSON_GetArraySize(items) : 0;
	const size_t room = n < ANSWER_ASSETS_MAX ? n : ANSWER_ASSETS_MAX;
	const cJSON *item;

	if (room == 0)
		return list;
	list.at = arena_alloc(fields->arena, room * sizeof(*list.at));
	if (!list.at) {
		fields->no_memory = true;
		return list;
	}
	cJSON_ArrayForEach(item, items)
		read_item(&reader, item);
	return list;
}
