#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 4096 };

#define BYTES_MAX 4.0e18

bool unit_integer(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(s, &end, 10);
	if (errno || end == s || *end || isspace((unsigned char)*s))
		return false;
	if (value < min || value > max)
		return false;
	*ret = value;
	return true;
}

/* A plain decimal number: strtod also takes "nan", "inf" and hexadecimal. */
static const char *plain_real(const char *s, double *ret)
{
	char *end;

	if (!isdigit((unsigned char)*s) || s[1] == 'x' || s[1] == 'X')
		return NULL;
	*ret = strtod(s, &end);
	return end;
}

bool unit_real(const char *s, double min, double max, double *ret)
{
	double value = 0.0;
	const char *end = plain_real(s, &value);

	if (!end || *end || value < min || value > max)
		return false;
	*ret = value;
	return true;
}

struct suffix {
	const char *name;
	double factor;
};

static bool scaled(const char *s, const struct suffix *rows, size_t n, double *ret)
{
	double value = 0.0;
	const char *end = plain_real(s, &value);

	if (!end)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(end, rows[i].name) == 0) {
			*ret = value * rows[i].factor;
			return true;
		}
	return false;
}

bool unit_seconds(const char *s, double *ret)
{
	static const struct suffix rows[] = {
		{ "", 1 },
		{ "s", 1 },
		{ "ms", 0.001 },
		{ "m", 60 },
		{ "h", 3600 },
		{ "d", 86400 },
	};

	return scaled(s, rows, sizeof(rows) / sizeof(rows[0]), ret);
}

bool unit_bytes(const char *s, uint64_t *ret)
{
	static const struct suffix rows[] = {
		{ "", 1 },
		{ "k", 1024 },
		{ "m", 1024 * 1024 },
		{ "g", 1024.0 * 1024 * 1024 },
	};
	double value;

	if (!scaled(s, rows, sizeof(rows) / sizeof(rows[0]), &value) || value > BYTES_MAX)
		return false;
	*ret = (uint64_t)value;
	return true;
}

bool unit_size(const char *s, unsigned *ret_width, unsigned *ret_height)
{
	unsigned w, h;
	int used = 0;

	if (!isdigit((unsigned char)*s))
		return false;
	if (sscanf(s, "%5ux%5u%n", &w, &h, &used) != 2 || s[used])
		return false;
	if (w < 1 || h < 1 || w > SIDE_MAX || h > SIDE_MAX)
		return false;
	*ret_width = w;
	*ret_height = h;
	return true;
}
