/*
 * json_scan.c - the strict reader below json.h: RFC 8259 in one pass, no
 * allocation, no recursion. It also does what the tree parser would trip over
 * later (numbers it can't hold, surrogates without a partner), so that a text
 * that passed here only fails there when memory is out.
 */
#include "base/json_scan.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/text.h"

/* cJSON copies a number into 64 bytes before it reads it. */
enum { NUMBER_MAX = 63 };

static bool refuse(struct json_scanner *s, size_t at, const char *why)
{
	s->at = at;
	s->why = why;
	return false;
}

static bool is_end(const struct json_scanner *s)
{
	return s->at == s->len;
}

static char peek(const struct json_scanner *s)
{
	if (is_end(s))
		return '\0';
	return s->bytes[s->at];
}

void json_scan_space(struct json_scanner *s)
{
	while (s->at < s->len &&
	    (s->bytes[s->at] == ' ' || s->bytes[s->at] == '\n' ||
		s->bytes[s->at] == '\r' || s->bytes[s->at] == '\t'))
		s->at++;
}

/* Reads four hex digits at `at`; -1 when there are none. */
static int32_t hex4(const struct json_scanner *s, size_t at)
{
	int32_t value = 0;

	if (s->len - at < 4)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		const char c = s->bytes[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* s->at stands behind "\u". */
static bool scan_unicode(struct json_scanner *s)
{
	const size_t start = s->at - 2;
	const int32_t code = hex4(s, s->at);
	int32_t low;

	if (code < 0)
		return refuse(s, start, N_("an escape without its four hex digits"));
	if (code == 0)
		return refuse(s, start, N_("NUL in a string"));
	s->at += 4;
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (code > 0xdbff || s->len - s->at < 6 || s->bytes[s->at] != '\\' ||
	    s->bytes[s->at + 1] != 'u')
		return refuse(s, start, N_("half of a surrogate pair"));
	low = hex4(s, s->at + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(s, start, N_("half of a surrogate pair"));
	s->at += 6;
	return true;
}

static bool scan_escape(struct json_scanner *s)
{
	s->at++;
	if (is_end(s))
		return refuse(s, s->at, N_("the text ends inside a string"));
	switch (s->bytes[s->at++]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return true;
	case 'u':
		return scan_unicode(s);
	default:
		return refuse(s, s->at - 2, N_("an unknown escape in a string"));
	}
}

/*
 * Passes over printable ASCII but quote and backslash: eight bytes at once, then one by
 * one.
 */
static void skip_plain(struct json_scanner *s)
{
	static const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	unsigned char c;
	uint64_t word;

	while (s->len - s->at >= 8) {
		uint64_t odd;

		memcpy(&word, s->bytes + s->at, 8);
		/* A top bit for each byte < 0x20, == '"', == '\\' or >= 0x80. */
		odd = word | (word - ones * 0x20);
		odd |= (word ^ (ones * '"')) - ones;
		odd |= (word ^ (ones * '\\')) - ones;
		if (odd & tops)
			break;
		s->at += 8;
	}
	for (; s->at < s->len; s->at++) {
		c = (unsigned char)s->bytes[s->at];
		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			return;
	}
}

bool json_scan_body(struct json_scanner *s)
{
	size_t n;

	for (;;) {
		skip_plain(s);
		if (is_end(s) || s->bytes[s->at] == '"')
			return true;
		if (s->bytes[s->at] == '\\') {
			if (!scan_escape(s))
				return false;
			continue;
		}
		if ((unsigned char)s->bytes[s->at] < 0x20)
			return refuse(s, s->at, N_("a control character in a string"));
		n = text_char_len(s->bytes + s->at, s->len - s->at);
		if (n == 0)
			return refuse(s, s->at, "invalid UTF-8");
		s->at += n;
	}
}

static bool scan_string(struct json_scanner *s)
{
	s->at++;
	if (!json_scan_body(s))
		return false;
	if (is_end(s))
		return refuse(s, s->at, N_("the text ends inside a string"));
	s->at++;
	return true;
}

static size_t skip_digits(struct json_scanner *s)
{
	const size_t start = s->at;

	while (s->at < s->len && s->bytes[s->at] >= '0' && s->bytes[s->at] <= '9')
		s->at++;
	return s->at - start;
}

static bool scan_number(struct json_scanner *s)
{
	const size_t start = s->at;
	bool is_good = true;

	s->at += peek(s) == '-';
	if (peek(s) == '0')
		s->at++;
	else
		is_good = skip_digits(s) > 0;
	if (is_good && peek(s) == '.') {
		s->at++;
		is_good = skip_digits(s) > 0;
	}
	if (is_good && (peek(s) == 'e' || peek(s) == 'E')) {
		s->at++;
		s->at += peek(s) == '-' || peek(s) == '+';
		is_good = skip_digits(s) > 0;
	}
	if (!is_good)
		return refuse(s, start, N_("a malformed number"));
	if (s->at - start > NUMBER_MAX)
		return refuse(s, start, N_("a number with more than 63 characters"));
	return true;
}

static bool scan_word(struct json_scanner *s, const char *word)
{
	const size_t n = strlen(word);

	if (s->len - s->at < n || memcmp(s->bytes + s->at, word, n) != 0)
		return refuse(s, s->at, N_("neither a value nor true, false or null"));
	s->at += n;
	return true;
}

static bool scan_scalar(struct json_scanner *s)
{
	switch (peek(s)) {
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	case '-':
	case '0' ... '9':
		return scan_number(s);
	default:
		return refuse(s, s->at,
		    is_end(s) ? N_("the text ends before its value is complete")
			      : N_("a value is expected"));
	}
}

bool json_scan_key(struct json_scanner *s, size_t *ret_len)
{
	size_t start;

	json_scan_space(s);
	start = s->at;
	if (peek(s) != '"')
		return refuse(s, s->at,
		    is_end(s) ? N_("the text ends inside an object")
			      : N_("a key is expected"));
	if (!scan_string(s))
		return false;
	*ret_len = s->at - start - 2;
	json_scan_space(s);
	if (peek(s) != ':')
		return refuse(s, s->at, N_("a colon is expected behind the key"));
	s->at++;
	return true;
}

/* What is open: one closing bracket a level. */
struct nest {
	char close[JSON_DEPTH_MAX];
	unsigned depth;
};

/*
 * Stands behind a complete value, and closes what closes. True with *ret_is_done false
 * when the next value of an array or object follows.
 */
static bool after_value(struct json_scanner *s, struct nest *nest, bool *ret_is_done)
{
	size_t key_len;

	*ret_is_done = false;
	while (nest->depth) {
		const char close = nest->close[nest->depth - 1];

		json_scan_space(s);
		if (peek(s) == ',') {
			s->at++;
			return close == ']' || json_scan_key(s, &key_len);
		}
		if (peek(s) != close)
			return refuse(s, s->at,
			    is_end(s) ? N_("the text ends inside an array or object")
				: close == ']' ? N_("a comma or ] is expected")
					       : N_("a comma or } is expected"));
		s->at++;
		nest->depth--;
	}
	*ret_is_done = true;
	return true;
}

/* Enter an array or object; *ret_is_empty when it is closed again at once. */
static bool open_nest(struct json_scanner *s, struct nest *nest, bool *ret_is_empty)
{
	const char close = s->bytes[s->at] == '[' ? ']' : '}';
	size_t key_len;

	if (nest->depth == JSON_DEPTH_MAX - s->depth)
		return refuse(s, s->at, N_("nested more than 64 deep"));
	s->at++;
	json_scan_space(s);
	*ret_is_empty = peek(s) == close;
	if (*ret_is_empty) {
		s->at++;
		return true;
	}
	nest->close[nest->depth++] = close;
	return close == ']' || json_scan_key(s, &key_len);
}

bool json_scan_value(struct json_scanner *s)
{
	struct nest nest = { .depth = 0 };
	bool is_done = false, is_complete;

	while (!is_done) {
		json_scan_space(s);
		is_complete = true;
		s->values++;
		if (peek(s) == '[' || peek(s) == '{') {
			if (!open_nest(s, &nest, &is_complete))
				return false;
		} else if (!scan_scalar(s)) {
			return false;
		}
		if (is_complete && !after_value(s, &nest, &is_done))
			return false;
	}
	return true;
}

enum err_kind json_scan_fail(const struct json_scanner *s, struct err *err)
{
	return err_set(err, ERR_CONTRACT, N_("not JSON at byte %zu: %s"), s->at, s->why);
}

enum err_kind json_scan_count(
    const char *bytes, size_t len, size_t *ret_values, struct err *err)
{
	struct json_scanner s = { .bytes = bytes, .len = len };

	json_scan_space(&s);
	if (is_end(&s))
		return err_set(err, ERR_CONTRACT, N_("not JSON: the text is empty"));
	if (!json_scan_value(&s))
		return json_scan_fail(&s, err);
	json_scan_space(&s);
	if (!is_end(&s)) {
		(void)refuse(&s, s.at, N_("something follows the value"));
		return json_scan_fail(&s, err);
	}
	*ret_values = s.values;
	return ERR_OK;
}
