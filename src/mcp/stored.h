/*
 * stored.h - one stored file of a task, as the ledger knows it.
 */
#pragma once

#include <stdint.h>

#include "mcp/call.h"
#include "mcp/uri.h"

struct stored {
	char *path, *sha256,
	    *mime; /* NULL: unknown; path: it is not stored, or there is none */
	int64_t bytes;
};

/*
 * By a task and its place, or by its sum. DQ_FAILED: there is no such task. The caller
 * releases it in any case.
 */
enum dq_status stored_find(struct call *call, const struct uri *uri,
    struct stored *ret_stored, struct dq_error *err);
void stored_release(struct stored *stored);

/* Opens it for reading; -1: it can't be. */
int stored_open(const struct stored *stored);
