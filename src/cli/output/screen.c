#include "cli/output/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	FRAME_MAX = 256 * 1024,
	REDRAW_MS = 180, /* a tick comes about every 200 ms */
	TOTAL_MS = 10000, /* between two lines of a plain progress */
	COLUMNS_DEFAULT = 80,
	ROWS_DEFAULT = 24,
};

static bool is_word(const char *when, const char *word)
{
	return when && !strcmp(when, word);
}

void screen_start(struct screen *screen, const char *when)
{
	const char *term = getenv("TERM");
	const bool is_fit =
	    isatty(STDERR_FILENO) == 1 && term && *term && strcmp(term, "dumb") != 0;

	const bool is_plain = is_word(when, "plain");

	if (is_word(when, "never") || is_word(when, "none") || is_word(when, "json"))
		return;
	if (!is_fit && !is_plain && !is_word(when, "always"))
		return;
	*screen = (struct screen){ .progress = progress_new(clock_unix_ms()),
		.is_plain = is_plain,
		.drawn_ms = is_plain ? clock_mono_ms() : 0 };
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

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

/*
 * Does the terminal wrap anew what is there when its width changes? Nearly all do; xterm,
 * screen and the console cut it. The innermost of those that are within each other
 * counts.
 */
static bool wraps_anew(void)
{
	const char *term = getenv("TERM");

	if (is_set("TMUX"))
		return true;
	if (is_set("STY") || is_set("XTERM_VERSION"))
		return false;
	return !term || strncmp(term, "linux", strlen("linux")) != 0;
}

/* Counts the rows that our lines take now. */
static size_t count_rows(const struct screen *screen, unsigned columns)
{
	const bool are_wrapped = columns < screen->columns && wraps_anew();
	size_t rows = 0;

	for (const char *at = screen->drawn; *at; at = strchr(at, '\n') + 1) {
		_cleanup_free_ char *line = strndup(at, strcspn(at, "\n"));

		rows += are_wrapped && line ? text_rows(line, columns) : 1;
	}
	return rows;
}

/* Climbs to the first of our lines. */
static void add_climb(const struct screen *screen, unsigned columns, struct buf *frame)
{
	if (!screen->drawn)
		return;
	buf_addf(frame, "\r\033[%zuA", count_rows(screen, columns));
	if (columns != screen->columns)
		buf_addf(frame, "\033[J");
}

static void draw(struct screen *screen)
{
	_cleanup_(buf_release) struct buf lines = buf_make(FRAME_MAX);
	_cleanup_(buf_release) struct buf frame = buf_make(FRAME_MAX);
	unsigned columns, rows;

	terminal_size(&columns, &rows);
	add_climb(screen, columns, &frame);
	(void)progress_draw(screen->progress, clock_unix_ms(), columns,
	    rows > 4 ? rows - 2 : 2, "\n", &lines);
	for (const char *at = lines.data; at && *at; at += strcspn(at, "\n") + 1)
		buf_addf(&frame, "%.*s\033[K\n", (int)strcspn(at, "\n"), at);
	buf_addf(&frame, "\033[J");
	if (buf_failed(&lines) || buf_failed(&frame))
		return;
	write_all(&frame);
	free(screen->drawn);
	screen->drawn = buf_take(&lines);
	screen->columns = columns;
}

static void tell_total(struct screen *screen)
{
	_cleanup_(buf_release) struct buf line = buf_make(FRAME_MAX);

	progress_total(screen->progress, clock_unix_ms(), &line);
	buf_addf(&line, "\n");
	if (!buf_failed(&line))
		write_all(&line);
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
	if (now_ms - screen->drawn_ms < (screen->is_plain ? TOTAL_MS : REDRAW_MS))
		return;
	screen->drawn_ms = now_ms;
	if (screen->is_plain)
		tell_total(screen);
	else
		draw(screen);
}

void screen_hide(struct screen *screen)
{
	_cleanup_(buf_release) struct buf frame = buf_make(64);
	unsigned columns, rows;

	if (!screen->drawn)
		return;
	terminal_size(&columns, &rows);
	add_climb(screen, columns, &frame);
	buf_addf(&frame, "\033[J");
	write_all(&frame);
	free(screen->drawn);
	screen->drawn = NULL;
}

void screen_end(struct screen *screen)
{
	screen_hide(screen);
	progress_free(screen->progress);
	*screen = (struct screen){ 0 };
}
