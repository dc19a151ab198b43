#include "service/jimeng/send/web_draft.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"

enum { SEED_SPAN = 100000000, NUMBER_MAX = 40 };

/* From where on clients draw it; so it always has ten digits. */
static const uint32_t seed_first = 2500000000;
static const int64_t moment_max = INT64_C(9999999999999);

/* --- sizes ------------------------------------------------------------------------ */

/*
 * What public clients have of the page's menu (C); the capture has 1:1 in 2k. In 4k the
 * numbers of the shapes are a hundred higher.
 */
#define SHAPES(X)                                       \
	X("21:9", 8, 1195, 512, 3024, 1296, 6048, 2592) \
	X("16:9", 3, 1024, 576, 2560, 1440, 5120, 2880) \
	X("3:2", 7, 1024, 682, 2496, 1664, 4992, 3328)  \
	X("4:3", 4, 1024, 768, 2304, 1728, 4608, 3456)  \
	X("1:1", 1, 1024, 1024, 2048, 2048, 4096, 4096) \
	X("3:4", 2, 768, 1024, 1728, 2304, 3456, 4608)  \
	X("2:3", 6, 682, 1024, 1664, 2496, 3328, 4992)  \
	X("9:16", 5, 576, 1024, 1440, 2560, 2880, 5120)

static const struct shape {
	const char *ratio;
	struct web_size sizes[3];
} shapes[] = {
#define X(ratio_, n, w1, h1, w2, h2, w4, h4)                            \
	{ (ratio_),                                                     \
		{ { "1k", (w1), (h1), (n) }, { "2k", (w2), (h2), (n) }, \
		    { "4k", (w4), (h4), (n) + 100 } } },
	SHAPES(X)
#undef X
};

const struct web_size *web_size_find(const char *ratio, const char *resolution)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		for (size_t k = 0; k < 3 && !strcmp(shapes[i].ratio, ratio); k++)
			if (!strcmp(shapes[i].sizes[k].resolution, resolution))
				return &shapes[i].sizes[k];
	return NULL;
}

/* --- names ------------------------------------------------------------------------ */

static enum err_kind draw(
    const char *submit_id, size_t k, char ret_hex[HASH_HEX_MAX], struct err *err)
{
	char text[128];
	const int n = snprintf(text, sizeof(text), "draft %zu of %s", k, submit_id);

	return hash_text(HASH_SHA256, text, (size_t)n, ret_hex, err);
}

/* As a UUID of version 4 is written. */
static void write_id(const char *hex, char ret_id[WEB_ID_LEN + 1])
{
	static const char variants[] = "89ab";

	(void)snprintf(ret_id, WEB_ID_LEN + 1, "%.8s-%.4s-4%.3s-%c%.3s-%.12s", hex,
	    hex + 8, hex + 13, variants[hex[16] & 3], hex + 17, hex + 20);
}

enum err_kind web_draft_name(
    struct web_draft *draft, const char *submit_id, struct err *err)
{
	char hex[HASH_HEX_MAX];

	for (size_t k = 0; k < WEB_PARTS; k++) {
		if (draw(submit_id, k, hex, err))
			return err->kind;
		write_id(hex, draft->ids[k]);
	}
	if (draw(submit_id, WEB_PARTS, hex, err))
		return err->kind;
	hex[8] = '\0';
	draft->seed = seed_first + (uint32_t)(strtoul(hex, NULL, 16) % SEED_SPAN);
	return ERR_OK;
}

/* Always of thirteen digits; what is no time at all is none. */
static int64_t moment_of(int64_t made_unix_ms)
{
	return made_unix_ms < 0 || made_unix_ms > moment_max ? 0 : made_unix_ms;
}

/* --- the text --------------------------------------------------------------------- */

static void add_text(struct buf *into, const char *text)
{
	_cleanup_(json_deletep) cJSON *json = cJSON_CreateString(text);
	_cleanup_free_ char *quoted = json ? cJSON_PrintUnformatted(json) : NULL;

	if (quoted)
		buf_addf(into, "%s", quoted);
	else
		into->failed = true;
}

static void add_head(struct buf *into, const struct web_draft *draft)
{
	const char(*id)[WEB_ID_LEN + 1] = draft->ids;

	buf_addf(into,
	    "{\"type\":\"draft\",\"id\":\"%s\",\"min_version\":\"3.0.2\","
	    "\"min_features\":[],\"is_from_tsn\":true,\"version\":\"%s\","
	    "\"main_component_id\":\"%s\",\"component_list\":[{"
	    "\"type\":\"image_base_component\",\"id\":\"%s\",\"min_version\":\"3.0.2\","
	    "\"aigc_mode\":\"workbench\",\"gen_type\":1,\"metadata\":{\"type\":\"\","
	    "\"id\":\"%s\",\"created_platform\":3,\"created_platform_version\":\"\","
	    "\"created_time_in_ms\":\"%0*" PRId64 "\",\"created_did\":\"\"},"
	    "\"generate_type\":\"generate\",\"abilities\":{\"type\":\"\",\"id\":\"%s\",",
	    id[WEB_DRAFT], draft->version, id[WEB_COMPONENT], id[WEB_COMPONENT],
	    id[WEB_METADATA], WEB_MOMENT_LEN, moment_of(draft->made_unix_ms),
	    id[WEB_ABILITIES]);
}

static void add_core_param(struct buf *into, const struct web_draft *draft)
{
	const struct web_size *size = draft->size;

	buf_addf(into, "\"core_param\":{\"type\":\"\",\"id\":\"%s\",\"model\":",
	    draft->ids[WEB_CORE_PARAM]);
	add_text(into, draft->model);
	buf_addf(into, ",\"prompt\":");
	add_text(into, draft->prompt);
	buf_addf(into, ",\"negative_prompt\":");
	add_text(into, draft->negative_prompt);
	buf_addf(into,
	    ",\"seed\":%" PRIu32 ",\"sample_strength\":%s,\"image_ratio\":%u,"
	    "\"large_image_info\":{\"type\":\"\",\"id\":\"%s\",\"height\":%u,"
	    "\"width\":%u,\"resolution_type\":\"%s\"},\"intelligent_ratio\":false}",
	    draft->seed, draft->sample_strength, size->ratio, draft->ids[WEB_IMAGE_INFO],
	    size->height, size->width, size->resolution);
}

/* The number of pictures counts under `abilities`, and nowhere else (PROTOCOL B14). */
static void add_count(struct buf *into, const struct web_draft *draft)
{
	if (draft->count > 0)
		buf_addf(into,
		    ",\"gen_option\":{\"type\":\"\",\"id\":\"%s\",\"gen_count\":%u,"
		    "\"generate_all\":false}",
		    draft->ids[WEB_GEN_OPTION], draft->count);
}

enum err_kind web_draft_write(
    const struct web_draft *draft, struct buf *into, struct err *err)
{
	add_head(into, draft);
	buf_addf(
	    into, "\"generate\":{\"type\":\"\",\"id\":\"%s\",", draft->ids[WEB_GENERATE]);
	add_core_param(into, draft);
	buf_addf(into, ",\"history_option\":{\"type\":\"\",\"id\":\"%s\"}}",
	    draft->ids[WEB_HISTORY_OPTION]);
	add_count(into, draft);
	buf_addf(into, "}}]}");
	if (buf_failed(into))
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	return ERR_OK;
}

/* --- another task's ---------------------------------------------------------------- */

/* Both are of one length. */
static void replace(char *text, const char *from, const char *to)
{
	const size_t len = strlen(from);

	for (char *at = text; (at = strstr(at, from)) != NULL; at += len)
		memcpy(at, to, len);
}

/* A seed that somebody has chosen is none of ours, and stays. */
static void replace_seed(char *text, uint32_t from, uint32_t to)
{
	char old[NUMBER_MAX], new[NUMBER_MAX];

	(void)snprintf(old, sizeof(old), ":%" PRIu32 ",", from);
	(void)snprintf(new, sizeof(new), ":%" PRIu32 ",", to);
	replace(text, old, new);
}

/* The digits behind the field of that name, whose quotes may be escaped. */
static void replace_moment(char *metadata, int64_t made_unix_ms)
{
	static const char name[] = "created_time_in_ms";
	char digits[NUMBER_MAX], *at = metadata ? strstr(metadata, name) : NULL;

	if (!at)
		return;
	at += sizeof(name) - 1;
	at += strspn(at, "\\\":");
	(void)snprintf(digits, sizeof(digits), "%0*" PRId64, WEB_MOMENT_LEN,
	    moment_of(made_unix_ms));
	if (strspn(at, "0123456789") == WEB_MOMENT_LEN)
		memcpy(at, digits, WEB_MOMENT_LEN);
}

enum err_kind web_draft_rename(char *text, const char *old_id, const char *new_id,
    int64_t made_unix_ms, struct err *err)
{
	struct web_draft from = { 0 }, to = { 0 };

	if (web_draft_name(&from, old_id, err) || web_draft_name(&to, new_id, err))
		return err->kind;
	if (!strstr(text, from.ids[WEB_DRAFT]))
		return ERR_OK;
	for (size_t k = 0; k < WEB_PARTS; k++)
		replace(text, from.ids[k], to.ids[k]);
	replace_seed(text, from.seed, to.seed);
	replace_moment(strstr(text, to.ids[WEB_METADATA]), made_unix_ms);
	return ERR_OK;
}
