#include "service/jimeng/read/variants.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "service/jimeng/read/assetlink.h"
#include "service/jimeng/read/facts.h"

enum {
	CODED_MAX = 2 * ASSETLINK_MAX, /* of a link in base64 */
	MODEL_BYTES_MAX = 256 << 10, /* of a video_model; seen: 3.6 kB */
	MODEL_VALUES_MAX = 4000,
	WORD_MAX = 64, /* of a definition, a mark */
	KBIT = 1000,
	PARAMETER_MAX = 128, /* bytes of a parameter of a link */
};

/* What is gathered of one file. */
struct gathering {
	struct fields *fields; /* of the record; what is odd here does not count there */
	int64_t assumed_unix;
	struct variant all[VARIANTS_MAX];
	size_t n;
};

/* --- what a link tells ------------------------------------------------------------- */

/* The value of a parameter of its query, cut; "": it has none. */
static const char *parameter(const char *url, const char *name, char value[PARAMETER_MAX])
{
	const size_t len = strlen(name);
	const char *at = strchr(url, '?');

	value[0] = '\0';
	while (at && *at) {
		const size_t span = strcspn(++at, "&#");

		if (span > len && !strncmp(at, name, len) && at[len] == '=' &&
		    span - len - 1 < PARAMETER_MAX) {
			memcpy(value, at + len + 1, span - len - 1);
			value[span - len - 1] = '\0';
		}
		at = at[span] == '&' ? at + span : NULL;
	}
	return value;
}

static int64_t bitrate_in(const char *url)
{
	char value[PARAMETER_MAX];
	uint64_t kbits = 0;

	return text_uint(parameter(url, "br", value), 1, FACT_BITRATE_MAX / KBIT, &kbits)
	    ? (int64_t)kbits * KBIT
	    : 0;
}

/* A mark that either tells of is there, whatever the other says. */
static const char *logo_of(struct fields *fields, const cJSON *holder, const char *url)
{
	const char *told = json_get_string(holder, "logo_type", NULL);
	const char *logo = fields_text(fields, holder, "logo_type", WORD_MAX);
	char value[PARAMETER_MAX];

	if (logo)
		return logo;
	if (*parameter(url, "lr", value) && strlen(value) <= WORD_MAX)
		return fields_keep(fields, value);
	return told ? "" : NULL;
}

/* --- gathering ---------------------------------------------------------------------- */

static const char *other_text(const char *known, const char *told)
{
	return known ? known : told;
}

static int64_t other_number(int64_t known, int64_t told)
{
	return known > 0 ? known : told;
}

/* The same object, told of once more. */
static void complete(struct variant *known, const struct variant *told)
{
	known->definition = other_text(known->definition, told->definition);
	if (known->width == 0 || known->height == 0) {
		known->width = told->width;
		known->height = told->height;
	}
	known->bitrate = other_number(known->bitrate, told->bitrate);
	known->about_bytes = other_number(known->about_bytes, told->about_bytes);
	if (!known->logo || !*known->logo)
		known->logo = other_text(told->logo, known->logo);
	known->size_bytes = other_number(known->size_bytes, told->size_bytes);
	known->md5 = other_text(known->md5, told->md5);
	known->format = other_text(known->format, told->format);
}

static bool has_room(const struct gathering *gathering)
{
	return gathering->n < VARIANTS_MAX &&
	    gathering->fields->arena->used_bytes < VARIANTS_ROOM;
}

static void add(struct gathering *gathering, struct variant *variant, const char *url)
{
	struct fields *fields = gathering->fields;

	if (!variant->bitrate)
		variant->bitrate = bitrate_in(url);
	variant->object = assetlink_object(fields->arena, url);
	for (size_t i = 0; i < gathering->n; i++)
		if (variant_is_same(&gathering->all[i], variant)) {
			complete(&gathering->all[i], variant);
			return;
		}
	variant->url = fields_keep(fields, url);
	if (variant->object && variant->url)
		gathering->all[gathering->n++] = *variant;
}

/* What transcoded_video and large_images tell of a file. */
static void add_file(struct gathering *gathering, const cJSON *holder,
    const char *link_name, bool is_believed)
{
	struct fields *fields = gathering->fields;
	const char *url =
	    has_room(gathering) ? fields_link(fields, holder, link_name) : NULL;
	struct variant variant = { .size_bytes = -1 };
	int64_t bytes;

	if (!url || !assetlink_is_usable(url))
		return;
	bytes = fact_measure(fields, holder, "size", FACT_SIZE_MAX_BYTES);
	variant = (struct variant){
		.definition = fields_text(fields, holder, "definition", WORD_MAX),
		.width = fact_measure(fields, holder, "width", FACT_SIDE_MAX),
		.height = fact_measure(fields, holder, "height", FACT_SIDE_MAX),
		.bitrate = fact_measure(fields, holder, "bitrate", FACT_BITRATE_MAX),
		.about_bytes = is_believed ? 0 : bytes,
		.logo = logo_of(fields, holder, url),
		.expires_unix = fact_expiry(fields, holder, url, gathering->assumed_unix),
		.size_bytes = is_believed && bytes ? bytes : -1,
		.md5 = is_believed ? fact_md5(fields, holder) : NULL,
		.format = fact_format(fields, holder),
	};
	add(gathering, &variant, url);
}

/* --- what the player is told -------------------------------------------------------- */

/* malloc'ed; NULL: it is none, or no memory. */
static char *decode_link(const char *text)
{
	const size_t len = strnlen(text, CODED_MAX);
	unsigned char *bytes;
	int n;

	if (assetlink_is_usable(text))
		return strdup(text);
	if (len == 0 || len == CODED_MAX || len % 4)
		return NULL;
	bytes = calloc(len + 1, 1);
	if (!bytes)
		return NULL;
	n = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);
	if (n > 0 && strlen((char *)bytes) + 2 >= (size_t)n &&
	    assetlink_is_usable((char *)bytes))
		return (char *)bytes;
	free(bytes);
	return NULL;
}

static void add_quality(
    struct gathering *gathering, const cJSON *quality, int64_t expires_unix)
{
	struct fields *fields = gathering->fields;
	const char *text = json_get_string(quality, "main_url", NULL);
	_cleanup_free_ char *url = text && has_room(gathering) ? decode_link(text) : NULL;
	struct variant variant;

	if (!url)
		return;
	variant = (struct variant){
		.definition = fields_text(fields, quality, "definition", WORD_MAX),
		.width = fact_measure(fields, quality, "vwidth", FACT_SIDE_MAX),
		.height = fact_measure(fields, quality, "vheight", FACT_SIDE_MAX),
		.bitrate = fact_measure(fields, quality, "bitrate", FACT_BITRATE_MAX),
		.about_bytes = fact_measure(fields, quality, "size", FACT_SIZE_MAX_BYTES),
		.logo = logo_of(fields, quality, url),
		.expires_unix = fact_expiry(fields, quality, url, expires_unix),
		.size_bytes = -1,
		.format = fields_text(fields, quality, "vtype", WORD_MAX),
	};
	add(gathering, &variant, url);
}

static void add_model(struct gathering *gathering, const cJSON *item)
{
	_cleanup_(json_deletep) cJSON *model = NULL;
	const char *text = json_get_string(item, "video.video_model", NULL);
	const size_t len = text ? strnlen(text, MODEL_BYTES_MAX) : 0;
	const cJSON *list, *quality;
	int64_t expire_ms;
	struct err ignored;

	if (len == 0 || len == MODEL_BYTES_MAX ||
	    json_parse_within(text, len, MODEL_VALUES_MAX, &model, &ignored))
		return;
	expire_ms = fields_time_ms(gathering->fields, model, "url_expire");
	list = cJSON_GetObjectItemCaseSensitive(model, "video_list");
	cJSON_ArrayForEach(quality, list)
		if (cJSON_IsObject(quality))
			add_quality(gathering, quality,
			    expire_ms ? expire_ms / 1000 : gathering->assumed_unix);
}

/* --- together ----------------------------------------------------------------------- */

static void add_group(struct gathering *gathering, const cJSON *item, const char *path,
    const char *link_name, bool is_believed)
{
	const cJSON *group = json_find(item, path), *child;

	if (!cJSON_IsObject(group) && !cJSON_IsArray(group))
		return;
	cJSON_ArrayForEach(child, group)
		if (cJSON_IsObject(child))
			add_file(gathering, child, link_name, is_believed);
}

/* The one that the record is known by, as it was read already. */
static void add_known(
    struct gathering *gathering, const struct asset *asset, const cJSON *holder)
{
	struct fields *fields = gathering->fields;

	gathering->all[gathering->n++] = (struct variant){
		.definition = fields_text(fields, holder, "definition", WORD_MAX),
		.width = asset->width,
		.height = asset->height,
		.bitrate = bitrate_in(asset->url),
		.logo = logo_of(fields, holder, asset->url),
		.object = assetlink_object(fields->arena, asset->url),
		.url = asset->url,
		.expires_unix = asset->expires_unix,
		.size_bytes = asset->size_bytes,
		.md5 = asset->md5,
		.format = asset->format,
	};
}

static void add_others(
    struct gathering *gathering, const cJSON *item, enum media_kind kind)
{
	if (kind == MEDIA_IMAGE) {
		add_group(gathering, item, "image.large_images", "image_url", true);
		return;
	}
	add_group(gathering, item, "video.transcoded_video", "video_url", true);
	add_group(gathering, item, "common_attr.transcoded_video", "video_url", false);
	add_model(gathering, item);
}

/* Most records are of pictures that there are once, and cost nothing here. */
static bool has_choice(const cJSON *item, enum media_kind kind)
{
	const cJSON *images;

	if (kind != MEDIA_IMAGE)
		return kind == MEDIA_VIDEO;
	images = json_find(item, "image.large_images");
	return images && images->child && images->child->next;
}

void variants_read(struct fields *fields, const cJSON *item, const cJSON *holder,
    struct asset *asset, int64_t assumed_unix)
{
	unsigned odd = 0;
	struct fields aside = { .arena = fields->arena, .mistyped = &odd };
	struct gathering gathering = { .fields = &aside, .assumed_unix = assumed_unix };
	struct variant *kept;

	if (!has_choice(item, asset->kind) || !asset->url || !has_room(&gathering))
		return;
	add_known(&gathering, asset, holder);
	add_others(&gathering, item, asset->kind);
	if (asset->kind == MEDIA_IMAGE && gathering.n < 2)
		return; /* one of them only has a link */
	kept = arena_alloc(fields->arena, gathering.n * sizeof(*kept));
	if (!kept)
		return;
	memcpy(kept, gathering.all, gathering.n * sizeof(*kept));
	asset->offer.variants = kept;
	asset->offer.n = gathering.n;
}
