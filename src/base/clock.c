/*
 * clock.c - dates are read by hand: strptime() follows the locale, and a
 * server's date must mean the same in every one.
 */
#include "base/clock.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday" };

static const int64_t last_ms = 253402300799999; /* 9999-12-31T23:59:59.999Z */

static int64_t now_ms(clockid_t id)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_unix_ms(void)
{
	return now_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return now_ms(CLOCK_BOOTTIME);
}

const char *clock_iso(int64_t unix_ms, char into[CLOCK_ISO_MAX])
{
	const int64_t ms = unix_ms < 0 ? 0 : unix_ms > last_ms ? last_ms : unix_ms;
	const time_t seconds = (time_t)(ms / 1000);
	char part[8] = "";
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	if (ms % 1000)
		(void)snprintf(part, sizeof(part), ".%03d", (int)(ms % 1000));
	(void)snprintf(into, CLOCK_ISO_MAX, "%04u-%02u-%02uT%02u:%02u:%02u%sZ",
	    (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
	    (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
	    (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100, part);
	return into;
}

/* A date as read, and whether everything so far looked like one. */
struct reading {
	const char *at;
	bool is_good;
	struct tm tm;
};

static int take_digits(struct reading *r, int n)
{
	int value = 0;

	for (int i = 0; i < n && r->is_good; i++) {
		if (*r->at < '0' || *r->at > '9')
			r->is_good = false;
		else
			value = value * 10 + (*r->at++ - '0');
	}
	return value;
}

static void take_text(struct reading *r, const char *text)
{
	const size_t len = strlen(text);

	if (r->is_good && !strncmp(r->at, text, len))
		r->at += len;
	else
		r->is_good = false;
}

static void take_month(struct reading *r)
{
	for (int i = 0; i < 12 && r->is_good; i++) {
		if (!strncmp(r->at, months + 3 * (size_t)i, 3)) {
			r->tm.tm_mon = i;
			r->at += 3;
			return;
		}
	}
	r->is_good = false;
}

static void take_time(struct reading *r)
{
	r->tm.tm_hour = take_digits(r, 2);
	take_text(r, ":");
	r->tm.tm_min = take_digits(r, 2);
	take_text(r, ":");
	r->tm.tm_sec = take_digits(r, 2);
}

static int month_days(int year, int month)
{
	static const int table[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return table[month] + (month == 1 && is_leap);
}

/* Returns Unix seconds; -1 when it was no date, or one before 1970. */
static int64_t reading_seconds(struct reading *r)
{
	const struct tm *tm = &r->tm;

	if (!r->is_good || *r->at || tm->tm_year < 70 || tm->tm_mon < 0 ||
	    tm->tm_mon > 11 || tm->tm_mday < 1 ||
	    tm->tm_mday > month_days(tm->tm_year + 1900, tm->tm_mon))
		return -1;
	if (tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60)
		return -1;
	return (int64_t)timegm(&r->tm);
}

int64_t clock_parse_iso(const char *text)
{
	struct reading r = { .at = text, .is_good = true };
	int64_t seconds;
	int ms = 0;

	r.tm.tm_year = take_digits(&r, 4) - 1900;
	take_text(&r, "-");
	r.tm.tm_mon = take_digits(&r, 2) - 1;
	take_text(&r, "-");
	r.tm.tm_mday = take_digits(&r, 2);
	take_text(&r, "T");
	take_time(&r);
	if (r.is_good && *r.at == '.') {
		r.at++;
		ms = take_digits(&r, 3);
	}
	take_text(&r, "Z");
	seconds = reading_seconds(&r);
	return seconds < 0 ? -1 : seconds * 1000 + ms;
}

/* Reads "Sun, 06 Nov 1994 08:49:37 GMT". */
static void take_imf_date(struct reading *r)
{
	take_text(r, ", ");
	r->tm.tm_mday = take_digits(r, 2);
	take_text(r, " ");
	take_month(r);
	take_text(r, " ");
	r->tm.tm_year = take_digits(r, 4) - 1900;
	take_text(r, " ");
	take_time(r);
	take_text(r, " GMT");
}

/* Reads "Sunday, 06-Nov-94 08:49:37 GMT"; two digits mean 1970 to 2069. */
static void take_rfc850_date(struct reading *r)
{
	int year;

	take_text(r, ", ");
	r->tm.tm_mday = take_digits(r, 2);
	take_text(r, "-");
	take_month(r);
	take_text(r, "-");
	year = take_digits(r, 2);
	r->tm.tm_year = year < 70 ? year + 100 : year;
	take_text(r, " ");
	take_time(r);
	take_text(r, " GMT");
}

/* Reads "Sun Nov  6 08:49:37 1994". */
static void take_asctime_date(struct reading *r)
{
	take_text(r, " ");
	take_month(r);
	take_text(r, " ");
	if (r->is_good && *r->at == ' ') {
		r->at++;
		r->tm.tm_mday = take_digits(r, 1);
	} else {
		r->tm.tm_mday = take_digits(r, 2);
	}
	take_text(r, " ");
	take_time(r);
	take_text(r, " ");
	r->tm.tm_year = take_digits(r, 4) - 1900;
}

/* Skips the name of a day; its length tells the three forms apart. 0: none. */
static size_t day_length(const char *text)
{
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		if (!strncmp(text, days[i], strlen(days[i])))
			return strlen(days[i]);
		if (!strncmp(text, days[i], 3))
			return 3;
	}
	return 0;
}

int64_t clock_parse_http_ms(const char *text)
{
	const size_t day = day_length(text);
	struct reading r = { .at = text + day, .is_good = true };
	int64_t seconds;

	if (day == 0)
		return -1;
	if (day > 3)
		take_rfc850_date(&r);
	else if (*r.at == ',')
		take_imf_date(&r);
	else
		take_asctime_date(&r);
	seconds = reading_seconds(&r);
	return seconds < 0 ? -1 : seconds * 1000;
}
