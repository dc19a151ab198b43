/*
 * json_mend.c - the third part of json.h: what is left of a text that is not quite JSON.
 *
 * A text that json_scan() refuses is gone through twice, without a grammar: strings by
 * their quotes, values by their brackets. What can't be read is written over with
 * something that can, of the same length, so that everything else stays where it is.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"

struct mender {
	char *bytes;
	size_t len;
	size_t mended;
};

static bool is_space(char c)
{
	return c && strchr(" \t\r\n", c);
}

static size_t skip_space(const struct mender *m, size_t at)
{
	while (at < m->len && is_space(m->bytes[at]))
		at++;
	return at;
}

/* Finds the place behind the closing quote of the string at `at`; 0 when it has none. */
static size_t string_end(const struct mender *m, size_t at)
{
	for (at++; at < m->len; at++) {
		if (m->bytes[at] == '\\')
			at++;
		else if (m->bytes[at] == '"')
			return at + 1;
	}
	return 0;
}

static bool is_readable(const struct mender *m, size_t from, size_t to, unsigned depth)
{
	struct json_scanner s = {
		.bytes = m->bytes + from, .len = to - from, .depth = depth
	};

	return json_scan_value(&s) && s.at == s.len;
}

/* --- scalars ---------------------------------------------------------------------- */

/* An empty text says as little as no text. */
static void blank_scalar(struct mender *m, size_t from, size_t to)
{
	memset(m->bytes + from, ' ', to - from);
	m->bytes[from] = m->bytes[from + 1] = '"';
	m->mended++;
}

/* Keys must stay apart: as many digits of a count as there is room for. */
static void blank_key(struct mender *m, size_t from, size_t to)
{
	size_t count = m->mended++;

	m->bytes[from] = m->bytes[to - 1] = '"';
	memset(m->bytes + from + 1, '?', to - from - 2);
	for (size_t at = to - 1; at-- > from + 1; count /= 10)
		m->bytes[at] = (char)('0' + count % 10);
}

static size_t mend_string(struct mender *m, size_t from)
{
	const size_t to = string_end(m, from), next = skip_space(m, to);

	if (to == 0)
		return m->len;
	if (is_readable(m, from, to, 0))
		return to;
	if (next < m->len && m->bytes[next] == ':')
		blank_key(m, from, to);
	else
		blank_scalar(m, from, to);
	return to;
}

static bool is_of_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

/* Mends a number or a word: "NaN", "1e+", one with a hundred digits. */
static size_t mend_word(struct mender *m, size_t from)
{
	size_t to = from;

	while (to < m->len && is_of_word(m->bytes[to]))
		to++;
	if (to - from > 1 && !is_readable(m, from, to, 0))
		blank_scalar(m, from, to);
	return to;
}

static void mend_scalars(struct mender *m)
{
	size_t at = 0;

	while (at < m->len) {
		if (m->bytes[at] == '"')
			at = mend_string(m, at);
		else if (is_of_word(m->bytes[at]))
			at = mend_word(m, at);
		else
			at++;
	}
}

/* --- records ---------------------------------------------------------------------- */

/* Behind the bracket that closes the one at `at`; 0 when the text ends before. */
static size_t container_end(const struct mender *m, size_t at)
{
	size_t depth = 0;

	while (at < m->len) {
		const char c = m->bytes[at];

		if (c == '"') {
			at = string_end(m, at);
			if (at == 0)
				return 0;
			continue;
		}
		at++;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		if (depth == 0)
			return at;
	}
	return 0;
}

/*
 * Finds the place behind the value at `at` and space; 0 unless a comma or a bracket ends
 * it there. (Were one value taken for two, the task of the second would be called
 * unknown.)
 */
static size_t value_end(const struct mender *m, size_t at)
{
	const int c = at < m->len ? m->bytes[at] : 0;

	if (c == '{' || c == '[')
		at = container_end(m, at);
	else if (c == '"')
		at = string_end(m, at);
	else
		while (at < m->len && is_of_word(m->bytes[at]))
			at++;
	at = at ? skip_space(m, at) : m->len;
	return at < m->len && m->bytes[at] && strchr(",}]", m->bytes[at]) ? at : 0;
}

/* What stands in a container: the key (empty in an array) and where its value lies. */
typedef void visit_fn(struct mender *m, struct json_slice key, size_t from, size_t to);

/*
 * Visits every value of the array or object at `at`; stops where it is cut or no
 * container.
 */
static void visit_all(struct mender *m, size_t at, visit_fn *visit)
{
	const bool is_object = m->bytes[at] == '{';

	for (;;) {
		struct json_slice key = { m->bytes, 0 };
		size_t to;

		at = skip_space(m, at + 1);
		if (is_object) {
			to = at < m->len && m->bytes[at] == '"' ? string_end(m, at) : 0;
			if (to == 0)
				return;
			key = (struct json_slice){ m->bytes + at + 1, to - at - 2 };
			at = skip_space(m, to);
			if (at == m->len || m->bytes[at] != ':')
				return;
			at = skip_space(m, at + 1);
		}
		to = value_end(m, at);
		if (to == 0)
			return;
		visit(m, key, at, to);
		at = to;
		if (m->bytes[at] != ',')
			return;
	}
}

/* A 0 where a record is expected: not an object, so this one can't be read. */
static void mend_record(struct mender *m, struct json_slice key, size_t from, size_t to)
{
	(void)key;
	while (to > from && is_space(m->bytes[to - 1]))
		to--;
	if (to == from || is_readable(m, from, to, 2))
		return;
	memset(m->bytes + from, ' ', to - from);
	m->bytes[from] = '0';
	m->mended++;
}

static void mend_member(struct mender *m, struct json_slice key, size_t from, size_t to)
{
	const bool is_data = key.len == 4 && !memcmp(key.bytes, "data", 4);

	(void)to;
	if (is_data && (m->bytes[from] == '{' || m->bytes[from] == '['))
		visit_all(m, from, mend_record);
}

size_t json_mend(char *bytes, size_t len)
{
	struct mender m = { .bytes = bytes, .len = len };
	const size_t start = skip_space(&m, 0);
	struct err ignored;

	mend_scalars(&m);
	if (start < len && bytes[start] == '{' && json_scan(bytes, len, &ignored))
		visit_all(&m, start, mend_member);
	return m.mended;
}
