#include "state/variant.h"

#include "media/asset.h"

static const struct variant_row rows[VARIANTS] = {
	[VARIANT_ORIGINAL] = { "1080p", 1920, 1080, 11564, "" },
	[VARIANT_MIDDLE] = { "720p", 1280, 720, 6297, "display_watermark_aigc" },
	[VARIANT_SAMPLE] = { "360p", 640, 360, 1273, "display_watermark_aigc" },
};

static const struct variant_row the_only_one = { "origin", CLIP_WIDTH, CLIP_HEIGHT, 6413,
	"display_watermark_aigc" };

const struct variant_row *variant_row(enum variant variant, bool has_sample)
{
	return has_sample ? &rows[variant] : &the_only_one;
}
