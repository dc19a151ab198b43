/*
 * shrink.h - a picture made smaller while its rows come in: each pixel of the result is
 * the mean of all that lies below it (box filter), colours weighted by how opaque they
 * are. It needs memory for the result and one row of sums, whatever the source has.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "thumb/protocol.h"

/* What a decoder is asked for. */
struct want {
	uint32_t width, height; /* at most; 1 to THUMB_SIDE_MAX each */
};

enum {
	PICTURE_SIDE_MAX = 16384,
	PICTURE_PIXELS_MAX = 64 * 1024 * 1024,
};

struct shrink {
	uint32_t from_width, from_height; /* of the rows that come in */
	uint32_t width, height;
	uint8_t *pixels; /* RGBA, width * height; owned */
	uint64_t *sums; /* of the row of the result that is under way: 4 a pixel; owned */
	uint32_t row; /* how many have come in */
};

/*
 * The size that it gets: within what is wanted, in its ratio, never larger, 1 at least.
 * THUMB_TOO_LARGE, THUMB_DAMAGED (a side of 0): it has none.
 */
enum thumb_result shrink_size(uint32_t from_width, uint32_t from_height,
    const struct want *want, uint32_t *ret_width, uint32_t *ret_height);
/* Begin, with a picture of such a size; *shrink is zeroed, and released by the caller. */
enum thumb_result shrink_begin(struct shrink *shrink, uint32_t from_width,
    uint32_t from_height, const struct want *want);
/* Takes the next row, RGBA; those that come when all have come are passed over. */
void shrink_row(struct shrink *shrink, const uint8_t *rgba);
void shrink_release(struct shrink *shrink);
