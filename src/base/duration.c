#include "base/duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Longest duration that is not "never": no sum with a clock's value can overflow. */
static const int64_t duration_max_ms = INT64_C(1000) * 365 * 86400 * 1000;

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	/* Longer names first among those that share a beginning. */
	{ "ms", 1 },
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
};

static const struct unit *unit_at(const char *text)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strncmp(text, units[i].name, strlen(units[i].name)))
			return &units[i];
	return NULL;
}

/* Reads "1.5" as 1 and 500000000 billionths; false when there is no number. */
static bool take_number(const char **at, int64_t *ret_whole, int64_t *ret_billionths)
{
	int64_t whole = 0, part = 0, weight = 100000000;
	const char *p = *at;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++) {
		if (whole > duration_max_ms)
			return false;
		whole = whole * 10 + (*p - '0');
	}
	if (*p == '.' && isdigit((unsigned char)p[1])) {
		for (p++; isdigit((unsigned char)*p); p++, weight /= 10)
			part += weight * (*p - '0');
	}
	*at = p;
	*ret_whole = whole;
	*ret_billionths = part;
	return true;
}

/* Reads one "90", "1.5h", ... of a duration whose pieces must grow smaller. */
static bool take_piece(const char **at, bool is_first, int64_t *unit_ms, int64_t *sum_ms)
{
	int64_t whole, part, ms;
	const struct unit *unit;

	if (!take_number(at, &whole, &part))
		return false;
	unit = unit_at(*at);
	if (unit)
		*at += strlen(unit->name);
	else if (is_first && !**at)
		unit = unit_at("s");
	if (!unit || unit->ms >= *unit_ms)
		return false;
	*unit_ms = unit->ms;
	if (__builtin_mul_overflow(whole, unit->ms, &ms) || ms > duration_max_ms)
		return false;
	/* part < 10^9 and unit <= 8.64 * 10^7: fits. */
	*sum_ms += ms + part * unit->ms / 1000000000;
	return *sum_ms <= duration_max_ms;
}

enum err_kind duration_parse(const char *text, int64_t *ret_ms, struct err *err)
{
	int64_t unit_ms = INT64_MAX, sum_ms = 0;
	const char *at = text;

	if (!strcmp(text, "never") || !strcmp(text, "inf")) {
		*ret_ms = INT64_MAX;
		return ERR_OK;
	}
	do {
		if (!take_piece(&at, at == text, &unit_ms, &sum_ms))
			return err_set(err, ERR_USAGE,
			    "'%.40s' is not a duration; write 90s, 1h30m, 250ms, 2d or "
			    "never",
			    text);
	} while (*at);
	*ret_ms = sum_ms;
	return ERR_OK;
}

const char *duration_text(int64_t ms, char into[24])
{
	const int64_t s = ms / 1000;

	if (ms == INT64_MAX)
		(void)snprintf(into, 24, "never");
	else if (ms <= 0)
		(void)snprintf(into, 24, "0s");
	else if (ms < 1000)
		(void)snprintf(into, 24, "%" PRId64 "ms", ms);
	else if (s < 60)
		(void)snprintf(into, 24, "%" PRId64 "s", s);
	else if (s < 3600)
		(void)snprintf(into, 24, "%" PRId64 "m%02ds", s / 60, (int)(s % 60));
	else if (s < 86400)
		(void)snprintf(
		    into, 24, "%" PRId64 "h%02dm", s / 3600, (int)(s % 3600 / 60));
	else
		(void)snprintf(
		    into, 24, "%" PRId64 "d%02dh", s / 86400, (int)(s % 86400 / 3600));
	return into;
}

/* Below so many seconds an estimate is told in steps of so many. */
static const struct {
	int64_t below_s, step_s;
} about_steps[] = {
	{ 10, 1 },
	{ 60, 5 },
	{ 600, 10 },
	{ 3600, 60 },
	{ 36000, 600 },
	{ 864000, 3600 },
	{ INT64_MAX, 86400 },
};

const char *duration_about(int64_t ms, char into[24])
{
	const int64_t s = ms < 1000 ? 1 : ms / 1000 + (ms % 1000 >= 500 ? 1 : 0);
	int64_t step_s, rounded_s;
	size_t i = 0, len;

	if (ms > INT64_MAX - 86400 * INT64_C(1000))
		return duration_text(INT64_MAX, into);
	while (s >= about_steps[i].below_s)
		i++;
	step_s = about_steps[i].step_s;
	rounded_s = s / step_s * step_s + (s % step_s * 2 >= step_s ? step_s : 0);
	(void)duration_text(rounded_s * 1000, into);
	len = strlen(into);
	/* "2m00s" is "2m". */
	if (len > 4 && into[len - 3] == '0' && into[len - 2] == '0')
		into[len - 3] = '\0';
	return into;
}
