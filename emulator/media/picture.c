#include "media/picture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include "common/hash.h"
#include "common/text.h"

/* Which colour a pixel has: rings, waves and checks, by the bits of the pattern. */
static uint8_t colour_at(unsigned pattern, unsigned x, unsigned y, unsigned w, unsigned h)
{
	unsigned u = x * 256 / w;
	unsigned v = y * 256 / h;
	unsigned a = pattern & 1 ? u + v : (u * u + v * v) / 256;
	unsigned b = pattern & 2 ? (u ^ v) : u * v / 128;
	unsigned c = pattern & 4 ? a + b / 2 : a * 2 + (b & 64);

	return (uint8_t)(c / 12 % PICTURE_COLOURS);
}

void picture_palette(uint64_t seed, uint8_t rgb[PICTURE_COLOURS * 3])
{
	uint64_t from = hash_mix(seed, 11);
	uint64_t to = hash_mix(seed, 12);

	for (unsigned i = 0; i < PICTURE_COLOURS; i++)
		for (unsigned c = 0; c < 3; c++) {
			unsigned lo = (unsigned)(from >> (8 * c)) & 255;
			unsigned hi = (unsigned)(to >> (8 * c)) & 255;
			unsigned mixed = lo * (PICTURE_COLOURS - 1 - i) + hi * i;

			rgb[i * 3 + c] = (uint8_t)(mixed / (PICTURE_COLOURS - 1));
		}
}

static void fill_row(uint8_t *row, unsigned pattern, unsigned y, unsigned w, unsigned h)
{
	for (unsigned x = 0; x < w; x++)
		row[x] = colour_at(pattern, x, y, w, h);
}

/* The whole picture as red, green, blue, for the formats without a palette. */
static uint8_t *rgb_pixels(unsigned pattern, unsigned w, unsigned h)
{
	uint8_t palette[PICTURE_COLOURS * 3];
	uint8_t *pixels = mem_new((size_t)w * h, 3);
	uint8_t *at = pixels;

	picture_palette(hash_mix(pattern, w), palette);
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++, at += 3)
			memcpy(
			    at, palette + (size_t)colour_at(pattern, x, y, w, h) * 3, 3);
	return pixels;
}

static void png_append(png_structp png, png_bytep bytes, size_t n)
{
	text_add(png_get_io_ptr(png), bytes, n);
}

static void png_no_flush(png_structp png)
{
	(void)png;
}

static void encode_png(unsigned w, unsigned h, unsigned pattern, struct text *out)
{
	_cleanup_free_ uint8_t *row = mem_new(w, 1);
	png_color palette[PICTURE_COLOURS] = { 0 };
	png_structp png =
	    png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	if (!info)
		abort();
	png_set_write_fn(png, out, png_append, png_no_flush);
	png_set_compression_level(png, 3);
	png_set_filter(png, 0, PNG_FILTER_NONE);
	png_set_IHDR(png, info, w, h, 4, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_PLTE(png, info, palette, PICTURE_COLOURS);
	png_write_info(png, info);
	png_set_packing(png);
	for (unsigned y = 0; y < h; y++) {
		fill_row(row, pattern, y, w, h);
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
}

static void encode_webp(unsigned w, unsigned h, unsigned pattern, struct text *out)
{
	_cleanup_free_ uint8_t *pixels = rgb_pixels(pattern, w, h);
	uint8_t *bytes = NULL;
	size_t n = WebPEncodeRGB(pixels, (int)w, (int)h, (int)w * 3, 60.0f, &bytes);

	text_add(out, bytes, n);
	WebPFree(bytes);
}

static void encode_jpeg(unsigned w, unsigned h, unsigned pattern, struct text *out)
{
	_cleanup_free_ uint8_t *pixels = rgb_pixels(pattern, w, h);
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long n = 0;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &n);
	jpeg.image_width = w;
	jpeg.image_height = h;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, 75, TRUE);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < h) {
		JSAMPROW row = pixels + (size_t)jpeg.next_scanline * w * 3;

		(void)jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	text_add(out, bytes, n);
	free(bytes);
}

uint8_t *picture_encode(enum media_format format, unsigned width, unsigned height,
    unsigned pattern, size_t *ret_size)
{
	struct text out = { 0 };

	switch (format) {
	case FORMAT_WEBP:
		encode_webp(width, height, pattern, &out);
		break;
	case FORMAT_JPEG:
		encode_jpeg(width, height, pattern, &out);
		break;
	case FORMAT_PNG:
	case FORMAT_MP4:
	case FORMAT_MP3:
		encode_png(width, height, pattern, &out);
		break;
	}
	assert(out.len > 32);
	*ret_size = out.len;
	return (uint8_t *)out.data;
}
