#include "service/jimeng/read/expiry.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"

enum {
	SIGNATURE_DIGITS = 32, /* hex, first segment of a video path */
	EXPIRY_DIGITS = 8, /* hex, the second */
	DATE_LEN = 16, /* 20250913T154200Z */
};

static const int64_t earliest_unix = 1420070400; /* 2015-01-01 */
static const int64_t latest_unix = 4102444800; /* 2100-01-01 */

struct span {
	const char *bytes;
	size_t len;
};

static int64_t sane(int64_t unix_s)
{
	return unix_s >= earliest_unix && unix_s <= latest_unix ? unix_s : 0;
}

/* Reads a whole number of at most 18 digits; -1 when it is none. */
static int64_t decimal(struct span text)
{
	int64_t value = 0;

	if (text.len == 0 || text.len > 18)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.bytes[i] < '0' || text.bytes[i] > '9')
			return -1;
		value = value * 10 + (text.bytes[i] - '0');
	}
	return value;
}

static bool is_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* The value of a query parameter, names compared without case; len 0 when absent. */
static struct span query_value(const char *url, const char *name)
{
	const size_t name_len = strlen(name);
	const char *end = url + strcspn(url, "#");
	const char *at = memchr(url, '?', (size_t)(end - url));

	while (at && at < end) {
		const char *stop = ++at;

		while (stop < end && *stop != '&')
			stop++;
		if ((size_t)(stop - at) > name_len && at[name_len] == '=' &&
		    !strncasecmp(at, name, name_len))
			return (struct span){ at + name_len + 1,
				(size_t)(stop - at) - name_len - 1 };
		at = stop;
	}
	return (struct span){ url, 0 };
}

/* Reads "20250913T154200Z" as unix seconds, -1 when it is none. */
static int64_t basic_date(struct span text)
{
	struct tm tm = { 0 };
	char copy[DATE_LEN + 1];

	if (text.len != DATE_LEN)
		return -1;
	memcpy(copy, text.bytes, DATE_LEN);
	copy[DATE_LEN] = '\0';
	if (strptime(copy, "%Y%m%dT%H%M%SZ", &tm) != copy + DATE_LEN)
		return -1;
	return timegm(&tm);
}

static int64_t from_parameter(const char *url, const char *name)
{
	return sane(decimal(query_value(url, name)));
}

static int64_t from_date_and_life(const char *url, const char *date, const char *life)
{
	const int64_t from = sane(basic_date(query_value(url, date)));
	const int64_t life_s = decimal(query_value(url, life));

	return from && life_s >= 0 && life_s < latest_unix ? sane(from + life_s) : 0;
}

/* Reads /<32 hex>/<8 hex>/video/... on whatever host. */
static int64_t from_video_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	int64_t value = 0;

	if (!path ||
	    strnlen(path, SIGNATURE_DIGITS + EXPIRY_DIGITS + 9) <
		SIGNATURE_DIGITS + EXPIRY_DIGITS + 9)
		return 0;
	path++;
	if (!is_hex(path, SIGNATURE_DIGITS) || path[SIGNATURE_DIGITS] != '/')
		return 0;
	path += SIGNATURE_DIGITS + 1;
	if (!is_hex(path, EXPIRY_DIGITS) ||
	    strncmp(path + EXPIRY_DIGITS, "/video/", 7) != 0)
		return 0;
	for (size_t i = 0; i < EXPIRY_DIGITS; i++) {
		const char c = text_lower(path[i]);

		value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return sane(value);
}

int64_t expiry_of_link(const char *url)
{
	int64_t expires;

	if (!url)
		return 0;
	expires = from_parameter(url, "x-expires");
	if (!expires)
		expires = from_video_path(url);
	if (!expires)
		expires = from_date_and_life(url, "X-Tos-Date", "X-Tos-Expires");
	if (!expires)
		expires = from_date_and_life(url, "X-Amz-Date", "X-Amz-Expires");
	if (!expires)
		expires = from_parameter(url, "url_expire");
	return expires;
}
