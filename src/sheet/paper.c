#include "sheet/paper.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <cairo-pdf.h>
#include <webp/encode.h>

enum { WEBP_QUALITY = 88, WEBP_METHOD = 3 };

static cairo_status_t put(void *payload, const unsigned char *bytes, unsigned length)
{
	struct paper *paper = payload;

	while (length > 0) {
		const ssize_t n = write(STDOUT_FILENO, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			paper->number = errno ? errno : EIO;
			return CAIRO_STATUS_WRITE_ERROR;
		}
		bytes += n;
		length -= (unsigned)n;
	}
	return CAIRO_STATUS_SUCCESS;
}

static void make_white(struct paper *paper)
{
	cairo_set_source_rgb(paper->cairo, 1, 1, 1);
	cairo_paint(paper->cairo);
}

enum sheet_result paper_open(
    struct paper *paper, enum sheet_format format, const struct sheet_layout *layout)
{
	paper->format = format;
	if (format == SHEET_PDF)
		paper->surface = cairo_pdf_surface_create_for_stream(
		    put, paper, layout->width, layout->height);
	else
		paper->surface = cairo_image_surface_create(
		    CAIRO_FORMAT_RGB24, (int)layout->width, (int)layout->height);
	paper->cairo = cairo_create(paper->surface);
	if (cairo_status(paper->cairo) != CAIRO_STATUS_SUCCESS)
		return SHEET_NO_MEMORY;
	make_white(paper);
	return SHEET_DONE;
}

void paper_next_page(struct paper *paper)
{
	cairo_show_page(paper->cairo);
	make_white(paper);
}

static int put_webp(const uint8_t *bytes, size_t length, const WebPPicture *picture)
{
	return put(picture->custom_ptr, bytes, (unsigned)length) == CAIRO_STATUS_SUCCESS;
}

static enum sheet_result write_webp(struct paper *paper)
{
	WebPConfig config;
	WebPPicture webp;
	bool is_done;

	if (!WebPConfigInit(&config) || !WebPPictureInit(&webp))
		return SHEET_NO_MEMORY;
	config.quality = WEBP_QUALITY;
	config.method = WEBP_METHOD;
	webp.width = cairo_image_surface_get_width(paper->surface);
	webp.height = cairo_image_surface_get_height(paper->surface);
	webp.writer = put_webp;
	webp.custom_ptr = paper;
	/* RGB24 is B, G, R and nothing, as the machine has it. */
	is_done =
	    WebPPictureImportBGRX(&webp, cairo_image_surface_get_data(paper->surface),
		cairo_image_surface_get_stride(paper->surface)) &&
	    WebPEncode(&config, &webp);
	WebPPictureFree(&webp);
	if (is_done)
		return SHEET_DONE;
	return paper->number ? SHEET_NOT_WRITTEN : SHEET_NO_MEMORY;
}

enum sheet_result paper_finish(struct paper *paper)
{
	cairo_status_t status = CAIRO_STATUS_SUCCESS;

	cairo_surface_flush(paper->surface);
	if (paper->format == SHEET_WEBP)
		return write_webp(paper);
	if (paper->format == SHEET_PNG)
		status = cairo_surface_write_to_png_stream(paper->surface, put, paper);
	else
		cairo_surface_finish(paper->surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(paper->surface);
	if (paper->number)
		return SHEET_NOT_WRITTEN;
	return status == CAIRO_STATUS_SUCCESS ? SHEET_DONE : SHEET_NO_MEMORY;
}

void paper_release(struct paper *paper)
{
	cairo_destroy(paper->cairo);
	cairo_surface_destroy(paper->surface);
}
