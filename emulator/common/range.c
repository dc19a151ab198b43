#include "common/range.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Digits only, and no overflow; moves *at behind them. False when there are none. */
static bool read_number(const char **at, uint64_t *ret)
{
	const char *p = *at;
	uint64_t value = 0;

	while (isdigit((unsigned char)*p)) {
		if (value > (UINT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (uint64_t)(*p++ - '0');
	}
	if (p == *at)
		return false;
	*at = p;
	*ret = value;
	return true;
}

static enum range_result suffix(
    const char *p, uint64_t size, uint64_t *ret_first, uint64_t *ret_last)
{
	uint64_t n;

	if (!read_number(&p, &n) || *p)
		return RANGE_WHOLE;
	if (n == 0 || size == 0)
		return RANGE_REFUSED;
	*ret_first = n < size ? size - n : 0;
	*ret_last = size - 1;
	return RANGE_PART;
}

enum range_result range_read(
    const char *header, uint64_t size, uint64_t *ret_first, uint64_t *ret_last)
{
	uint64_t first, last = UINT64_MAX;
	const char *p = header;

	if (!p || strncmp(p, "bytes=", 6) != 0)
		return RANGE_WHOLE;
	p += 6;
	if (*p == '-')
		return suffix(p + 1, size, ret_first, ret_last);
	if (!read_number(&p, &first) || *p != '-')
		return RANGE_WHOLE;
	p++;
	if (*p && (!read_number(&p, &last) || *p || last < first))
		return RANGE_WHOLE;
	if (first >= size)
		return RANGE_REFUSED;
	*ret_first = first;
	*ret_last = last < size ? last : size - 1;
	return RANGE_PART;
}
