/*
 * json_feed.h - JSON that comes in pieces and is never held: gigabytes of it, or what
 * another JSON text has in one of its strings.
 *
 *	struct json_feed feed = json_feed_make(hear, payload);
 *
 *	while (there is more)
 *		if (json_feed_add(&feed, bytes, len, err))
 *			...
 *	json_feed_end(&feed, err);
 *
 * Any number of values may follow each other. It checks the form (brackets, commas,
 * quotes, depth), not the spelling of numbers, nor whether keys come twice: who wants to
 * trust a text takes base/json.h. The memory is the struct's own, whatever comes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json_scan.h" /* JSON_DEPTH_MAX */

enum {
	JSON_FEED_KEY_MAX = 64, /* bytes of a key; a longer one is told as "" */
	JSON_FEED_WORD_MAX = 64, /* bytes of a number or word; the rest is cut off */
};

enum json_feed_what {
	JSON_FEED_OBJECT, /* begins */
	JSON_FEED_ARRAY, /* begins */
	JSON_FEED_END, /* of the innermost of these */
	JSON_FEED_KEY, /* `bytes` ends with NUL */
	JSON_FEED_TEXT, /* a part of a string, unescaped; is_last: its end */
	JSON_FEED_WORD, /* a number, true, false or null; ends with NUL */
};

struct json_feed_event {
	enum json_feed_what what;
	const char *bytes; /* borrowed until on_event returns */
	size_t len;
	bool is_last;
};

struct json_feed {
	/* What it returns ends the reading, unless that is ERR_OK. */
	enum err_kind (*on_event)(
	    void *payload, const struct json_feed_event *event, struct err *err);
	void *payload;
	int state;
	unsigned depth;
	uint64_t objects; /* which of the open levels are objects, a bit each */
	bool is_key, is_too_long; /* of the string that is read */
	char word[JSON_FEED_WORD_MAX + 1]; /* or a key */
	size_t word_len;
	unsigned hex, n_hex, high; /* of \uXXXX; of a pair */
	uint64_t at; /* bytes read */
};

struct json_feed json_feed_make(enum err_kind (*on_event)(void *payload,
				    const struct json_feed_event *event, struct err *err),
    void *payload);
/* ERR_CONTRACT: it is no JSON from this byte on. Nothing may be added after an error. */
enum err_kind json_feed_add(
    struct json_feed *feed, const char *bytes, size_t len, struct err *err);
/* ERR_CONTRACT: it ends in the middle of a value. */
enum err_kind json_feed_end(struct json_feed *feed, struct err *err);
