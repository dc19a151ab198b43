/*
 * wire.h - where frames go: standard output (pipe.h), or the answer to one HTTP request
 * (http.h). Whoever writes one knows no more than this.
 *
 * Any thread may write. A wire takes any number of notices and one answer for each
 * request that came on it; what can't be written any more is dropped, and whoever runs
 * the transport sees to it that what was asked ends.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "mcp/message.h"

struct wire_frame {
	const char *line; /* ends with '\n' */
	size_t len;
	enum {
		WIRE_NOTICE, /* or a request of ours */
		WIRE_ANSWER,
	} what;
	enum rpc_code code; /* of an answer that is an error */
};

struct wire;

struct wire_kind {
	void (*write)(struct wire *wire, const struct wire_frame *frame);
	/* Would its reader take a short frame just now? NULL: it never makes wait. */
	bool (*takes)(struct wire *wire);
	/* A call that will write here begins, and has ended. NULL: nothing to do. */
	void (*hold)(struct wire *wire);
	void (*drop)(struct wire *wire);
};

struct wire {
	const struct wire_kind *kind;
};

static inline void wire_write(struct wire *wire, const struct wire_frame *frame)
{
	wire->kind->write(wire, frame);
}

static inline bool wire_takes(struct wire *wire)
{
	return !wire->kind->takes || wire->kind->takes(wire);
}

static inline void wire_hold(struct wire *wire)
{
	if (wire->kind->hold)
		wire->kind->hold(wire);
}

static inline void wire_drop(struct wire *wire)
{
	if (wire->kind->drop)
		wire->kind->drop(wire);
}
