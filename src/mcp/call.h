/*
 * call.h - one call of a tool, as the tool sees it: its arguments, a session of its own,
 * and how long it may take. On the thread of the call.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "dreamq/dreamq.h"
#include "mcp/mcp.h"

enum {
	CALL_LIMIT_MS = 45000, /* clients cut after 60 s */
	CALL_WAIT_MAX_S = 40, /* that a tool may be asked to wait */
};

struct tool;

typedef void call_hear(void *payload, const struct dq_event *event);

struct call {
	const struct tool *tool;
	const struct mcp_options *options;
	const cJSON *arguments; /* checked; NULL: none */
	bool is_modern; /* revision 2026-07-28 */
	struct dq *dq;
	int64_t began_ms; /* when its line was read, on the steady clock */
	call_hear *hear; /* call_listen() */
	void *payload;
	int64_t wait_ms; /* how long it waits, for its progress; 0: the limit of calls */
};

/* From now on TASK, STATE and STORED events are heard by that; NULL: by nobody. */
void call_listen(struct call *call, call_hear *hear, void *payload);
const char *call_text(const struct call *call, const char *name);
int64_t call_integer(const struct call *call, const char *name);
/* Returns what is left of `limit_ms` since the call began; at least 1. */
int64_t call_left_ms(const struct call *call, int64_t limit_ms);
