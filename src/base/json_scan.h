/*
 * json_scan.h - the pieces of the strict JSON reader, for the files behind base/json.h
 * only; everybody else wants that.
 *
 * Each function reads one thing at s->at and stands behind it, or returns
 * false with s->why a reason and s->at the byte that is to blame.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/json_token.h"

enum { JSON_DEPTH_MAX = 64 };

struct json_scanner {
	const char *bytes;
	size_t len, at;
	size_t values; /* begun so far, keys not counted */
	unsigned depth; /* levels that are open around the value */
	const char *why;
	bool has_escape; /* in the string that was read last */
	struct json_tape *tape; /* what is read is noted there; NULL: nowhere */
};

/* False, for whoever has found what is no JSON. */
bool json_scan_refuse(struct json_scanner *s, size_t at, const char *why);
void json_scan_space(struct json_scanner *s);
/*
 * A top bit for each byte < 0x20, == '"', == '\\' or >= 0x80. Behind the first of these,
 * in the order of the processor's bytes, one too many may be set.
 */
static inline uint64_t json_odd_bytes(uint64_t word)
{
	static const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;

	return (word | (word - ones * 0x20) | ((word ^ (ones * '"')) - ones) |
		   ((word ^ (ones * '\\')) - ones)) &
	    tops;
}

static inline bool json_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Passes over printable ASCII but quote and backslash, eight bytes at once. */
static inline void json_scan_plain(struct json_scanner *s)
{
	const char *at = s->bytes + s->at, *end = s->bytes + s->len;
	uint64_t word;

	for (; end - at >= 8; at += 8) {
		memcpy(&word, at, 8);
		word = json_odd_bytes(word);
		if (!word)
			continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		s->at = (size_t)(at - s->bytes) + (unsigned)__builtin_ctzll(word) / 8;
		return;
#else
		break;
#endif
	}
	while (at < end && json_is_plain((unsigned char)*at))
		at++;
	s->at = (size_t)(at - s->bytes);
}

/* What stands between the quotes of a string: up to a quote or the end. */
bool json_scan_body(struct json_scanner *s);
/* Reads space, a string (*ret_len bytes between its quotes), space, the colon. */
bool json_scan_key(struct json_scanner *s, size_t *ret_len);
/* Reads space, and one complete value. */
bool json_scan_value(struct json_scanner *s);

/* Reads the whole text, one value. */
enum err_kind json_scan_whole(struct json_scanner *s, struct err *err);
/* The same; *ret_values are in it. */
enum err_kind json_scan_count(
    const char *bytes, size_t len, size_t *ret_values, struct err *err);

/* Returns ERR_CONTRACT: where and why. */
enum err_kind json_scan_fail(const struct json_scanner *s, struct err *err);
