/*
 * answer.h - what a tool answers, while it is made: structured content for programs, a
 * short text with the same facts, links to files; or an error that says what to do.
 *
 * The whole stays below 20 kB: each part has its share (ANSWER_..._BYTES), and whoever
 * adds many asks answer_fits() first, and tells how much was left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "dreamq/dreamq.h"
#include "mcp/message.h"
#include "mcp/put.h"

enum {
	ANSWER_STRUCTURED_BYTES = 10000,
	ANSWER_TEXT_BYTES = 4500,
	ANSWER_LINK_BYTES = 4000,
	ANSWER_LINKS_MAX = 20,
};

struct answer {
	struct put structured;
	size_t used_bytes; /* of the structured part */
	struct buf text;
	cJSON *links; /* blocks of content */
	size_t link_bytes;
	cJSON *whole; /* instead of all that: the result of another method */
	enum rpc_code code; /* or its error, with `why` and `data` */
	char why[200];
	cJSON *data; /* NULL: none */
	bool has_structure; /* its tool has an output schema */
	bool is_error;
	bool goes_on; /* it was asked to wait, and what it waits for has not ended */
};

struct answer answer_make(void);
void answer_release(struct answer *answer);

/* Adds a line of text; what has no room is left out. */
void answer_say(struct answer *answer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Is there room for `item`? Then it counts as added. NULL: no memory, and no room. */
bool answer_fits(struct answer *answer, const cJSON *item);
/* Links to a stored file, unless there is no room. */
void answer_link(
    struct answer *answer, const struct dq_task *task, const struct dq_asset *asset);
/*
 * It is an error: the person has to do it, by this command in a terminal. `message` says
 * why.
 */
void answer_need_person(struct answer *answer, const char *message, const char *command);
/* Returns the name of the class of an error, "network". */
const char *answer_error_class(enum dq_status status);
/* It is an error, of this class; `message` is what the library says, or ours. */
void answer_fail(struct answer *answer, enum dq_status status, const char *message);

/* Adds a picture to what is said. */
void answer_picture(
    struct answer *answer, const void *bytes, size_t len, const char *mime);
/* Another method than tools/call: this is its result (NULL: no memory), or its error.
 * Both are taken. */
void answer_replace(struct answer *answer, cJSON *result);
void answer_refuse(
    struct answer *answer, enum rpc_code code, const char *why, cJSON *data);

/* Returns the result of tools/call; NULL: no memory. The answer is empty then. */
cJSON *answer_take(struct answer *answer);
