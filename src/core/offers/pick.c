#include "core/offers/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { CHOSEN_BYTES_MAX = 64 << 10 };

/* --- all that there is -------------------------------------------------------------- */

/* Their strings are of the asset that they come from. */
struct pool {
	struct variant *all; /* malloc'ed */
	size_t n;
};

static void add_link(struct pool *pool, const struct asset *asset)
{
	pool->all[pool->n++] = (struct variant){
		.width = asset->width,
		.height = asset->height,
		.url = asset->url,
		.expires_unix = asset->expires_unix,
		.size_bytes = asset->size_bytes,
		.md5 = asset->md5,
		.format = asset->format,
		.is_original = true,
	};
}

static void add_all(struct pool *pool, const struct asset *asset, bool is_original)
{
	/* A picture of which there is but one. */
	if (asset && is_original && asset->offer.n == 0 && asset->url)
		add_link(pool, asset);
	for (size_t i = 0; asset && i < asset->offer.n; i++) {
		struct variant *variant = &pool->all[pool->n];
		bool is_known = false;

		*variant = asset->offer.variants[i];
		variant->is_original = is_original;
		for (size_t k = 0; k < pool->n; k++)
			is_known |= variant_is_same(&pool->all[k], variant);
		pool->n += !is_known;
	}
}

/* What was asked for comes first: where nothing tells two apart, that is the better. */
static bool gather(
    struct pool *pool, const struct asset *asset, const struct asset *offered)
{
	const size_t room = asset->offer.n + (offered ? offered->offer.n + 1 : 0);

	pool->n = 0;
	pool->all = calloc(room + 1, sizeof(*pool->all));
	if (!pool->all)
		return false;
	add_all(pool, offered, true);
	add_all(pool, asset, false);
	return true;
}

/* --- what is stored already --------------------------------------------------------- */

static bool read_stored(
    const struct asset *asset, struct arena *arena, struct chosen *ret_chosen)
{
	return asset->choice && choice_read(asset->choice, arena, ret_chosen);
}

bool pick_may_better(const struct asset *asset, enum quality quality)
{
	_cleanup_(arena_release) struct arena arena = arena_make(CHOSEN_BYTES_MAX);
	struct chosen stored;

	if (asset->state != ASSET_STORED || quality == QUALITY_SMALLEST)
		return false;
	if (!read_stored(asset, &arena, &stored))
		return asset->kind == MEDIA_VIDEO && quality == QUALITY_ORIGINAL;
	return stored.quality != QUALITY_ORIGINAL && stored.quality != quality;
}

/* Is that which was picked another object than the one that is stored, and better? */
static bool outdoes(
    const struct asset *asset, const struct variant *picked, const struct choice *choice)
{
	_cleanup_(arena_release) struct arena arena = arena_make(CHOSEN_BYTES_MAX);
	struct chosen stored;

	if (!pick_may_better(asset, choice_quality(choice)))
		return false;
	if (read_stored(asset, &arena, &stored) && stored.object && picked->object)
		return strcmp(stored.object, picked->object) != 0;
	return picked->size_bytes > 0 && picked->size_bytes != asset->stored_bytes;
}

/* --- it becomes that one ------------------------------------------------------------ */

static bool is_kept(const char *copy, const char *text)
{
	return copy || !text;
}

/* Of an answer's own arena, which goes. */
static bool become(struct task *task, struct asset *asset, const struct variant *picked,
    const char *text)
{
	struct arena *arena = &task->arena;
	struct asset after = *asset;
	const bool is_listed =
	    asset->offer.n > 0 && variant_is_same(&asset->offer.variants[0], picked);

	after.url = arena_strdup(arena, picked->url);
	after.md5 = arena_strdup(arena, picked->md5);
	after.format =
	    picked->format ? arena_strdup(arena, picked->format) : asset->format;
	after.object = is_listed ? NULL : arena_strdup(arena, picked->object);
	after.picked = arena_strdup(arena, text);
	after.expires_unix = picked->expires_unix;
	after.size_bytes = picked->size_bytes;
	if (picked->width && picked->height) {
		after.width = picked->width;
		after.height = picked->height;
	}
	if (!after.url || !after.picked || !is_kept(after.md5, picked->md5) ||
	    !is_kept(after.format, asset->format) ||
	    (!is_listed && !is_kept(after.object, picked->object)))
		return false;
	*asset = after;
	return true;
}

bool pick_variant(struct task *task, struct asset *asset, const struct asset *offered,
    enum quality quality)
{
	struct pool pool = { 0 };
	_cleanup_free_ struct variant *all = NULL;
	_cleanup_free_ char *text = NULL;
	struct choice choice;
	const struct variant *picked;

	if (asset->wish == WISH_NOTHING || (asset->offer.n == 0 && !offered))
		return true;
	if (!gather(&pool, asset, offered))
		return false;
	all = pool.all;
	if (pool.n == 0)
		return true;
	choice = (struct choice){ .all = pool.all,
		.n = pool.n,
		.chosen = variant_choose(pool.all, pool.n, quality),
		.wanted = quality,
		.has_originals = offered != NULL };
	picked = &pool.all[choice.chosen];
	if (asset->wish == WISH_BETTER && !outdoes(asset, picked, &choice))
		return true;
	/* Of a picture that there is once nothing was chosen. */
	text =
	    pool.n > 1 || asset->kind == MEDIA_VIDEO ? choice_text(&choice) : strdup("");
	if (!text || !become(task, asset, picked, text))
		return false;
	if (!*text)
		asset->picked = NULL;
	asset->is_outdone = asset->wish == WISH_BETTER;
	return true;
}

const char *pick_words(const struct asset *asset, char words[PICK_WORDS_MAX])
{
	char bytes[24];

	(void)snprintf(words, PICK_WORDS_MAX, "%lldx%lld%s%s", (long long)asset->width,
	    (long long)asset->height, asset->size_bytes > 0 ? ", " : "",
	    asset->size_bytes > 0 ? text_bytes((uint64_t)asset->size_bytes, bytes) : "");
	return words;
}
