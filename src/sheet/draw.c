#include "sheet/draw.h"

#include <pango/pangocairo.h>

enum { PROMPT_LINES = 2 };

/* How each text looks: how large, how dark, how many lines. */
static const struct {
	double size, grey;
	int lines;
} looks[SHEET_TEXT_COUNT] = {
	[SHEET_TITLE] = { 0.85, 0.45, 1 },
	[SHEET_PROMPT] = { 1, 0.05, PROMPT_LINES },
	[SHEET_ABOUT] = { 0.85, 0.45, 1 },
	[SHEET_INSTEAD] = { 0.9, 0.45, 3 },
};

cairo_surface_t *draw_surface(const uint8_t *rgba, uint32_t width, uint32_t height)
{
	cairo_surface_t *surface =
	    cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)width, (int)height);
	unsigned char *rows;

	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
		cairo_surface_destroy(surface);
		return NULL;
	}
	rows = cairo_image_surface_get_data(surface);
	for (uint32_t y = 0; y < height; y++) {
		uint32_t *row = (void *)(rows +
		    (size_t)y * (size_t)cairo_image_surface_get_stride(surface));

		for (uint32_t x = 0; x < width; x++, rgba += 4) {
			const uint32_t alpha = rgba[3];

			row[x] = alpha << 24 | (rgba[0] * alpha / 255) << 16 |
			    (rgba[1] * alpha / 255) << 8 | rgba[2] * alpha / 255;
		}
	}
	cairo_surface_mark_dirty(surface);
	return surface;
}

/* Chinese characters, and nothing that only Japanese and Korean have beside them. */
static gboolean is_chinese(const char *text)
{
	gboolean has_han = FALSE;

	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		const gunichar c = g_utf8_get_char(at);

		if ((c >= 0x3040 && c <= 0x30ff) || (c >= 0xac00 && c <= 0xd7a3))
			return FALSE;
		has_han = has_han || (c >= 0x3400 && c <= 0x9fff);
	}
	return has_han;
}

static PangoLayout *make_text(cairo_t *cairo, const struct sheet_layout *layout,
    enum sheet_text which, const char *text)
{
	PangoLayout *made = pango_cairo_create_layout(cairo);
	PangoFontDescription *font = pango_font_description_from_string("Sans");

	pango_font_description_set_absolute_size(
	    font, layout->font * looks[which].size * PANGO_SCALE);
	pango_layout_set_font_description(made, font);
	pango_font_description_free(font);
	pango_layout_set_width(made, (int)(layout->cell * PANGO_SCALE));
	pango_layout_set_height(made, -looks[which].lines);
	pango_layout_set_wrap(made, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_ellipsize(made, PANGO_ELLIPSIZE_END);
	/* The same character is drawn in other forms for other languages. */
	if (is_chinese(text))
		pango_context_set_language(
		    pango_layout_get_context(made), pango_language_from_string("zh-cn"));
	pango_layout_set_text(made, text, -1);
	return made;
}

/* Draws it at (x, y), or in the middle of the square below; returns what has no glyph. */
static unsigned draw_text(cairo_t *cairo, const struct sheet_layout *layout, double x,
    double y, enum sheet_text which, const char *text)
{
	PangoLayout *made;
	unsigned unknown;
	int height;

	if (!text[0])
		return 0;
	made = make_text(cairo, layout, which, text);
	if (which == SHEET_INSTEAD) {
		pango_layout_set_alignment(made, PANGO_ALIGN_CENTER);
		pango_layout_get_size(made, NULL, &height);
		y += (layout->cell - (double)height / PANGO_SCALE) / 2;
	}
	cairo_set_source_rgb(
	    cairo, looks[which].grey, looks[which].grey, looks[which].grey);
	cairo_move_to(cairo, x, y);
	pango_cairo_show_layout(cairo, made);
	unknown = (unsigned)pango_layout_get_unknown_glyphs_count(made);
	g_object_unref(made);
	return unknown;
}

static void draw_picture(cairo_t *cairo, const struct sheet_layout *layout, double x,
    double y, cairo_surface_t *picture)
{
	const double width = cairo_image_surface_get_width(picture);
	const double height = cairo_image_surface_get_height(picture);
	const double longer = width > height ? width : height;
	const double scale = layout->cell / longer;

	cairo_save(cairo);
	cairo_translate(cairo, x + (layout->cell - width * scale) / 2,
	    y + (layout->cell - height * scale) / 2);
	cairo_scale(cairo, scale, scale);
	cairo_set_source_surface(cairo, picture, 0, 0);
	/* Beyond the edge is the edge, and not what lies behind the picture. */
	cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
	cairo_rectangle(cairo, 0, 0, width, height);
	cairo_fill(cairo);
	cairo_restore(cairo);
}

unsigned draw_cell(cairo_t *cairo, const struct sheet_layout *layout, double x, double y,
    cairo_surface_t *picture, const struct sheet_texts *texts)
{
	double at = y + layout->cell + layout->line * 0.3;
	unsigned unknown = 0;

	cairo_set_source_rgb(cairo, 0.95, 0.95, 0.95);
	cairo_rectangle(cairo, x, y, layout->cell, layout->cell);
	cairo_fill(cairo);
	if (picture)
		draw_picture(cairo, layout, x, y, picture);
	else
		unknown += draw_text(
		    cairo, layout, x, y, SHEET_INSTEAD, texts->of[SHEET_INSTEAD]);
	for (enum sheet_text which = SHEET_TITLE; which <= SHEET_ABOUT; which++) {
		unknown += draw_text(cairo, layout, x, at, which, texts->of[which]);
		at += layout->line * looks[which].lines;
	}
	return unknown;
}
