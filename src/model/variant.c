#include "model/variant.h"

#include <string.h>

const char *const quality_names[] = {
	[QUALITY_ORIGINAL] = "original",
	[QUALITY_BEST_LISTED] = "best-listed",
	[QUALITY_SMALLEST] = "smallest",
	NULL,
};

bool quality_parse(const char *name, enum quality *ret_quality)
{
	for (unsigned i = 0; name && i < QUALITIES; i++)
		if (!strcmp(name, quality_names[i])) {
			*ret_quality = (enum quality)i;
			return true;
		}
	return false;
}

bool variant_is_same(const struct variant *a, const struct variant *b)
{
	return a->object && b->object && !strcmp(a->object, b->object);
}

static int64_t pixels(const struct variant *variant)
{
	return variant->width * variant->height; /* 1e6 each at most */
}

static int64_t bitrate(const struct variant *variant)
{
	return variant->bitrate;
}

static int64_t bytes(const struct variant *variant)
{
	return variant->size_bytes > 0 ? variant->size_bytes : variant->about_bytes;
}

bool variant_is_larger(const struct variant *a, const struct variant *b)
{
	static int64_t (*const measures[])(
	    const struct variant *variant) = { pixels, bitrate, bytes };

	for (size_t i = 0; i < sizeof(measures) / sizeof(*measures); i++) {
		const int64_t of_a = measures[i](a), of_b = measures[i](b);

		if (of_a > 0 && of_b > 0 && of_a != of_b)
			return of_a > of_b;
	}
	return false;
}

size_t variant_choose(const struct variant *all, size_t n, enum quality quality)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++) {
		const bool is_better = quality == QUALITY_SMALLEST
		    ? variant_is_larger(&all[best], &all[i])
		    : variant_is_larger(&all[i], &all[best]);

		if (is_better)
			best = i;
	}
	return best;
}
