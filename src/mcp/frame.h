/*
 * frame.h - lines out of bytes: a message of MCP on stdio is a line, however it is cut
 * on its way.
 *
 * A line ends with '\n', or with "\r\n"; one that is blank is none. What has no end when
 * the input ends was never sent. A line of more than FRAME_MAX bytes is told as such, and
 * passed over to its end, so that memory stays small and the next one is read.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

enum { FRAME_MAX = 1 << 20 };

enum frame_kind {
	FRAME_NONE, /* all bytes are taken, and no line is complete */
	FRAME_LINE, /* frames.line has it, without its end, until the next call */
	FRAME_TOO_LONG,
};

struct frames {
	struct buf line;
	size_t len; /* of the line that is being read, also of what is not kept of it */
	enum frame_kind told;
};

struct frames frames_make(void);
void frames_release(struct frames *frames);

/*
 * Takes bytes from the front of *bytes up to the end of a line. Is called again until it
 * is FRAME_NONE.
 */
enum frame_kind frames_next(struct frames *frames, const char **bytes, size_t *len);
