/*
 * style.h - colours, when they are wanted: on a terminal, unless NO_COLOR is
 * set; --color decides over both.
 */
#pragma once

#include <stdbool.h>

enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_BUSY, TONE_DIM, TONE_BOLD };

struct style {
	bool is_on;
};

/* Makes a style; `when` is "auto", "always", "never"; NULL is auto. */
struct style style_make(const char *when, int fd);
/* Returns what to write before and behind a text; "" when colours are off. */
const char *style_on(struct style style, enum tone tone);
const char *style_off(struct style style, enum tone tone);
/* The tone of a state's name. */
enum tone style_of_state(const char *state);
