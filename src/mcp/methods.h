/*
 * methods.h - what is asked, and who answers: a row for each method, and the eras that
 * have it.
 */
#pragma once

#include <stdbool.h>

#include "mcp/calls.h"
#include "mcp/message.h"
#include "mcp/wire.h"

struct methods {
	struct wire *wire;
	struct calls *calls;
	bool is_initialized; /* by a legacy client */
};

/* A line came in. Whatever is in it, the next one can be taken. */
void methods_take(struct methods *methods, const char *line, size_t len);
/* One came that was too long to be kept. */
void methods_refuse_long(struct methods *methods);
