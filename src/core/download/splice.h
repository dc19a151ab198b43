/*
 * splice.h - may the bytes of another answer be put behind those that we have? Only when
 * it is proven that both are of one object. Pure: what is known goes in, a decision out.
 *
 * The *validator* that the ledger keeps beside a partial file says what is known of it:
 *
 *   "tag"                     strong ETag (RFC 9110, 8.8.3): all is of the object with
 * this tag length=N modified=TIME    all came from one object, of which no more was told
 *   length=N                  the same, of even less
 *   none                      nothing vouches for it: it may be of two objects
 *
 * How it is proven, the best way that is possible first:
 *
 *   way      possible when                     asked from   proof
 *   ETAG     the validator is a tag            N, If-Range  206 with the same tag
 *   OVERLAP  any validator; 128 KiB here;      N - 64 KiB   206, and the bytes that we
 * have the last 64 KiB are telling                    come again MD5      the record has
 * size and md5       N            206 of this size; the seal finds this md5, or all is
 * thrown away AFRESH   always                            0            nothing is joined
 *
 *                ┌── 206, no tag or a weak one: the next try is an OVERLAP ──┐
 *                │                                                           ▼
 *   ETAG ────────┴─ 206, same tag ──► joined ◄── 64 KiB are the same ── comparing
 *     │                                 ▲                                │   ▲
 *     │ 206, another tag or length      │                          differ│   │ 206
 *     ▼                                 └── 206 of the size ── MD5       │  OVERLAP
 *   changed: from the start  ◄──────────────────────────────────────────┘
 *     │ the second time
 *     ▼
 *   from the start without Range, for the rest of the run
 *
 * What a 200 brings is never joined: it begins at the start. After a join by MD5 the
 * validator is none, until the file has been thrown away or sealed: the next run joins by
 * MD5 again or begins afresh. After an OVERLAP it is the validator of the new answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/net.h"

enum {
	SPLICE_WINDOW = 64 << 10, /* asked for again to be compared */
	SPLICE_OVERLAP_MIN = 2 * SPLICE_WINDOW, /* below, all of it costs as much */
	SPLICE_AFRESH_MAX = 1, /* so often with Range, once more without */
};

enum splice_way { SPLICE_AFRESH, SPLICE_ETAG, SPLICE_OVERLAP, SPLICE_MD5 };

/* What is known before the request. */
struct splice {
	const char *validator; /* NULL none */
	uint64_t have_bytes;
	int64_t known_bytes; /* length of our object as its answer said; -1 not told */
	int64_t claimed_bytes; /* by the record; 0 none */
	bool has_md5; /* of the record */
	bool is_telling; /* the last SPLICE_WINDOW bytes: splice_is_telling() */
	bool tag_is_kept_back; /* a 206 of this run came without the tag asked for */
	bool may_not_range; /* it was begun afresh too often */
};

enum splice_way splice_plan(const struct splice *known);
/* Returns where the request begins. */
uint64_t splice_from(const struct splice *known, enum splice_way way);

enum splice_verdict {
	SPLICE_JOIN, /* put them behind ours */
	SPLICE_COMPARE, /* the first SPLICE_WINDOW bytes are ours again, or all is off */
	SPLICE_AGAIN, /* nothing is proven: the next try in another way */
	SPLICE_CHANGED, /* another object, or another place in it */
};

/* Says what a 206 means for what was asked in this way. */
enum splice_verdict splice_judge(
    const struct splice *known, enum splice_way way, const struct net_head *head);
/* A 416 that gives the length: is every byte here? */
bool splice_is_complete(const struct splice *known, const struct net_head *head);
/* Every byte came and nothing was asked since: all of one object, or the md5 will say. */
bool splice_has_all(const struct splice *known);

/*
 * Returns the validator of what begins with this answer; malloc'ed. NULL: it says too
 * little, or no memory (the file begins afresh then, should it ever be cut).
 */
char *splice_validator(const struct net_head *head, int64_t total_bytes);
bool splice_is_tag(const char *validator);
/* Returns the length that a validator tells; -1: none. */
int64_t splice_length(const char *validator);

/*
 * Would these bytes hardly be the same in another file? Padding, silence, and patterns
 * that repeat are not telling.
 */
bool splice_is_telling(const void *window, size_t len);
