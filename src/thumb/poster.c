/*
 * poster.c - the first key frame of a film, by libav: of MP4, MOV and WebM only, of a few
 * codecs only, one thread, and nothing but the bytes of the descriptor is ever read.
 */
#include <string.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>

#include "thumb/decode.h"
#include "thumb/yuv.h"

enum {
	PACKETS_MAX = 256, /* before the first picture of it */
	IO_BUFFER = 64 * 1024,
	FRAME_PIXELS_MAX = 36 * 1024 * 1024, /* 8K has 33 */
	ALLOCATION_MAX = 256 * 1024 * 1024, /* that a head can ask for */
	SAMPLES = 3, /* of a side of a pixel of the result: more are not looked at */
};

static const enum AVCodecID codecs[] = { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC,
	AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MJPEG };

/* Everything that one film needs; all of it goes at its end. */
struct film {
	AVIOContext *io;
	AVFormatContext *format;
	AVCodecContext *codec;
	AVPacket *packet;
	AVFrame *frame;
};

static int read_bytes(void *opaque, uint8_t *into, int n)
{
	const ssize_t got = read(*(int *)opaque, into, (size_t)n);

	return got > 0 ? (int)got : AVERROR_EOF;
}

static int64_t seek(void *opaque, int64_t to, int whence)
{
	const int fd = *(int *)opaque;
	const off_t here = lseek(fd, 0, SEEK_CUR);
	off_t end;

	if (!(whence & AVSEEK_SIZE))
		return lseek(fd, to, whence & ~AVSEEK_FORCE);
	end = lseek(fd, 0, SEEK_END);
	(void)lseek(fd, here, SEEK_SET);
	return end;
}

/* A film may name other files; none is opened. */
static int refuse_files(AVFormatContext *format, AVIOContext **io, const char *url,
    int flags, AVDictionary **options)
{
	(void)format;
	(void)io;
	(void)url;
	(void)flags;
	(void)options;
	return AVERROR(EPERM);
}

static const AVInputFormat *demuxer_for(struct source *source)
{
	const uint8_t *head;
	const size_t n = source_head(source, &head);

	if (n >= 12 && !memcmp(head + 4, "ftyp", 4))
		return av_find_input_format("mov");
	if (n >= 4 && !memcmp(head, "\x1a\x45\xdf\xa3", 4))
		return av_find_input_format("matroska");
	return NULL;
}

static enum thumb_result open_film(
    struct film *film, const AVInputFormat *demuxer, struct source *source)
{
	uint8_t *buffer = av_malloc(IO_BUFFER);

	film->format = avformat_alloc_context();
	film->packet = av_packet_alloc();
	film->frame = av_frame_alloc();
	film->io = buffer ? avio_alloc_context(
				buffer, IO_BUFFER, 0, &source->fd, read_bytes, NULL, seek)
			  : NULL;
	if (!film->io)
		av_free(buffer);
	if (!film->format || !film->packet || !film->frame || !film->io)
		return THUMB_NO_MEMORY;
	(void)lseek(source->fd, 0, SEEK_SET);
	film->format->pb = film->io;
	film->format->io_open = refuse_files;
	/* On failure it frees the context, and sets it to NULL. */
	return avformat_open_input(&film->format, "", demuxer, NULL) < 0 ? THUMB_DAMAGED
									 : THUMB_DONE;
}

/* The stream that has pictures; all others are left out. */
static const AVStream *find_pictures(AVFormatContext *format)
{
	const AVStream *found = NULL;

	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *stream = format->streams[i];

		if (!found && stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
		    !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
			found = stream;
		else
			stream->discard = AVDISCARD_ALL;
	}
	return found;
}

static const AVCodec *decoder_for(enum AVCodecID id)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i] == id)
			return avcodec_find_decoder(id);
	return NULL;
}

static enum thumb_result open_codec(struct film *film, const AVStream *stream)
{
	const AVCodec *decoder = decoder_for(stream->codecpar->codec_id);

	if (!decoder)
		return THUMB_UNSUPPORTED;
	film->codec = avcodec_alloc_context3(decoder);
	if (!film->codec)
		return THUMB_NO_MEMORY;
	if (avcodec_parameters_to_context(film->codec, stream->codecpar) < 0)
		return THUMB_DAMAGED;
	film->codec->thread_count = 1;
	film->codec->max_pixels = FRAME_PIXELS_MAX;
	film->codec->skip_frame = AVDISCARD_NONKEY;
	film->codec->err_recognition = AV_EF_CAREFUL;
	return avcodec_open2(film->codec, decoder, NULL) < 0 ? THUMB_DAMAGED : THUMB_DONE;
}

/* One key frame is sent, and then it is asked for all that it has. */
static enum thumb_result decode_frame(struct film *film, int stream)
{
	for (int n = 0; n < PACKETS_MAX; n++) {
		bool is_key;

		if (av_read_frame(film->format, film->packet) < 0)
			return THUMB_DAMAGED;
		is_key = film->packet->stream_index == stream &&
		    (film->packet->flags & AV_PKT_FLAG_KEY) && film->packet->size > 0;
		if (is_key && avcodec_send_packet(film->codec, film->packet) == 0 &&
		    avcodec_send_packet(film->codec, NULL) == 0 &&
		    avcodec_receive_frame(film->codec, film->frame) == 0)
			return THUMB_DONE;
		av_packet_unref(film->packet);
		if (is_key)
			avcodec_flush_buffers(film->codec);
	}
	return THUMB_DAMAGED;
}

/* Every so many pixels of a side are enough for what is wanted. */
static int step_for(const AVFrame *frame, const struct want *want)
{
	const int by_width = frame->width / (int)(want->width * SAMPLES);
	const int by_height = frame->height / (int)(want->height * SAMPLES);
	const int step = by_width > by_height ? by_width : by_height;

	return step > 1 ? step : 1;
}

static enum thumb_result shrink_frame(
    const AVFrame *frame, const struct want *want, struct shrink *into)
{
	const int step = step_for(frame, want);
	const int width = (frame->width + step - 1) / step;
	const int height = (frame->height + step - 1) / step;
	enum thumb_result result;
	uint8_t *row;

	if (!yuv_can(frame))
		return THUMB_UNSUPPORTED;
	result = shrink_begin(into, (uint32_t)width, (uint32_t)height, want);
	if (result)
		return result;
	row = av_malloc((size_t)width * 4);
	if (!row)
		return THUMB_NO_MEMORY;
	for (int y = 0; y < height; y++) {
		yuv_row(frame, y * step, step, row);
		shrink_row(into, row);
	}
	av_free(row);
	return THUMB_DONE;
}

static enum thumb_result read_film(struct film *film, const AVInputFormat *demuxer,
    struct source *source, const struct want *want, struct shrink *into)
{
	enum thumb_result result = open_film(film, demuxer, source);
	const AVStream *stream;
	if (result)
		return result;
	stream = find_pictures(film->format);
	if (!stream)
		return THUMB_UNSUPPORTED;
	if ((int64_t)stream->codecpar->width * stream->codecpar->height >
	    FRAME_PIXELS_MAX)
		return THUMB_TOO_LARGE;
	result = open_codec(film, stream);
	if (!result)
		result = decode_frame(film, stream->index);
	return result ? result : shrink_frame(film->frame, want, into);
}

enum thumb_result decode_poster(
    struct source *source, const struct want *want, struct shrink *into)
{
	const AVInputFormat *demuxer = demuxer_for(source);
	struct film film = { 0 };
	enum thumb_result result;

	if (!demuxer)
		return THUMB_UNKNOWN;
	result = read_film(&film, demuxer, source, want, into);
	av_frame_free(&film.frame);
	av_packet_free(&film.packet);
	avcodec_free_context(&film.codec);
	avformat_close_input(&film.format);
	if (film.io)
		av_freep(&film.io->buffer);
	avio_context_free(&film.io);
	return result;
}

void prepare_posters(void)
{
	av_log_set_level(AV_LOG_QUIET);
	av_max_alloc(ALLOCATION_MAX);
}
