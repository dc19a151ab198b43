#include "mcp/frame.h"

#include <stdbool.h>
#include <string.h>

struct frames frames_make(void)
{
	return (struct frames){ .line = buf_make(FRAME_MAX + 1) };
}

void frames_release(struct frames *frames)
{
	buf_release(&frames->line);
}

static bool is_blank(const struct buf *line)
{
	return strspn(line->data, " \t\r") == line->len;
}

/* Memory that failed is a line that was not kept. */
static enum frame_kind end_line(struct frames *frames)
{
	struct buf *line = &frames->line;

	if (frames->len > FRAME_MAX || buf_failed(line))
		return FRAME_TOO_LONG;
	if (line->len > 0 && line->data[line->len - 1] == '\r')
		line->data[--line->len] = '\0';
	return is_blank(line) ? FRAME_NONE : FRAME_LINE;
}

/* What was told is over; a buffer that grew large gives its memory back. */
static void begin_line(struct frames *frames)
{
	enum { KEPT_MAX = 64 << 10 };

	if (frames->line.cap > KEPT_MAX || buf_failed(&frames->line)) {
		buf_release(&frames->line);
		frames->line = buf_make(FRAME_MAX + 1);
	}
	buf_clear(&frames->line);
	frames->len = 0;
	frames->told = FRAME_NONE;
}

static void keep(struct frames *frames, const char *bytes, size_t n)
{
	frames->len += n;
	if (frames->len <= FRAME_MAX)
		buf_add(&frames->line, bytes, n);
}

enum frame_kind frames_next(struct frames *frames, const char **bytes, size_t *len)
{
	if (frames->told != FRAME_NONE)
		begin_line(frames);
	while (*len > 0) {
		const char *end = memchr(*bytes, '\n', *len);
		const size_t n = end ? (size_t)(end - *bytes) : *len;

		keep(frames, *bytes, n);
		*bytes += n + (end ? 1 : 0);
		*len -= n + (end ? 1 : 0);
		if (!end)
			break;
		frames->told = end_line(frames);
		if (frames->told != FRAME_NONE)
			return frames->told;
		begin_line(frames);
	}
	return FRAME_NONE;
}
