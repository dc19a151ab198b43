/*
 * screen.h - the lines at the bottom of a terminal that show what is going
 * on. Everything else that is printed goes through screen_hide() first;
 * the next tick draws them again below it.
 *
 * When the window becomes narrower, most terminals wrap the lines that are there anew:
 * they take more rows then, all of which are taken away. What has been scrolled off the
 * screen by that is out of our reach.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/output/progress.h"

struct screen {
	struct progress *progress; /* NULL: not a terminal, or not wanted */
	char *drawn; /* the lines that are there, each with its newline; NULL: none */
	bool is_plain; /* nothing is drawn: the total is told now and then */
	unsigned columns; /* of the terminal, when they were drawn */
	int64_t drawn_ms;
};

/*
 * Begin, when stderr is a terminal that can move its cursor ("bar", "auto", NULL),
 * whatever it is ("always"), or not ("none", "never", "json"). "plain": nothing is drawn,
 * and a line with the total is written every ten seconds.
 */
void screen_start(struct screen *screen, const char *when);
static inline bool screen_is_live(const struct screen *screen)
{
	return screen->progress != NULL && !screen->is_plain;
}
void screen_hear(struct screen *screen, const struct dq_event *event);
/* Take the lines away; the cursor stands where they began. */
void screen_hide(struct screen *screen);
/* Hide, and never draw again. */
void screen_end(struct screen *screen);
