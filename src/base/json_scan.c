/*
 * json_scan.c - the strict reader below json.h: RFC 8259 in one pass, no
 * allocation, no recursion. It also does what the tree parser would trip over
 * later (numbers it can't hold, surrogates without a partner), so that a text
 * that passed here only fails there when memory is out.
 */
#include "base/json_scan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"

/* cJSON copies a number into 64 bytes before it reads it. */
enum { NUMBER_MAX = 63, FIRST_TOKENS = 256 };

static inline bool is_end(const struct json_scanner *s)
{
	return s->at == s->len;
}

static inline char peek(const struct json_scanner *s)
{
	if (is_end(s))
		return '\0';
	return s->bytes[s->at];
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Indentation is spaces by the dozen: eight at once, then one by one. */
static void skip_indent(struct json_scanner *s)
{
	static const uint64_t spaces = 0x2020202020202020;
	uint64_t word;

	do {
		while (s->len - s->at >= 8) {
			memcpy(&word, s->bytes + s->at, 8);
			if (word != spaces)
				break;
			s->at += 8;
		}
		while (s->at < s->len && s->bytes[s->at] == ' ')
			s->at++;
		if (s->at == s->len || !is_space(s->bytes[s->at]))
			return;
		s->at++;
	} while (true);
}

/* Of most texts on the wire there is none. */
static inline void skip_space(struct json_scanner *s)
{
	if (s->at < s->len && (unsigned char)s->bytes[s->at] <= ' ')
		skip_indent(s);
}

void json_scan_space(struct json_scanner *s)
{
	skip_space(s);
}

/* Most are short, and plain up to their quote. */
static inline bool scan_string(struct json_scanner *s)
{
	s->at++;
	json_scan_plain(s);
	if (peek(s) != '"' && !json_scan_body(s))
		return false;
	if (is_end(s))
		return json_scan_refuse(s, s->at, N_("the text ends inside a string"));
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
		return json_scan_refuse(s, start, N_("a malformed number"));
	if (s->at - start > NUMBER_MAX)
		return json_scan_refuse(
		    s, start, N_("a number with more than 63 characters"));
	return true;
}

static bool scan_word(struct json_scanner *s, const char *word)
{
	const size_t n = strlen(word);

	if (s->len - s->at < n || memcmp(s->bytes + s->at, word, n) != 0)
		return json_scan_refuse(
		    s, s->at, N_("neither a value nor true, false or null"));
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
		return json_scan_refuse(s, s->at,
		    is_end(s) ? N_("the text ends before its value is complete")
			      : N_("a value is expected"));
	}
}

static inline bool scan_key(struct json_scanner *s, size_t *ret_len)
{
	size_t start;

	skip_space(s);
	start = s->at;
	if (peek(s) != '"')
		return json_scan_refuse(s, s->at,
		    is_end(s) ? N_("the text ends inside an object")
			      : N_("a key is expected"));
	if (!scan_string(s))
		return false;
	*ret_len = s->at - start - 2;
	skip_space(s);
	if (peek(s) != ':')
		return json_scan_refuse(
		    s, s->at, N_("a colon is expected behind the key"));
	s->at++;
	return true;
}

bool json_scan_key(struct json_scanner *s, size_t *ret_len)
{
	return scan_key(s, ret_len);
}

/* --- the tape ------------------------------------------------------------------- */

ANALYZER_LOSES_SIGHT
/* Makes room for one token; a tape that has none is given up, and the scan goes on. */
static bool grow_tape(struct json_scanner *s)
{
	struct json_tape *tape = s->tape;
	const size_t room = tape->room * 2 + FIRST_TOKENS;
	struct json_token *grown =
	    tape->n < tape->max ? realloc(tape->tokens, room * sizeof(*grown)) : NULL;

	if (!grown) {
		tape->n = 0;
		s->tape = NULL;
		return false;
	}
	tape->tokens = grown;
	tape->room = room;
	return true;
}

ANALYZER_SEES_AGAIN

/* Notes what lies from `at` on. */
static inline void note_token(
    struct json_scanner *s, size_t at, size_t len, bool has_escape)
{
	struct json_tape *tape = s->tape;

	if (!tape || (tape->n == tape->room && !grow_tape(s)))
		return;
	tape->tokens[tape->n] = (struct json_token){ (uint32_t)at, (uint32_t)len,
		(uint32_t)tape->n + 1, has_escape };
	tape->n++;
}

/* What is open: one closing bracket a level, and its token. */
struct nest {
	char close[JSON_DEPTH_MAX];
	uint32_t token[JSON_DEPTH_MAX];
	unsigned depth;
};

static void note_end(struct json_scanner *s, uint32_t opened)
{
	struct json_token *token;

	if (!s->tape)
		return;
	token = &s->tape->tokens[opened];
	token->len = (uint32_t)(s->at - token->at);
	token->next = (uint32_t)s->tape->n;
}

/* Another member or element of what is open. */
static void note_part(struct json_scanner *s, const struct nest *nest)
{
	if (s->tape)
		s->tape->tokens[nest->token[nest->depth - 1]].n++;
}

/* Reads and notes a key. */
static inline bool scan_member_key(struct json_scanner *s)
{
	size_t at, len = 0;

	skip_space(s);
	at = s->at;
	s->has_escape = false;
	if (!scan_key(s, &len))
		return false;
	note_token(s, at, len + 2, s->has_escape);
	return true;
}

/*
 * Stands behind a complete value, and closes what closes. True with *ret_is_done false
 * when the next value of an array or object follows.
 */
static bool after_value(struct json_scanner *s, struct nest *nest, bool *ret_is_done)
{
	*ret_is_done = false;
	while (nest->depth) {
		const char close = nest->close[nest->depth - 1];

		skip_space(s);
		if (peek(s) == ',') {
			s->at++;
			note_part(s, nest);
			return close == ']' || scan_member_key(s);
		}
		if (peek(s) != close)
			return json_scan_refuse(s, s->at,
			    is_end(s) ? N_("the text ends inside an array or object")
				: close == ']' ? N_("a comma or ] is expected")
					       : N_("a comma or } is expected"));
		s->at++;
		note_end(s, nest->token[--nest->depth]);
	}
	*ret_is_done = true;
	return true;
}

/* Enter an array or object; *ret_is_empty when it is closed again at once. */
static bool open_nest(struct json_scanner *s, struct nest *nest, bool *ret_is_empty)
{
	const char close = s->bytes[s->at] == '[' ? ']' : '}';
	const uint32_t token = s->tape ? (uint32_t)s->tape->n : 0;

	if (nest->depth == JSON_DEPTH_MAX - s->depth)
		return json_scan_refuse(s, s->at, N_("nested more than 64 deep"));
	note_token(s, s->at, 0, false);
	s->at++;
	skip_space(s);
	*ret_is_empty = peek(s) == close;
	if (*ret_is_empty) {
		s->at++;
		note_end(s, token);
		return true;
	}
	nest->token[nest->depth] = token;
	nest->close[nest->depth++] = close;
	note_part(s, nest);
	return close == ']' || scan_member_key(s);
}

/* Reads and notes a scalar. */
static bool scan_noted(struct json_scanner *s)
{
	const size_t at = s->at;

	s->has_escape = false;
	if (!scan_scalar(s))
		return false;
	note_token(s, at, s->at - at, s->has_escape);
	return true;
}

bool json_scan_value(struct json_scanner *s)
{
	struct nest nest = { .depth = 0 };
	bool is_done = false, is_complete;

	while (!is_done) {
		skip_space(s);
		is_complete = true;
		s->values++;
		if (peek(s) == '[' || peek(s) == '{') {
			if (!open_nest(s, &nest, &is_complete))
				return false;
		} else if (!scan_noted(s)) {
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

enum err_kind json_scan_whole(struct json_scanner *s, struct err *err)
{
	skip_space(s);
	if (is_end(s))
		return err_set(err, ERR_CONTRACT, N_("not JSON: the text is empty"));
	if (!json_scan_value(s))
		return json_scan_fail(s, err);
	skip_space(s);
	if (!is_end(s)) {
		(void)json_scan_refuse(s, s->at, N_("something follows the value"));
		return json_scan_fail(s, err);
	}
	return ERR_OK;
}

enum err_kind json_scan_count(
    const char *bytes, size_t len, size_t *ret_values, struct err *err)
{
	struct json_scanner s = { .bytes = bytes, .len = len };

	if (json_scan_whole(&s, err))
		return err->kind;
	*ret_values = s.values;
	return ERR_OK;
}
