#include "core/account/cookie_age.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "base/say.h"

enum { HOUR_S = 3600 };

enum cookie_age cookie_age_at(int64_t expires_unix, int64_t now_unix)
{
	const int64_t left_s = expires_unix - now_unix;

	if (expires_unix <= 0 || left_s >= INT64_C(72) * HOUR_S)
		return COOKIE_FINE;
	if (left_s >= INT64_C(24) * HOUR_S)
		return COOKIE_DAYS;
	if (left_s >= HOUR_S)
		return COOKIE_DAY;
	return left_s > 0 ? COOKIE_HOUR : COOKIE_OVER;
}

static void describe_left(int64_t left_s, char *into, size_t room)
{
	const bool is_hours = left_s >= HOUR_S;
	const int64_t n = is_hours ? (left_s + HOUR_S / 2) / HOUR_S : (left_s + 59) / 60;

	if (is_hours)
		say_into(into, room, n == 1 ? N_("%lld hour") : N_("%lld hours"),
		    (long long)n);
	else
		say_into(into, room, n == 1 ? N_("%lld minute") : N_("%lld minutes"),
		    (long long)n);
}

const char *cookie_age_words(const char *profile, int64_t expires_unix, int64_t now_unix,
    char into[COOKIE_AGE_WORDS_MAX])
{
	const enum cookie_age age = cookie_age_at(expires_unix, now_unix);
	const time_t expires = (time_t)expires_unix;
	char date[64] = "", left[32];
	struct tm utc;

	into[0] = '\0';
	if (age == COOKIE_FINE)
		return into;
	if (gmtime_r(&expires, &utc))
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
	describe_left(expires_unix - now_unix, left, sizeof(left));
	if (age == COOKIE_OVER)
		say_into(into, COOKIE_AGE_WORDS_MAX,
		    "the cookie of profile '%s' ended on %s, the service may refuse it; "
		    "log in "
		    "with the browser and run 'dreamq auth import'",
		    profile, date);
	else
		say_into(into, COOKIE_AGE_WORDS_MAX,
		    "the cookie of profile '%s' ends in %s, on %s; log in with the "
		    "browser and "
		    "run 'dreamq auth import'",
		    profile, left, date);
	return into;
}
