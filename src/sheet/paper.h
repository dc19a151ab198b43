/*
 * paper.h - what a contact sheet is drawn on, and the file that it becomes: a PNG, a
 * WebP, or the pages of a PDF, written to standard output.
 */
#pragma once

#include <cairo.h>

#include "sheet/layout.h"

struct paper {
	enum sheet_format format;
	cairo_surface_t *surface;
	cairo_t *cairo; /* draw here */
	int number; /* errno of the first write that failed; 0: none did */
};

enum sheet_result paper_open(
    struct paper *paper, enum sheet_format format, const struct sheet_layout *layout);
void paper_next_page(struct paper *paper);
/* Write what is not written yet. */
enum sheet_result paper_finish(struct paper *paper);
void paper_release(struct paper *paper);
