/*
 * cookie_age.h - is a cookie about to die, and how is that said? Pure.
 */
#pragma once

#include <stdint.h>

/* How long it still lives; each is worse than the one before. */
enum cookie_age {
	COOKIE_FINE, /* or nobody knows */
	COOKIE_DAYS, /* less than 72 hours */
	COOKIE_DAY, /* less than 24 */
	COOKIE_HOUR, /* less than 1 */
	COOKIE_OVER,
};
/* 0 is no date. */
enum cookie_age cookie_age_at(int64_t expires_unix, int64_t now_unix);
/* The same as one sentence, what to do included; "" while it is fine. Returns `into`. */
enum { COOKIE_AGE_WORDS_MAX = 256 };
const char *cookie_age_words(const char *profile, int64_t expires_unix, int64_t now_unix,
    char into[COOKIE_AGE_WORDS_MAX]);
