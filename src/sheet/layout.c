#include "sheet/layout.h"

enum {
	CAPTION_LINES = 4,
	A4_WIDTH = 595,
	A4_HEIGHT = 842,
	PDF_COLUMNS = 4,
	COLUMNS_USUAL = 5,
	PIXELS_MAX = 100 * 1000 * 1000,
};

/* The longest side that a picture of the format can have; of a page, any. */
static const double side_max[SHEET_FORMAT_COUNT] = {
	[SHEET_PNG] = 32767, /* cairo's */
	[SHEET_WEBP] = 16383,
	[SHEET_PDF] = 14400,
};

static unsigned columns_of(const struct sheet_request *request)
{
	const unsigned usual = request->format == SHEET_PDF ? PDF_COLUMNS : COLUMNS_USUAL;
	unsigned wanted = request->columns > 0 ? request->columns : usual;

	if (request->format != SHEET_PDF && request->cells > 0 && wanted > request->cells)
		wanted = request->cells;
	return wanted > 0 ? wanted : 1;
}

static void text_sizes(struct sheet_layout *layout)
{
	layout->font = layout->cell / 18;
	if (layout->font < 4)
		layout->font = 4;
	layout->line = layout->font * 1.45;
	layout->row = layout->cell + layout->line * CAPTION_LINES + layout->gap * 1.5;
}

static void lay_out_pages(
    const struct sheet_request *request, struct sheet_layout *layout)
{
	layout->width = A4_WIDTH;
	layout->height = A4_HEIGHT;
	layout->margin = 36;
	layout->gap = 10;
	layout->cell =
	    (layout->width - 2 * layout->margin - layout->gap * (layout->columns - 1)) /
	    layout->columns;
	text_sizes(layout);
	layout->rows =
	    (unsigned)((layout->height - 2 * layout->margin + layout->gap) / layout->row);
	if (layout->rows == 0)
		layout->rows = 1;
	layout->pages = (request->cells + layout->rows * layout->columns - 1) /
	    (layout->rows * layout->columns);
	if (layout->pages == 0)
		layout->pages = 1;
}

static void lay_out_picture(
    const struct sheet_request *request, struct sheet_layout *layout)
{
	layout->cell = request->cell;
	layout->gap = layout->cell / 12;
	layout->margin = layout->cell / 8;
	layout->rows = (request->cells + layout->columns - 1) / layout->columns;
	if (layout->rows == 0)
		layout->rows = 1;
	layout->pages = 1;
	text_sizes(layout);
	layout->width = (int)(2 * layout->margin + layout->columns * layout->cell +
	    (layout->columns - 1) * layout->gap + 0.5);
	layout->height = (int)(2 * layout->margin + layout->rows * layout->row -
	    layout->gap * 1.5 + 0.5);
}

enum sheet_result sheet_lay_out(
    const struct sheet_request *request, struct sheet_layout *ret_layout)
{
	struct sheet_layout layout = { .columns = columns_of(request) };

	if (request->format == SHEET_PDF)
		lay_out_pages(request, &layout);
	else
		lay_out_picture(request, &layout);
	if (layout.width > side_max[request->format] ||
	    layout.height > side_max[request->format] ||
	    (request->format != SHEET_PDF && layout.width * layout.height > PIXELS_MAX))
		return SHEET_TOO_LARGE;
	*ret_layout = layout;
	return SHEET_DONE;
}

void sheet_place(const struct sheet_layout *layout, unsigned i, unsigned *ret_page,
    double *ret_x, double *ret_y)
{
	const unsigned each = layout->columns * layout->rows;
	const unsigned on_page = i % each;
	const unsigned column = on_page % layout->columns,
		       row = on_page / layout->columns;

	*ret_page = i / each;
	*ret_x = layout->margin + column * (layout->cell + layout->gap);
	*ret_y = layout->margin + row * layout->row;
}
