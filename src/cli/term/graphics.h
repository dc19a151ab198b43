/*
 * graphics.h - pictures on a terminal: by a protocol for pictures, where it has one, else
 * by coloured symbols. What it has is told by its environment; it is never asked, since
 * an answer that comes late would be read by the shell.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/term/chafa.h"

struct graphics {
	struct chafa lib;
	void *info; /* what the terminal understands; owned */
	int pixel_mode, colour_mode, symbol_tags;
	unsigned columns, rows; /* of the terminal; 80 and 24 without one */
	unsigned cell_width, cell_height; /* of a character, in pixels of a picture */
};

/* RGBA, not multiplied by alpha. */
struct pixels {
	unsigned char *bytes;
	unsigned width, height;
};

extern const char *const graphics_names[]; /* "auto", "kitty", ...; NULL-terminated */

/* `which` is one of the names, NULL "auto"; without colours only symbols are left. */
enum err_kind graphics_open(
    struct graphics *ret_graphics, const char *which, bool has_colours, struct err *err);
void graphics_release(struct graphics *graphics);
/* Append what shows it in so many cells, from the cursor down,without a line break at the
 * end. */
enum err_kind graphics_draw(const struct graphics *graphics, const struct pixels *pixels,
    unsigned columns, unsigned rows, struct buf *into, struct err *err);
