/*
 * methods.h - what is asked, and who answers: a row for each method, and the eras that
 * have it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "mcp/calls.h"
#include "mcp/listen.h"
#include "mcp/message.h"
#include "mcp/peer.h"

struct methods_more;

struct methods {
	struct calls *calls;
	struct listeners *listeners;
	const struct methods_more *more; /* method.h; NULL: none */
};

/* A line came in from `peer`, who hears of it on `wire`. Whatever is in it, the next one
 * can be taken. */
void methods_take(struct methods *methods, struct peer *peer, struct wire *wire,
    const char *line, size_t len);
/* The same, once it was read. The message is taken, or stays the caller's to release. */
void methods_answer(struct methods *methods, struct peer *peer, struct wire *wire,
    struct message *message);
/* That peer is gone: nothing of what it asked for goes on. */
void methods_forget(struct methods *methods, struct peer *peer);
/* May it be freed? While a call of its runs, it may not. */
bool methods_know(struct methods *methods, const struct peer *peer);
/* One came that was too long to be kept. */
void methods_refuse_long(struct wire *wire);
