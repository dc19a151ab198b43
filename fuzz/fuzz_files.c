/*
 * Whatever bytes come as an answer about files by their names: reading ends, with an
 * error that has a sentence, or with offers that can be fetched, picked and told.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/choice.h"
#include "service/jimeng/read/offers.h"
#include "service/jimeng/read/variants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 2, CHOSEN_BYTES_MAX = 64 << 10 };

/* Names that the corpus uses. */
static const struct service_file asked[SERVICE_FILES][FILES] = {
	[SERVICE_ORIGINALS] = { { "7001", "v0" }, { "7002", NULL } },
	[SERVICE_IMAGES] = { { "tos/a", NULL }, { "tos/b", NULL } },
	[SERVICE_FILMS] = { { "v0", NULL }, { "v1", NULL } },
};

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void check_link(const char *url)
{
	require(url != NULL);
	for (const char *c = url; *c; c++)
		require((unsigned char)*c > ' ');
}

/* What is told of a choice is read again, as it was. */
static void check_choice(const struct asset_offer *offer, enum quality quality)
{
	const struct choice choice = { .all = offer->variants,
		.n = offer->n,
		.chosen = variant_choose(offer->variants, offer->n, quality),
		.wanted = quality,
		.has_originals = true };
	_cleanup_(arena_release) struct arena arena = arena_make(CHOSEN_BYTES_MAX);
	_cleanup_free_ char *text = choice_text(&choice);
	struct chosen chosen;

	require(choice.chosen < offer->n);
	require(text && choice_read(text, &arena, &chosen));
	require(chosen.quality == quality);
	require(chosen.width == offer->variants[choice.chosen].width);
}

static void check_asset(const struct asset *asset)
{
	const struct asset_offer *offer = &asset->offer;

	check_link(asset->url);
	require(offer->n <= VARIANTS_MAX && (offer->n == 0) == !offer->variants);
	for (size_t i = 0; i < offer->n; i++) {
		const struct variant *variant = &offer->variants[i];

		check_link(variant->url);
		require(variant->width >= 0 && variant->height >= 0);
		require(variant->bitrate >= 0 && variant->about_bytes >= 0);
		require(variant->size_bytes == -1 || variant->size_bytes > 0);
	}
	for (unsigned i = 0; offer->n > 0 && i < QUALITIES; i++)
		check_choice(offer, (enum quality)i);
}

static void read_as(const struct answer *answer, enum service_files which)
{
	_cleanup_(offers_release) struct offers offers = { 0 };
	struct err err = { .kind = ERR_OK };

	if (offers_read(answer, which, asked[which], FILES, &offers, &err)) {
		require(err.kind != ERR_OK && err.msg[0] && !offers.all);
		return;
	}
	require(offers.n == FILES);
	for (size_t i = 0; i < offers.n; i++)
		if (offers.all[i].asset)
			check_asset(offers.all[i].asset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(answer_freep) struct answer *answer = NULL;
	struct err err = { .kind = ERR_OK };

	if (answer_decode((const char *)data, size, -1, &answer, &err))
		return 0;
	for (int which = 0; which < SERVICE_FILES; which++)
		read_as(answer, (enum service_files)which);
	return 0;
}
