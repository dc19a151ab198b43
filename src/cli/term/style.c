#include "cli/term/style.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const codes[] = {
	[TONE_PLAIN] = "",
	[TONE_GOOD] = "\033[32m",
	[TONE_BAD] = "\033[31m",
	[TONE_BUSY] = "\033[33m",
	[TONE_DIM] = "\033[2m",
	[TONE_BOLD] = "\033[1m",
};

static const struct {
	const char *state;
	enum tone tone;
} state_tones[] = {
	{ "succeeded", TONE_GOOD },
	{ "failed", TONE_BAD },
	{ "cancelled", TONE_BAD },
	{ "not_found", TONE_BAD },
};

struct style style_make(const char *when, int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when && !strcmp(when, "always"))
		return (struct style){ .is_on = true };
	if ((when && !strcmp(when, "never")) || (no_color && *no_color) ||
	    (term && !strcmp(term, "dumb")))
		return (struct style){ .is_on = false };
	return (struct style){ .is_on = isatty(fd) == 1 };
}

const char *style_on(struct style style, enum tone tone)
{
	return style.is_on ? codes[tone] : "";
}

const char *style_off(struct style style, enum tone tone)
{
	return style.is_on && tone != TONE_PLAIN ? "\033[0m" : "";
}

enum tone style_of_state(const char *state)
{
	for (size_t i = 0; i < sizeof(state_tones) / sizeof(state_tones[0]); i++)
		if (!strcmp(state_tones[i].state, state))
			return state_tones[i].tone;
	return TONE_BUSY;
}
