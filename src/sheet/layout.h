/*
 * layout.h - where everything of a contact sheet stands. Pure: numbers only, in units of
 * the surface (pixels; points of a PDF).
 */
#pragma once

#include "sheet/protocol.h"

struct sheet_layout {
	unsigned columns, rows; /* of a page */
	unsigned pages;
	double width, height; /* of a page */
	double margin, gap;
	double cell; /* side of the square that a picture stands in */
	double font; /* size of the letters */
	double line; /* height of a line of text */
	double row; /* from one row of cells to the next */
};

/* SHEET_TOO_LARGE: more than one picture of the format can have. */
enum sheet_result sheet_lay_out(
    const struct sheet_request *request, struct sheet_layout *ret_layout);
/* Where cell `i` begins, on its page. */
void sheet_place(const struct sheet_layout *layout, unsigned i, unsigned *ret_page,
    double *ret_x, double *ret_y);
