/*
 * picture.h - encodes the pictures that assets are made of.
 *
 * A picture is a pattern of 16 colours; PNG leaves the colours to the caller
 * (the palette is a chunk of its own), so that one encoding serves thousands
 * of different images.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "media/prompt.h"

enum { PICTURE_PATTERNS = 8, PICTURE_COLOURS = 16 };

/* A malloc'ed encoding of pattern number `pattern` (below PICTURE_PATTERNS). */
uint8_t *picture_encode(enum media_format format, unsigned width, unsigned height,
    unsigned pattern, size_t *ret_size);

/* Red, green, blue of every colour, drawn from a seed. */
void picture_palette(uint64_t seed, uint8_t rgb[PICTURE_COLOURS * 3]);
