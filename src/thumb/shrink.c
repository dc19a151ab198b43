#include "thumb/shrink.h"

#include <stdlib.h>
#include <string.h>

/*
 * Where a row or column ends, and how much of it belongs to which pixel of the result: a
 * source pixel is `width` units wide, a pixel of the result `from_width`, so that all
 * borders are whole numbers and the weights of a pixel always add up to from_width *
 * from_height.
 */

enum thumb_result shrink_size(uint32_t from_width, uint32_t from_height,
    const struct want *want, uint32_t *ret_width, uint32_t *ret_height)
{
	uint64_t width = from_width, height = from_height;

	if (from_width == 0 || from_height == 0)
		return THUMB_DAMAGED;
	if (from_width > PICTURE_SIDE_MAX || from_height > PICTURE_SIDE_MAX ||
	    width * height > PICTURE_PIXELS_MAX)
		return THUMB_TOO_LARGE;
	if (width > want->width) {
		height = (height * want->width + from_width / 2) / from_width;
		width = want->width;
	}
	if (height > want->height) {
		width =
		    (from_width * (uint64_t)want->height + from_height / 2) / from_height;
		height = want->height;
	}
	*ret_width = width > 0 ? (uint32_t)width : 1;
	*ret_height = height > 0 ? (uint32_t)height : 1;
	return THUMB_DONE;
}

enum thumb_result shrink_begin(struct shrink *shrink, uint32_t from_width,
    uint32_t from_height, const struct want *want)
{
	enum thumb_result result =
	    shrink_size(from_width, from_height, want, &shrink->width, &shrink->height);

	if (result)
		return result;
	shrink->from_width = from_width;
	shrink->from_height = from_height;
	shrink->row = 0;
	shrink->pixels = calloc((size_t)shrink->width * shrink->height, 4);
	shrink->sums = calloc(shrink->width, 4 * sizeof(*shrink->sums));
	return shrink->pixels && shrink->sums ? THUMB_DONE : THUMB_NO_MEMORY;
}

static void add(uint64_t sums[4], const uint8_t *pixel, uint64_t weight)
{
	const uint64_t opaque = weight * pixel[3];

	sums[0] += opaque * pixel[0];
	sums[1] += opaque * pixel[1];
	sums[2] += opaque * pixel[2];
	sums[3] += opaque;
}

/* Adds a source row, of which `weight` units lie in the row of the result. */
static void add_row(struct shrink *shrink, const uint8_t *rgba, uint64_t weight)
{
	const uint32_t unit = shrink->width, border = shrink->from_width;
	uint32_t into = 0;
	uint64_t room = border; /* of the pixel of the result */

	for (uint32_t x = 0; x < shrink->from_width; x++, rgba += 4) {
		uint64_t left = unit;

		while (left > 0) {
			const uint64_t part = left < room ? left : room;

			add(shrink->sums + (size_t)into * 4, rgba, part * weight);
			left -= part;
			room -= part;
			if (room == 0) {
				room = border;
				into++;
			}
		}
	}
}

/* The row of the result is complete. */
static void put_row(struct shrink *shrink, uint32_t y)
{
	const uint64_t all = (uint64_t)shrink->from_width * shrink->from_height;
	uint8_t *into = shrink->pixels + (size_t)y * shrink->width * 4;
	const uint64_t *sums = shrink->sums;

	if (all == 0)
		return;
	for (uint32_t x = 0; x < shrink->width; x++, into += 4, sums += 4) {
		if (sums[3] == 0)
			continue; /* zeroed already: nothing is to be seen there */
		for (int c = 0; c < 3; c++)
			into[c] = (uint8_t)((sums[c] + sums[3] / 2) / sums[3]);
		into[3] = (uint8_t)((sums[3] + all / 2) / all);
	}
	memset(shrink->sums, 0, (size_t)shrink->width * 4 * sizeof(*shrink->sums));
}

void shrink_row(struct shrink *shrink, const uint8_t *rgba)
{
	const uint64_t unit = shrink->height, border = shrink->from_height;
	uint64_t at, end;

	if (shrink->row >= shrink->from_height)
		return;
	at = shrink->row * unit;
	end = at + unit;
	while (at < end) {
		const uint64_t y = at / border, next = (y + 1) * border;
		const uint64_t until = end < next ? end : next;

		add_row(shrink, rgba, until - at);
		if (until == next)
			put_row(shrink, (uint32_t)y);
		at = until;
	}
	shrink->row++;
}

void shrink_release(struct shrink *shrink)
{
	free(shrink->pixels);
	free(shrink->sums);
	*shrink = (struct shrink){ 0 };
}
