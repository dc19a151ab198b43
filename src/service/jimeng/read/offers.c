#include "service/jimeng/read/offers.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "service/jimeng/read/assetlink.h"
#include "service/jimeng/read/assets.h"

enum { ASSUMED_LIFE_S = 60 * 60 /* of a link that does not tell, as in a record */ };

/* What is read of one answer. */
struct reader {
	struct fields fields;
	unsigned odd;
	int64_t assumed_unix;
	struct offers *offers;
	const struct service_file *files;
};

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for an answer");
}

void offers_release(struct offers *offers)
{
	arena_release(&offers->arena);
	free(offers->all);
	*offers = (struct offers){ 0 };
}

/* --- one file ---------------------------------------------------------------------- */

/* The first file of an item; NULL: it has none. */
static const struct asset *read_item(struct reader *reader, const cJSON *item)
{
	_cleanup_(json_deletep) cJSON *items = cJSON_CreateArray();
	struct asset_list list;

	if (!items || !cJSON_AddItemReferenceToArray(items, (cJSON *)(uintptr_t)item)) {
		reader->fields.no_memory = true;
		return NULL;
	}
	list = assets_read(&reader->fields, items, MEDIA_UNKNOWN, reader->assumed_unix);
	return list.n > 0 ? list.at : NULL;
}

/*
 * An answer that is about another file: it names one. That of a film is no name when its
 * link was all that there was to name it by, since each variant has its own.
 */
static bool is_of_another(
    struct reader *reader, const struct asset *asset, const char *uri)
{
	const char *object;

	if (!uri || !asset->uri || !strcmp(asset->uri, uri))
		return false;
	if (asset->kind == MEDIA_IMAGE)
		return true;
	object = assetlink_object(reader->fields.arena, asset->url);
	return !object || strcmp(asset->uri, object) != 0;
}

static void offer(struct reader *reader, size_t i, const cJSON *item, const char *uri)
{
	const struct asset *asset = read_item(reader, item);

	if (asset && asset->url && !is_of_another(reader, asset, uri))
		reader->offers->all[i].asset = asset;
}

/* --- items by their ids ------------------------------------------------------------- */

static bool is_item(struct reader *reader, const cJSON *item, const char *name)
{
	static const char *const paths[] = { "common_attr.id",
		"common_attr.local_item_id" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const char *id = fields_code(&reader->fields, item, paths[i]);

		if (id)
			return !strcmp(id, name);
	}
	return false;
}

static void offer_items(struct reader *reader, const cJSON *list)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
		for (size_t i = 0; cJSON_IsObject(item) && i < reader->offers->n; i++)
			if (!reader->offers->all[i].asset &&
			    is_item(reader, item, reader->files[i].name))
				offer(reader, i, item, reader->files[i].uri);
}

/* --- files by their own names ------------------------------------------------------- */

/* As an item has it: {"image":{"large_images":[FILE]}} or {"video":FILE}. */
static cJSON *wrap(const cJSON *file, enum service_files which)
{
	cJSON *item = cJSON_CreateObject(), *borrowed = (cJSON *)(uintptr_t)file;
	cJSON *image, *list;
	bool is_whole = item != NULL;

	if (is_whole && which == SERVICE_FILMS)
		is_whole = cJSON_AddItemReferenceToObject(item, "video", borrowed);
	if (is_whole && which == SERVICE_IMAGES) {
		image = cJSON_AddObjectToObject(item, "image");
		list = image ? cJSON_AddArrayToObject(image, "large_images") : NULL;
		is_whole = list && cJSON_AddItemReferenceToArray(list, borrowed);
	}
	if (is_whole)
		return item;
	cJSON_Delete(item);
	return NULL;
}

static void offer_named(struct reader *reader, const cJSON *map, enum service_files which)
{
	for (size_t i = 0; i < reader->offers->n; i++) {
		const char *name = reader->files[i].name;
		const cJSON *file = cJSON_GetObjectItemCaseSensitive(map, name);
		_cleanup_(json_deletep) cJSON *item =
		    cJSON_IsObject(file) ? wrap(file, which) : NULL;

		if (item)
			offer(reader, i, item, name);
		else if (cJSON_IsObject(file))
			reader->fields.no_memory = true;
	}
}

/* --- around it ---------------------------------------------------------------------- */

/* Where the list may be, the measured place first. */
static const char *const places[SERVICE_FILES][4] = {
	[SERVICE_ORIGINALS] = { "data.item_list", "data.local_item_list", NULL },
	[SERVICE_IMAGES] = { "data.uri2image", "uri2image", NULL },
	[SERVICE_FILMS] = { "data.vid2video", "vid2video", NULL },
};

static const cJSON *find_list(const cJSON *json, enum service_files which)
{
	const cJSON *list = NULL;

	for (size_t i = 0; places[which][i] && !list; i++)
		list = json_find(json, places[which][i]);
	return list;
}

static enum err_kind read_all(
    struct reader *reader, const cJSON *json, enum service_files which, struct err *err)
{
	const cJSON *list = find_list(json, which);
	const bool is_list =
	    which == SERVICE_ORIGINALS ? cJSON_IsArray(list) : cJSON_IsObject(list);

	if (!list && !json_find(json, "data"))
		return ERR_OK;
	if (!is_list)
		return err_set(err, ERR_CONTRACT,
		    "the answer has no list of the files that were asked for");
	if (cJSON_GetArraySize(list) > ANSWER_RECORDS_MAX)
		return err_set(err, ERR_CONTRACT, "the answer has more than %d files",
		    ANSWER_RECORDS_MAX);
	if (which == SERVICE_ORIGINALS)
		offer_items(reader, list);
	else
		offer_named(reader, list, which);
	return reader->fields.no_memory ? no_memory(err) : ERR_OK;
}

static int64_t assumed_unix(const struct answer *answer)
{
	const int64_t server_ms = answer_server_unix_ms(answer);

	return server_ms > 0 ? server_ms / 1000 + ASSUMED_LIFE_S : 0;
}

enum err_kind offers_read(const struct answer *answer, enum service_files which,
    const struct service_file *files, size_t n, struct offers *ret_offers,
    struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	const struct json_slice text = answer_text(answer);
	_cleanup_(offers_release) struct offers offers = {
		.arena = arena_make(ANSWER_RECORD_STRINGS_MAX),
		.all = calloc(n, sizeof(*offers.all)),
		.n = n,
	};
	struct reader reader = {
		.assumed_unix = assumed_unix(answer), .offers = &offers, .files = files
	};

	reader.fields =
	    (struct fields){ .arena = &offers.arena, .mistyped = &reader.odd };
	if (!offers.all)
		return no_memory(err);
	if (json_parse_within(text.bytes, text.len, ANSWER_VALUES_MAX, &json, err) ||
	    read_all(&reader, json, which, err))
		return err->kind;
	*ret_offers = offers;
	offers = (struct offers){ 0 };
	return ERR_OK;
}
