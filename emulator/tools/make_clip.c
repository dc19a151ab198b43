/*
 * make_clip.c - writes the short MP4 that the emulator serves as a video.
 *
 *     make_clip FILE
 *
 * 121 frames of 640x360 at 24 a second: H.264 where libavcodec has an encoder
 * for it, else MPEG-4 part 2. The index is in front, so that a player can
 * begin before it has the whole file. Encoders are told to be bit-exact.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

enum { WIDTH = 640, HEIGHT = 360, FPS = 24, FRAMES = 121 };

struct film {
	AVFormatContext *file;
	AVCodecContext *codec;
	AVStream *stream;
	AVPacket *packet;
};

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	(void)fprintf(stderr, "make_clip: %s: %s\n", what, av_err2str(result));
	exit(1);
}

static void *need(void *p, const char *what)
{
	if (!p) {
		(void)fprintf(stderr, "make_clip: no %s\n", what);
		exit(1);
	}
	return p;
}

static void open_codec(struct film *film)
{
	const AVCodec *encoder = avcodec_find_encoder_by_name("libx264");

	if (!encoder)
		encoder = need((void *)(uintptr_t)avcodec_find_encoder(AV_CODEC_ID_MPEG4),
		    "encoder");
	film->codec = need(avcodec_alloc_context3(encoder), "codec");
	film->codec->width = WIDTH;
	film->codec->height = HEIGHT;
	film->codec->time_base = (AVRational){ 1, FPS };
	film->codec->framerate = (AVRational){ FPS, 1 };
	film->codec->pix_fmt = AV_PIX_FMT_YUV420P;
	film->codec->bit_rate = 120000;
	film->codec->gop_size = FPS;
	film->codec->max_b_frames = 0;
	film->codec->thread_count = 1;
	film->codec->flags |= AV_CODEC_FLAG_BITEXACT;
	if (film->file->oformat->flags & AVFMT_GLOBALHEADER)
		film->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	(void)av_opt_set(film->codec->priv_data, "preset", "veryfast", 0);
	check(avcodec_open2(film->codec, encoder, NULL), "codec");
}

static void open_file(struct film *film, const char *path)
{
	AVDictionary *options = NULL;

	check(avformat_alloc_output_context2(&film->file, NULL, "mp4", path), "mp4");
	film->file->flags |= AVFMT_FLAG_BITEXACT;
	open_codec(film);
	film->stream = need(avformat_new_stream(film->file, NULL), "stream");
	film->stream->time_base = film->codec->time_base;
	check(avcodec_parameters_from_context(film->stream->codecpar, film->codec),
	    "codec");
	check(avio_open(&film->file->pb, path, AVIO_FLAG_WRITE), path);
	check(av_dict_set(&options, "movflags", "+faststart", 0), "options");
	check(avformat_write_header(film->file, &options), "header");
	av_dict_free(&options);
	film->packet = need(av_packet_alloc(), "packet");
}

/* Moving stripes: cheap to draw, small when encoded, visibly a film. */
static void draw(AVFrame *frame, int number)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			frame->data[0][y * frame->linesize[0] + x] =
			    (uint8_t)(((x + number * 4) / 40 * 37 + y / 45 * 11) & 255);
	for (int y = 0; y < HEIGHT / 2; y++)
		for (int x = 0; x < WIDTH / 2; x++) {
			frame->data[1][y * frame->linesize[1] + x] =
			    (uint8_t)(96 + number / 2);
			frame->data[2][y * frame->linesize[2] + x] =
			    (uint8_t)(160 - y / 4);
		}
}

static void write_packets(struct film *film)
{
	for (;;) {
		int result = avcodec_receive_packet(film->codec, film->packet);

		if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
			return;
		check(result, "encode");
		film->packet->duration = 1;
		av_packet_rescale_ts(
		    film->packet, film->codec->time_base, film->stream->time_base);
		check(av_interleaved_write_frame(film->file, film->packet), "write");
	}
}

static void encode(struct film *film)
{
	AVFrame *frame = need(av_frame_alloc(), "frame");

	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = WIDTH;
	frame->height = HEIGHT;
	check(av_frame_get_buffer(frame, 0), "frame");
	for (int i = 0; i < FRAMES; i++) {
		check(av_frame_make_writable(frame), "frame");
		draw(frame, i);
		frame->pts = i;
		check(avcodec_send_frame(film->codec, frame), "encode");
		write_packets(film);
	}
	check(avcodec_send_frame(film->codec, NULL), "flush");
	write_packets(film);
	av_frame_free(&frame);
}

int main(int argc, char **argv)
{
	struct film film = { 0 };

	if (argc != 2) {
		(void)fputs("usage: make_clip FILE\n", stderr);
		return 2;
	}
	av_log_set_level(AV_LOG_ERROR);
	open_file(&film, argv[1]);
	encode(&film);
	check(av_write_trailer(film.file), "trailer");
	check(avio_closep(&film.file->pb), "close");
	av_packet_free(&film.packet);
	avcodec_free_context(&film.codec);
	avformat_free_context(film.file);
	return 0;
}
