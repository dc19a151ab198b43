#include "common/units.h"

#include <ctype.h>
#include <errno.h>
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

/* A side of a picture; moves *at behind its digits. 0 when there is none. */
static unsigned read_side(const char **at)
{
	unsigned side = 0;

	while (isdigit((unsigned char)**at) && side <= SIDE_MAX)
		side = side * 10 + (unsigned)(*(*at)++ - '0');
	return side <= SIDE_MAX ? side : 0;
}

bool unit_size(const char *s, unsigned *ret_width, unsigned *ret_height)
{
	unsigned width = read_side(&s);
	unsigned height = 0;

	if (*s == 'x') {
		s++;
		height = read_side(&s);
	}
	if (!width || !height || *s)
		return false;
	*ret_width = width;
	*ret_height = height;
	return true;
}
