/*
 * protocol.h - what dreamq and its helpers dreamq-thumb and dreamq-poster say to each
 * other.
 *
 * A helper is started with a stream socket as its standard input. A request is a struct
 * thumb_request that travels in one piece with one descriptor (SCM_RIGHTS), open for
 * reading, of the file that is meant; the helper closes it. The answer is a struct
 * thumb_reply and, when its result is THUMB_DONE, `length` bytes. One request at a time.
 * The helper ends when the socket is closed at the other end, and now and then by itself,
 * between two requests: then it is started anew, and asked again.
 *
 * Both run on the same machine and come from the same build, so numbers are as the
 * machine has them. The helper may have been taken over by what it read: nothing of an
 * answer is believed that was not compared with the request.
 */
#pragma once

#include <stdint.h>

enum {
	THUMB_MAGIC = 0x31545144, /* "DQT1" */
	THUMB_SIDE_MAX = 4096, /* of what may be asked for, in pixels */
	THUMB_BYTES_MAX = 4 * 1024 * 1024, /* of an answer as WebP */
	THUMB_VERSION =
	    1, /* a picture that one version fails at is tried again by the next */
};

enum thumb_format {
	THUMB_WEBP, /* a file */
	THUMB_RGBA, /* four bytes a pixel, row by row, not multiplied by alpha */
};

/* Keeps its ratio, and is never made larger. */
struct thumb_request {
	uint32_t magic;
	uint32_t width, height; /* at most */
	uint32_t format;
};

enum thumb_result {
	THUMB_DONE,
	THUMB_UNKNOWN, /* no kind of file that this helper reads */
	THUMB_DAMAGED,
	THUMB_TOO_LARGE, /* more pixels than it decodes */
	THUMB_UNSUPPORTED, /* of that kind, and in a form that it does not read */
	THUMB_NO_MEMORY,
	THUMB_RESULT_COUNT,
};

struct thumb_reply {
	uint32_t magic;
	uint32_t result;
	uint32_t width, height;
	uint32_t length; /* in bytes, of what follows */
};
