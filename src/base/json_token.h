/*
 * json_token.h - where a key or a value lies in a JSON text: what the scanner notes, and
 * json_tape.h reads.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct json_token {
	uint32_t at, len; /* with its quotes or brackets */
	uint32_t next; /* the token behind it, and behind all that is in it */
	uint32_t n; /* members or elements; of a key or string 1: it has an escape */
};

struct json_tape {
	const char *bytes;
	struct json_token *tokens; /* token 0 is the whole text */
	size_t n, room, max;
};
