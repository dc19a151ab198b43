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
	CALL_WAIT_MAX_S = 40, /* that a tool may be asked to wait */
	CALL_AT_ONCE_MS = 1500, /* who takes an errand for the rest waits so long */
	CALL_AT_ONCE_LIMIT_MS = 3000, /* and what does not wait is interrupted then */
};

enum call_how {
	CALL_PLAIN, /* what has not ended by then is told as such */
	CALL_AT_ONCE, /* what does not end at once becomes an errand (errand.h) */
	CALL_ERRAND, /* nobody waits: it ends with its work */
};

struct tool;

typedef void call_hear(void *payload, const struct dq_event *event);

struct call {
	const struct tool *tool;
	const struct mcp_options *options;
	const cJSON *arguments; /* checked; NULL: none */
	const cJSON *params; /* of the request, with what stands beside the arguments */
	bool is_modern; /* revision 2026-07-28 */
	enum call_how how;
	bool can_ask; /* the client shows a form to a person */
	struct dq *dq;
	int64_t began_ms; /* when its line was read, on the steady clock */
	call_hear *hear; /* call_listen() */
	void *payload;
	int64_t wait_ms; /* how long it was asked to wait; 0: it was not */
};

/* From now on TASK, STATE and STORED events are heard by that; NULL: by nobody. */
void call_listen(struct call *call, call_hear *hear, void *payload);
const char *call_text(const struct call *call, const char *name);
int64_t call_integer(const struct call *call, const char *name);
/*
 * Asks the client (of the older revisions) and waits, until limit_ms since the call
 * began. Takes `params`. Returns the result, or NULL: there is none.
 */
cJSON *call_ask(struct call *call, const char *method, cJSON *params, int64_t limit_ms);
/* Returns what is left of `limit_ms` since the call began; at least 1. However long it
 * is, there is time left to answer before the limit of calls. */
int64_t call_left_ms(const struct call *call, int64_t limit_ms);
/* A tool that was asked to wait so long: returns how long its verb may take, 0 for ever.
 */
int64_t call_wait_ms(struct call *call, int64_t asked_ms);
/* From now on this errand is worked on here, unless it is; or it is wanted no more. */
void call_errand(const struct call *call, const char *id, bool is_wanted);
