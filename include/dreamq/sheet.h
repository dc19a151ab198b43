/*
 * sheet.h - a contact sheet: many pictures with their prompts, as one PNG or WebP or as
 * the pages of a PDF. Errors are those of dreamq.h; pictures come from thumbs.h.
 *
 * The helper dreamq-sheet lays it out (pango, cairo), which is looked for as those of
 * thumbs.h are (DREAMQ_SHEET). Begin, add as many cells as were promised, end (or
 * cancel), which frees it in any case. A struct dq_sheet belongs to one thread, which has
 * to live as long as it.
 */
#pragma once

#include "dreamq/thumbs.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DQ_SHEET_CELL_MIN = 48, DQ_SHEET_CELL_MAX = 1024, DQ_SHEET_ACROSS_MAX = 50 };

struct dq_sheet;

struct dq_sheet_options {
	size_t size_bytes;
	const char *format; /* "png", "webp", "pdf" */
	size_t cells; /* how many will be added */
	unsigned across; /* side by side; 0: 5, in a PDF 4 */
	unsigned
	    cell_pixels; /* side of a picture's place; 0: 240. A PDF has its page's */
	int fd; /* an empty file, which is written; stays the caller's */
};

/* Texts are UTF-8; NULL is "". What could steer something is taken out. */
struct dq_sheet_cell {
	size_t size_bytes;
	const struct dq_picture *picture; /* of dq_pixels(); NULL: there is none, */
	const char *instead; /* but this */
	const char *title; /* a line: which file it is */
	const char *prompt; /* two lines, cut */
	const char *about; /* a line */
};

struct dq_sheet_made {
	unsigned pages;
	unsigned unknown; /* characters that no installed font has a glyph for */
};

/* DQ_USAGE: the options can't be; DQ_STORAGE: the helper can't be had. */
DQ_API enum dq_status dq_sheet_begin(const struct dq_sheet_options *options,
    struct dq_sheet **ret_sheet, struct dq_error *err);
/* What goes wrong is told by the end. */
DQ_API void dq_sheet_add(struct dq_sheet *sheet, const struct dq_sheet_cell *cell);
/*
 * Wait until it is written, and free it. DQ_USAGE: one picture can't be so large;
 * DQ_STORAGE: disk, memory, or the helper has died. `ret_made` may be NULL.
 */
DQ_API enum dq_status dq_sheet_end(
    struct dq_sheet *sheet, struct dq_sheet_made *ret_made, struct dq_error *err);
/* Give it up, and free it; NULL is fine. */
DQ_API void dq_sheet_cancel(struct dq_sheet *sheet);

#ifdef __cplusplus
}
#endif
