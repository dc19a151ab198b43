/*
 * draw.h - one cell of a contact sheet: its picture, and below it its texts.
 */
#pragma once

#include <cairo.h>

#include "sheet/layout.h"

struct sheet_texts {
	const char *of[SHEET_TEXT_COUNT]; /* NUL-terminated UTF-8 */
};

/* Draws it at (x, y); returns how many characters have no glyph. `picture` may be NULL.
 */
unsigned draw_cell(cairo_t *cairo, const struct sheet_layout *layout, double x, double y,
    cairo_surface_t *picture, const struct sheet_texts *texts);
/* RGBA, not multiplied by alpha, as cairo has it; NULL: no memory. The caller destroys
 * it. */
cairo_surface_t *draw_surface(const uint8_t *rgba, uint32_t width, uint32_t height);
