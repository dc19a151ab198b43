/*
 * tool.h - the tools: a row for each, from which clients are told, by which calls are
 * made, and which the tests and docs/agents.md walk.
 */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "mcp/answer.h"
#include "mcp/call.h"
#include "mcp/params.h"
#include "mcp/shape.h"

struct tool {
	const char *name; /* "dreamq_..." */
	const char *title, *description; /* ours alone: no word of a stranger */
	const struct param
	    *params; /* ends with a row without name; NULL: it looks itself */
	const struct shape *output; /* of its structured content; NULL: it has none */
	bool reads_only; /* changes nothing but what the ledger knows */
	bool asks_service; /* "openWorldHint" */
	bool may_last; /* what does not end at once may become an errand (errand.h) */
	enum {
		NEEDS_NOTHING,
		NEEDS_SUBMIT, /* costs credits: --allow-submit */
		NEEDS_DELETE, /* takes something away: --allow-delete */
	} needs;
	void (*run)(struct call *call, struct answer *answer);
};

extern const struct tool tool_cancel, tool_forget, tool_get, tool_list, tool_preview,
    tool_query, tool_reroll, tool_run, tool_show, tool_stats, tool_status, tool_submit,
    tool_sync, tool_verify, tool_wait;

/* In the order of tools/list: by name. NULL-terminated. */
extern const struct tool *const tools[];

/* NULL: there is none, or it is not allowed. */
const struct tool *tool_find(const struct mcp_may *may, const char *name);
/* Returns the rows as tools/list tells them; NULL: no memory. */
cJSON *tools_json(const struct mcp_may *may);
