#include "cli/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	FRAME_MAX = 256 * 1024,
	REDRAW_MS = 180, /* a tick comes about every 200 ms */
	COLUMNS_DEFAULT = 80,
	ROWS_DEFAULT = 24,
};

void screen_start(struct screen *screen, const char *when)
{
	const char *term = getenv("TERM");
	const bool is_fit =
	    isatty(STDERR_FILENO) == 1 && term && *term && strcmp(term, "dumb") != 0;

	if (when && !strcmp(when, "never"))
		return;
	if (!is_fit && !(when && !strcmp(when, "always")))
		return;
	*screen = (struct screen){ .progress = progress_new(clock_unix_ms()) };
}

/* Asked at every frame, so a window that changes its size needs no signal. */
static void terminal_size(unsigned *ret_columns, unsigned *ret_rows)
{
	struct winsize size;

	*ret_columns = COLUMNS_DEFAULT;
	*ret_rows = ROWS_DEFAULT;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_col > 0)
		*ret_columns = size.ws_col;
	if (size.ws_row > 0)
		*ret_rows = size.ws_row;
}

static void write_all(const struct buf *frame)
{
	(void)fflush(stderr);
	for (size_t done = 0; done < frame->len;) {
		ssize_t n = write(STDERR_FILENO, frame->data + done, frame->len - done);

		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

/* To the first of our lines. */
static void add_climb(struct buf *frame, unsigned n_lines)
{
	if (n_lines > 0)
		buf_addf(frame, "\r\033[%uA", n_lines);
}

static void draw(struct screen *screen)
{
	struct buf frame = buf_make(FRAME_MAX);
	unsigned columns, rows, n_lines;

	terminal_size(&columns, &rows);
	add_climb(&frame, screen->n_lines);
	n_lines = progress_draw(screen->progress, clock_unix_ms(), columns,
	    rows > 4 ? rows - 2 : 2, "\033[K\n", &frame);
	buf_addf(&frame, "\033[J");
	write_all(&frame);
	buf_release(&frame);
	screen->n_lines = n_lines;
}

void screen_hear(struct screen *screen, const struct dq_event *event)
{
	int64_t now_ms;

	if (!screen->progress)
		return;
	progress_hear(screen->progress, event);
	if (event->type != DQ_EVENT_TICK)
		return;
	now_ms = clock_mono_ms();
	if (now_ms - screen->drawn_ms < REDRAW_MS)
		return;
	screen->drawn_ms = now_ms;
	draw(screen);
}

void screen_hide(struct screen *screen)
{
	struct buf frame = buf_make(64);

	if (screen->n_lines == 0)
		return;
	add_climb(&frame, screen->n_lines);
	buf_addf(&frame, "\033[J");
	write_all(&frame);
	buf_release(&frame);
	screen->n_lines = 0;
}

void screen_end(struct screen *screen)
{
	screen_hide(screen);
	progress_free(screen->progress);
	*screen = (struct screen){ 0 };
}
