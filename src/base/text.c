#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/cleanup.h"

const char *text_bytes(uint64_t bytes, char into[24])
{
	static const char *const names[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t unit = 1, whole = bytes, tenths = 0;
	size_t i = 0;

	/* 999.95 kB would be written as 1000.0 kB: that is 1.0 MB already. */
	while (bytes >= 1000 && i + 1 < sizeof(names) / sizeof(*names) &&
	    (i == 0 || whole >= 1000)) {
		unit *= 1000;
		i++;
		tenths = (bytes / (unit / 10) + bytes / (unit / 100) % 10 / 5);
		whole = tenths / 10;
	}
	if (i == 0)
		(void)snprintf(into, 24, "%" PRIu64 " B", bytes);
	else
		(void)snprintf(into, 24, "%u.%u %s", (unsigned)(whole % 100000),
		    (unsigned)(tenths % 10), names[i]);
	return into;
}

bool text_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

enum { DISTANCE_MAX = 64 };

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

unsigned text_distance(const char *a, const char *b)
{
	const size_t n = strlen(a), m = strlen(b);
	unsigned rows[3][DISTANCE_MAX + 1];
	unsigned *older = rows[0], *old = rows[1], *now = rows[2], *spare;

	if (n > DISTANCE_MAX || m > DISTANCE_MAX)
		return (unsigned)(n > m ? n : m);
	for (unsigned j = 0; j <= m; j++)
		older[j] = old[j] = j;
	for (unsigned i = 1; i <= n; i++) {
		now[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			now[j] = smaller(old[j], now[j - 1]) + 1;
			now[j] = smaller(now[j], old[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				now[j] = smaller(now[j], older[j - 2] + 1);
		}
		spare = older;
		older = old;
		old = now;
		now = spare;
	}
	return old[m];
}

const char *text_nearest(const char *word, const char *const *names)
{
	const size_t len = strlen(word);
	unsigned best = len < 3 ? 1 : smaller((unsigned)(len + 2) / 3, 3);
	const char *nearest = NULL;

	best++;
	for (; *names; names++) {
		const unsigned distance = text_distance(word, *names);

		if (distance < best && distance < strlen(*names)) {
			best = distance;
			nearest = *names;
		}
	}
	return nearest;
}

/*
 * Accepts the ranges of Unicode's table 3-7: no overlong form, no surrogate, no >
 * U+10FFFF.
 */
size_t text_char_len(const char *bytes, size_t len)
{
	const unsigned char *p = (const unsigned char *)bytes;
	unsigned char low = 0x80, high = 0xbf;
	size_t need;

	if (len == 0 || (p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4)
		return 0;
	if (p[0] < 0x80)
		return 1;
	need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (len < need || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return need;
}

bool text_is_utf8(const char *bytes, size_t len)
{
	size_t n;

	for (; len; bytes += n, len -= n) {
		n = text_char_len(bytes, len);
		if (n == 0)
			return false;
	}
	return true;
}

/* Could these bytes be the first ones of a character, of which more have to follow? */
static bool is_half_char(const char *bytes, size_t len)
{
	static const char rest[] = "\x80\xbf\x90\x8f"; /* one of them suits */
	char whole[4] = { 0 };

	if (len >= sizeof(whole) || text_char_len(bytes, len) > 0)
		return false;
	memset(whole, rest[0], sizeof(whole));
	memcpy(whole, bytes, len);
	for (size_t i = 0; rest[i]; i++) {
		whole[len] = rest[i];
		if (text_char_len(whole, sizeof(whole)) > len)
			return true;
	}
	return false;
}

size_t text_cut(const char *utf8, size_t max)
{
	const size_t len = strnlen(utf8, max);

	if (len < max)
		return len;
	for (size_t back = 1; back <= 3 && back <= len; back++)
		if (is_half_char(utf8 + len - back, back))
			return len - back;
	return len;
}

char *text_copy(const char *utf8, char *into, size_t room)
{
	const size_t len = text_cut(utf8, room - 1);

	memcpy(into, utf8, len);
	into[len] = '\0';
	return into;
}

int32_t text_char_at(const char *text, size_t len, size_t *ret_n)
{
	const size_t n = text_char_len(text, len);
	utf8proc_int32_t code = -1;

	*ret_n = n ? n : 1;
	if (n)
		(void)utf8proc_iterate(
		    (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &code);
	return code;
}

static bool is_control(int32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Is it one of the invisible characters that turn a line around or break it? */
static bool is_trick(int32_t code)
{
	return (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x206f) || code == 0x61c || code == 0xfeff ||
	    (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe007f);
}

static size_t columns_of(int32_t code)
{
	const int width = is_control(code) ? 1 : utf8proc_charwidth(code);

	return width > 0 ? (size_t)width : 0;
}

/* A broken byte is to be complained of as such. */
static bool shows(int32_t code)
{
	const utf8proc_category_t category = utf8proc_category(code);

	return code < 0 ||
	    (category != UTF8PROC_CATEGORY_ZS && category != UTF8PROC_CATEGORY_ZL &&
		category != UTF8PROC_CATEGORY_ZP && category != UTF8PROC_CATEGORY_CC &&
		category != UTF8PROC_CATEGORY_CF);
}

bool text_is_blank(const char *utf8)
{
	size_t n, len = strlen(utf8);

	for (; len; utf8 += n, len -= n) {
		if (shows(text_char_at(utf8, len, &n)))
			return false;
	}
	return true;
}

static bool is_margin(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

char *text_trim(char *text)
{
	size_t len;

	while (is_margin(*text))
		text++;
	len = strlen(text);
	while (len > 0 && is_margin(text[len - 1]))
		text[--len] = '\0';
	return text;
}

size_t text_width(const char *utf8)
{
	size_t columns = 0, n, len = strlen(utf8);

	for (; len; utf8 += n, len -= n)
		columns += columns_of(text_char_at(utf8, len, &n));
	return columns;
}

/* A wide character that has no room at the end of a row goes to the next as a whole. */
size_t text_rows(const char *utf8, size_t columns)
{
	size_t rows = 1, used = 0, n, len = strlen(utf8);

	for (; len; utf8 += n, len -= n) {
		const size_t width = columns_of(text_char_at(utf8, len, &n));

		used += width;
		if (used > columns && used > width) {
			rows++;
			used = width;
		}
	}
	return rows;
}

char *text_fit(const char *utf8, size_t columns)
{
	static const char dots[] = "…";
	const size_t len = strlen(utf8);
	struct buf fit = buf_make(len + sizeof(dots));
	size_t at = 0, used = 0, n;

	if (columns == 0)
		return strdup("");
	if (text_width(utf8) <= columns)
		return strdup(utf8);
	while (at < len) {
		used += columns_of(text_char_at(utf8 + at, len - at, &n));
		if (used > columns - 1)
			break;
		at += n;
	}
	buf_add(&fit, utf8, at);
	buf_add(&fit, dots, sizeof(dots) - 1);
	return buf_take(&fit);
}

/* Finds the first byte that is more than printable ASCII, or the end. */
static char *behind_plain(char *text)
{
	while (*text >= ' ' && *text < 0x7f)
		text++;
	return text;
}

void text_make_printable(char *utf8)
{
	char *to = behind_plain(utf8);
	const char *from = to;
	size_t len = strlen(to), n;

	for (; len; from += n, len -= n) {
		const int32_t code = text_char_at(from, len, &n);

		if (is_control(code) || is_trick(code)) {
			*to++ = '?';
			continue;
		}
		memmove(to, from, n);
		to += n;
	}
	*to = '\0';
}

static void add_escaped(struct buf *into, int32_t code)
{
	if (code < 0)
		buf_addf(into, "\xef\xbf\xbd");
	else if (code > 0xffff)
		buf_addf(into, "\\u%04x\\u%04x",
		    0xd800U + ((unsigned)(code - 0x10000) >> 10),
		    0xdc00U + ((unsigned)code & 0x3ff));
	else
		buf_addf(into, "\\u%04x", (unsigned)code);
}

char *text_escape_json(char *take_json)
{
	enum { GROWTH = 6 }; /* the longest escape of one byte */
	size_t len = take_json ? strlen(take_json) : 0, n;
	_cleanup_(buf_release) struct buf escaped = buf_make(len * GROWTH + 1);
	const char *from = take_json;

	for (; len; from += n, len -= n) {
		const int32_t code = text_char_at(from, len, &n);

		/* What is below a space is escaped already, or between two values. */
		if (code < 0 || code == 0x7f || (code > 0x7f && is_control(code)) ||
		    is_trick(code))
			add_escaped(&escaped, code);
		else
			buf_add(&escaped, from, n);
	}
	free(take_json);
	return buf_take(&escaped);
}
