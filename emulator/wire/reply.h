/*
 * reply.h - an answer, and the way it travels: values that are filled in before the first
 * byte leaves. jimeng/ and front/ make the answer, faults/ bends both, http.c sends them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/source.h"
#include "common/text.h"

#define JSON_TYPE "application/json; charset=utf-8"

enum { REPLY_HEADERS_MAX = 16 };

struct reply_header {
	const char *name; /* borrowed: a literal */
	char *value;
};

struct reply {
	int status; /* 0: no answer at all */
	struct reply_header headers[REPLY_HEADERS_MAX];
	unsigned headers_count;
	struct source body;
	uint64_t first; /* the part of the body that is sent: a range */
	uint64_t size;
};

/* How an answer travels. Offsets count body bytes; -1 is never. */
struct delivery {
	int64_t cut_at; /* the connection ends here, */
	bool is_reset; /* by a reset or by an ordinary close */
	int64_t stall_at;
	double stall_s;
	uint64_t rate; /* bytes a second; 0 is no limit */
	int64_t length_delta; /* how much Content-Length lies */

	/* What raw.c sends in place of the answer, or behind it. */
	bool is_switching; /* 101, and then silence */
	int64_t
	    chunk_extension; /* the body is one chunk, behind so many bytes; -1: not */
	const char *ahead; /* a body that nobody has asked for; NULL: none; borrowed */
};

struct delivery delivery_make(void);

/* Set a header; it takes the place of an earlier one of that name. */
void reply_header(struct reply *reply, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Answer with this text, which the reply takes over; with a copy of a string. */
void reply_text(struct reply *reply, int status, const char *type, struct text *body);
void reply_string(struct reply *reply, int status, const char *type, const char *body);

/* Drop an answer that was prepared. */
void reply_clear(struct reply *reply);
