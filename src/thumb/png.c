/*
 * png.c - PNG, row by row; of interlaced ones the whole is kept, so those may be smaller
 * only.
 */
#include <setjmp.h>
#include <stdlib.h>

#include <png.h>

#include "thumb/decode.h"

enum { INTERLACED_MAX = 16 * 1024 * 1024 /* pixels */, CHUNK_MAX = 4 * 1024 * 1024 };

struct reader {
	png_structp png;
	png_infop info;
	uint8_t *rows; /* one, or all of an interlaced picture */
};

static void read_bytes(png_structp png, png_bytep into, size_t n)
{
	if (source_read(png_get_io_ptr(png), into, n) < n)
		png_error(png, "cut off");
}

static void quiet(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void leave(png_structp png, png_const_charp text)
{
	(void)text;
	png_longjmp(png, 1);
}

/* Whatever it has becomes RGBA of 8 bits. */
static void ask_for_rgba(png_structp png, png_infop info)
{
	png_set_expand(png);
	png_set_scale_16(png);
	png_set_gray_to_rgb(png);
	png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
	(void)png_set_interlace_handling(png);
	png_read_update_info(png, info);
}

/* Behind setjmp(): any call may not return. */
static enum thumb_result read_rows(
    struct reader *reader, const struct want *want, struct shrink *into)
{
	const uint32_t width = png_get_image_width(reader->png, reader->info);
	const uint32_t height = png_get_image_height(reader->png, reader->info);
	const bool is_interlaced =
	    png_get_interlace_type(reader->png, reader->info) != PNG_INTERLACE_NONE;
	const size_t row_bytes = (size_t)width * 4;
	enum thumb_result result = shrink_begin(into, width, height, want);

	if (result)
		return result;
	if (is_interlaced && (uint64_t)width * height > INTERLACED_MAX)
		return THUMB_TOO_LARGE;
	ask_for_rgba(reader->png, reader->info);
	if (png_get_rowbytes(reader->png, reader->info) != row_bytes)
		return THUMB_UNSUPPORTED;
	reader->rows = calloc(is_interlaced ? height : 1, row_bytes);
	if (!reader->rows)
		return THUMB_NO_MEMORY;
	for (int pass = is_interlaced ? 6 : 0; pass > 0; pass--)
		for (uint32_t y = 0; y < height; y++)
			png_read_row(reader->png, reader->rows + y * row_bytes, NULL);
	for (uint32_t y = 0; y < height; y++) {
		uint8_t *row = reader->rows + (is_interlaced ? y * row_bytes : 0);

		png_read_row(reader->png, row, NULL);
		shrink_row(into, row);
	}
	png_read_end(reader->png, NULL);
	return THUMB_DONE;
}

enum thumb_result decode_png(
    struct source *source, const struct want *want, struct shrink *into)
{
	struct reader reader = { 0 };
	volatile enum thumb_result result = THUMB_DAMAGED;

	reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, leave, quiet);
	if (!reader.png)
		return THUMB_NO_MEMORY;
	if (!setjmp(png_jmpbuf(reader.png))) {
		reader.info = png_create_info_struct(reader.png);
		png_set_read_fn(reader.png, source, read_bytes);
		png_set_user_limits(reader.png, 0x7fffffff, 0x7fffffff);
		png_set_chunk_malloc_max(reader.png, CHUNK_MAX);
		png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
		png_read_info(reader.png, reader.info);
		result = read_rows(&reader, want, into);
	}
	png_destroy_read_struct(&reader.png, &reader.info, NULL);
	free(reader.rows);
	return result;
}
