/*
 * reply.h - how an exchange with the API ended, read and classified. Pure.
 *
 * The order: what the network says; a redirect; the `ret` of a readable
 * body; the HTTP status. A web page or an empty body tells nothing about a
 * task and is transient, whatever its status, but for 429, 413 and 414. A body
 * with a `ret` that we know is believed under any status.
 */
#pragma once

#include <stdbool.h>

#include "service/exchange.h"
#include "service/jimeng/read/answer.h"

struct reading {
	struct err err; /* ERR_OK: `answer` is there and its ret is "0" */
	struct answer *answer; /* owned; may be there with an error, too */
	bool is_empty_body;
	bool could_be_size; /* a smaller request may fare better */
};

struct reading reply_read(const struct reply *reply);
/* The same; the bytes of the reply are not needed any more, and given back. */
struct reading reply_take(struct exchange *exchange, const struct reply *reply);
/* The tree of `data`, the caller's; NULL when there is none that can be read. */
cJSON *reading_data(const struct reading *reading);
void reading_release(struct reading *reading);
