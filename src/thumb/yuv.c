#include "thumb/yuv.h"

#include <libavutil/pixdesc.h>

enum { FIXED = 16 /* bits behind the point */, WIDE_AS_HD = 720 /* rows */ };

/* What a step of Cr and Cb changes, of full range; as the standards have it. */
struct matrix {
	double red_cr, green_cb, green_cr, blue_cb;
};

static const struct matrix bt601 = { 1.402, -0.344136, -0.714136, 1.772 };
static const struct matrix bt709 = { 1.5748, -0.187324, -0.468124, 1.8556 };
static const struct matrix bt2020 = { 1.4746, -0.164553, -0.571353, 1.8814 };

static const AVPixFmtDescriptor *description(const AVFrame *frame)
{
	return av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
}

bool yuv_can(const AVFrame *frame)
{
	const AVPixFmtDescriptor *is = description(frame);
	const uint64_t odd = AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_PAL |
	    AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_RGB |
	    AV_PIX_FMT_FLAG_FLOAT;

	if (!is || (is->flags & odd) || !(is->flags & AV_PIX_FMT_FLAG_PLANAR) ||
	    is->nb_components < 3)
		return false;
	for (int i = 0; i < 3; i++) {
		const int bytes = is->comp[i].depth > 8 ? 2 : 1;

		if (is->comp[i].plane != i || is->comp[i].step != bytes ||
		    is->comp[i].offset != 0 || is->comp[i].shift != 0 ||
		    is->comp[i].depth < 8 || is->comp[i].depth > 12 || !frame->data[i])
			return false;
	}
	return true;
}

/* Of 8 bits, whatever it has. */
static int sample(const AVFrame *frame, int plane, int x, int y, int depth)
{
	const uint8_t *row = frame->data[plane] + (ptrdiff_t)y * frame->linesize[plane];

	if (depth == 8)
		return row[x];
	row += (ptrdiff_t)x * 2;
	return (row[0] | row[1] << 8) >> (depth - 8);
}

static uint8_t clip(int64_t fixed)
{
	const int64_t value = (fixed + (1 << (FIXED - 1))) >> FIXED;

	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static const struct matrix *matrix_of(const AVFrame *frame)
{
	switch ((int)frame->colorspace) {
	case AVCOL_SPC_BT709:
		return &bt709;
	case AVCOL_SPC_BT2020_NCL:
	case AVCOL_SPC_BT2020_CL:
		return &bt2020;
	case AVCOL_SPC_UNSPECIFIED:
		return frame->height >= WIDE_AS_HD ? &bt709 : &bt601;
	default:
		return &bt601;
	}
}

void yuv_row(const AVFrame *frame, int y, int step, uint8_t *rgba)
{
	const AVPixFmtDescriptor *is = description(frame);
	const struct matrix *by = matrix_of(frame);
	const bool is_full = frame->color_range == AVCOL_RANGE_JPEG ||
	    frame->format == AV_PIX_FMT_YUVJ420P ||
	    frame->format == AV_PIX_FMT_YUVJ422P || frame->format == AV_PIX_FMT_YUVJ444P;
	const double one = 1 << FIXED;
	const double chroma = is_full ? one : one * 255 / 224;
	const int64_t luma = (int64_t)(is_full ? one : one * 255 / 219);
	const int64_t red_cr = (int64_t)(by->red_cr * chroma);
	const int64_t green_cb = (int64_t)(by->green_cb * chroma);
	const int64_t green_cr = (int64_t)(by->green_cr * chroma);
	const int64_t blue_cb = (int64_t)(by->blue_cb * chroma);
	const int black = is_full ? 0 : 16, depth = is->comp[0].depth;

	for (int x = 0; x < frame->width; x += step, rgba += 4) {
		const int of_x = x >> is->log2_chroma_w, of_y = y >> is->log2_chroma_h;
		const int64_t light = (sample(frame, 0, x, y, depth) - black) * luma;
		const int64_t cb = sample(frame, 1, of_x, of_y, depth) - 128;
		const int64_t cr = sample(frame, 2, of_x, of_y, depth) - 128;

		rgba[0] = clip(light + red_cr * cr);
		rgba[1] = clip(light + green_cb * cb + green_cr * cr);
		rgba[2] = clip(light + blue_cb * cb);
		rgba[3] = 255;
	}
}
