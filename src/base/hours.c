#include "base/hours.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

enum { HOUR = 60 /* minutes */, MINUTE_MS = 60 * 1000, CLOCK_LEN = 5 };

/* Reads "07:30", up to "24:00". */
static bool read_clock(const char *text, unsigned *ret_minute)
{
	unsigned minute, hour;

	for (size_t i = 0; i < CLOCK_LEN; i++)
		if (i == 2 ? text[i] != ':' : !isdigit((unsigned char)text[i]))
			return false;
	hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
	*ret_minute = hour * HOUR + minute;
	return minute < HOUR && *ret_minute <= DAY_MINUTES;
}

enum err_kind hours_parse(
    const char *text, size_t len, struct hours *ret_hours, struct err *err)
{
	struct hours hours;

	if (len != 2 * CLOCK_LEN + 1 || text[CLOCK_LEN] != '-' ||
	    !read_clock(text, &hours.from) ||
	    !read_clock(text + CLOCK_LEN + 1, &hours.to) || hours.from == DAY_MINUTES)
		return err_set(err, ERR_USAGE,
		    "'%.*s' are no hours; write them like 22:00-07:00",
		    (int)(len < 40 ? len : 40), text);
	if (hours.from == hours.to)
		return err_set(err, ERR_USAGE,
		    "'%.*s' is no time at all; the whole day is 00:00-24:00", (int)len,
		    text);
	*ret_hours = hours;
	return ERR_OK;
}

enum err_kind hours_list_parse(
    const char *text, struct hours_list *ret_list, struct err *err)
{
	struct hours_list list = { .n = 0 };
	bool has_more = true;

	for (; has_more; text++) {
		const size_t len = strcspn(text, ",");

		if (list.n == HOURS_MAX)
			return err_set(
			    err, ERR_USAGE, "more than %d hours are given", HOURS_MAX);
		if (hours_parse(text, len, &list.all[list.n++], err))
			return err->kind;
		text += len;
		has_more = *text == ',';
	}
	*ret_list = list;
	return ERR_OK;
}

bool hours_have(const struct hours *hours, unsigned minute)
{
	if (hours->from < hours->to)
		return minute >= hours->from && minute < hours->to;
	return minute >= hours->from || minute < hours->to;
}

bool hours_list_has(const struct hours_list *list, unsigned minute)
{
	for (size_t i = 0; i < list->n; i++)
		if (hours_have(&list->all[i], minute))
			return true;
	return false;
}

unsigned hours_minute(int64_t unix_ms, int64_t *ret_next_unix_ms)
{
	const time_t seconds = (time_t)(unix_ms / 1000);
	struct tm local = { 0 };

	/* A zone that was changed while we run counts from its next minute on. */
	tzset();
	(void)localtime_r(&seconds, &local);
	*ret_next_unix_ms = (int64_t)seconds * 1000 + MINUTE_MS -
	    (int64_t)(local.tm_sec < HOUR ? local.tm_sec : HOUR - 1) * 1000;
	return (unsigned)(local.tm_hour * HOUR + local.tm_min);
}
