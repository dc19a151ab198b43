/*
 * jpeg.c - JPEG, made smaller by the decoder itself as far as it can (by 8ths), then row
 * by row.
 */
#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it */
#include <stdlib.h>

#include <jpeglib.h>
/* behind jpeglib.h */
#include <jerror.h>

#include "thumb/decode.h"

enum { SCALE_WHOLE = 8, MEMORY_MAX = 384 * 1024 * 1024, SCANS_MAX = 100 };

struct reader {
	struct jpeg_source_mgr manager; /* first: libjpeg hands it back */
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf leave;
	struct source *source;
	struct jpeg_decompress_struct jpeg;
	uint8_t *row, *rgba;
};

static struct reader *reader_of(j_common_ptr jpeg)
{
	return jpeg->client_data;
}

static _Noreturn void leave(j_common_ptr jpeg)
{
	longjmp(reader_of(jpeg)->leave, 1);
}

/* Of a file without a fault: a progressive one is taken into memory as a whole. */
static bool is_for_memory(const struct jpeg_error_mgr *errors)
{
	switch (errors->msg_code) {
	case JERR_OUT_OF_MEMORY:
	case JERR_NO_BACKING_STORE:
	case JERR_TFILE_CREATE:
	case JERR_TFILE_WRITE:
		return true;
	default:
		return false;
	}
}

/* A warning (level -1) is damage, too: libjpeg would go on with grey. */
static void hear(j_common_ptr jpeg, int level)
{
	if (level < 0)
		leave(jpeg);
}

static void say_nothing(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void begin_source(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

static boolean fill(j_decompress_ptr jpeg)
{
	struct reader *reader = jpeg->client_data;
	struct source *source = reader->source;

	source->at = source->end;
	if (!source_fill(source))
		leave((j_common_ptr)jpeg);
	reader->manager.next_input_byte = source->buffer;
	reader->manager.bytes_in_buffer = source->end;
	return TRUE;
}

static void skip(j_decompress_ptr jpeg, long n)
{
	struct jpeg_source_mgr *manager = jpeg->src;

	while (n > 0 && (size_t)n > manager->bytes_in_buffer) {
		n -= (long)manager->bytes_in_buffer;
		(void)fill(jpeg);
	}
	if (n > 0) {
		manager->next_input_byte += n;
		manager->bytes_in_buffer -= (size_t)n;
	}
}

/* A progressive file of many scans takes time without end for few bytes. */
static void count_scans(j_common_ptr jpeg)
{
	if (jpeg->is_decompressor &&
	    ((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MAX)
		leave(jpeg);
}

static void set_up(struct reader *reader, struct source *source)
{
	*reader = (struct reader){ .source = source };
	reader->jpeg.err = jpeg_std_error(&reader->errors);
	reader->jpeg.client_data = reader;
	reader->errors.error_exit = leave;
	reader->errors.emit_message = hear;
	reader->errors.output_message = say_nothing;
	reader->progress.progress_monitor = count_scans;
	reader->manager = (struct jpeg_source_mgr){
		.init_source = begin_source,
		.fill_input_buffer = fill,
		.skip_input_data = skip,
		.resync_to_restart = jpeg_resync_to_restart,
		.term_source = begin_source,
	};
}

/* The smallest scale of which the result is not smaller than what is wanted. */
static unsigned scale_for(
    const struct jpeg_decompress_struct *jpeg, const struct want *want)
{
	uint32_t width, height;

	if (shrink_size(jpeg->image_width, jpeg->image_height, want, &width, &height))
		return SCALE_WHOLE;
	for (unsigned n = 1; n < SCALE_WHOLE; n++)
		if ((uint64_t)jpeg->image_width * n / SCALE_WHOLE >= width &&
		    (uint64_t)jpeg->image_height * n / SCALE_WHOLE >= height)
			return n;
	return SCALE_WHOLE;
}

/* CMYK is stored inverted by all who store it (Adobe). */
static void to_rgba(const uint8_t *from, uint8_t *rgba, uint32_t width, bool is_cmyk)
{
	const int step = is_cmyk ? 4 : 3;

	for (uint32_t x = 0; x < width; x++, from += step, rgba += 4) {
		for (int c = 0; c < 3; c++)
			rgba[c] = is_cmyk ? (uint8_t)(from[c] * from[3] / 255) : from[c];
		rgba[3] = 255;
	}
}

/* Behind setjmp(): any call may not return. */
static enum thumb_result read_rows(
    struct reader *reader, const struct want *want, struct shrink *into)
{
	struct jpeg_decompress_struct *jpeg = &reader->jpeg;
	enum thumb_result result;
	uint32_t width, height;
	bool is_cmyk;

	if (jpeg_read_header(jpeg, TRUE) != JPEG_HEADER_OK)
		return THUMB_DAMAGED;
	result =
	    shrink_size(jpeg->image_width, jpeg->image_height, want, &width, &height);
	if (result)
		return result;
	is_cmyk =
	    jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
	jpeg->out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
	jpeg->scale_num = scale_for(jpeg, want);
	jpeg->scale_denom = SCALE_WHOLE;
	if (!jpeg_start_decompress(jpeg))
		return THUMB_DAMAGED;
	result = shrink_begin(into, jpeg->output_width, jpeg->output_height, want);
	if (result)
		return result;
	reader->row = malloc((size_t)jpeg->output_width * 4);
	reader->rgba = malloc((size_t)jpeg->output_width * 4);
	if (!reader->row || !reader->rgba)
		return THUMB_NO_MEMORY;
	while (jpeg->output_scanline < jpeg->output_height) {
		JSAMPROW row = reader->row;

		if (jpeg_read_scanlines(jpeg, &row, 1) != 1)
			return THUMB_DAMAGED;
		to_rgba(reader->row, reader->rgba, jpeg->output_width, is_cmyk);
		shrink_row(into, reader->rgba);
	}
	(void)jpeg_finish_decompress(jpeg);
	return THUMB_DONE;
}

enum thumb_result decode_jpeg(
    struct source *source, const struct want *want, struct shrink *into)
{
	struct reader *reader = malloc(sizeof(*reader));
	volatile enum thumb_result result = THUMB_DAMAGED;

	if (!reader)
		return THUMB_NO_MEMORY;
	set_up(reader, source);
	if (!setjmp(reader->leave)) {
		jpeg_create_decompress(&reader->jpeg);
		reader->jpeg.src = &reader->manager;
		reader->jpeg.progress = &reader->progress;
		reader->jpeg.mem->max_memory_to_use = MEMORY_MAX;
		/* What the sniffer has looked at is still to be read. */
		reader->manager.next_input_byte = source->buffer + source->at;
		reader->manager.bytes_in_buffer = source->end - source->at;
		result = read_rows(reader, want, into);
	} else if (is_for_memory(&reader->errors)) {
		result = THUMB_NO_MEMORY;
	}
	jpeg_destroy_decompress(&reader->jpeg);
	free(reader->row);
	free(reader->rgba);
	free(reader);
	return result;
}

void prepare_pictures(void)
{
	struct jpeg_error_mgr errors;
	struct jpeg_compress_struct jpeg = { .err = jpeg_std_error(&errors) };
	uint8_t pixel[3] = { 0 }, *bytes = NULL;
	unsigned long length = 0;
	JSAMPROW row = pixel;

	/* Which instructions the processor has, it finds out at its first start. */
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &length);
	jpeg.image_width = jpeg.image_height = 1;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	(void)jpeg_write_scanlines(&jpeg, &row, 1);
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	free(bytes);
}
