/*
 * errand.h - long work as the tasks extension of revision 2026-07-28 has it: a call that
 * does not end at once is answered with a handle, and whoever has that asks later.
 *
 *   tools/call ──► errand_make(): a row of the ledger ──► the handle is told
 *                         │
 *                         ▼ on a thread of this process, as long as it lives
 *                  the tool, without a limit ──► errand_end(): its result is in the row
 *
 *   tasks/get ──► the row says so. Working: whoever is asked works on it, too
 *   tasks/cancel ──► nobody works on it any more. The tasks of the service go on.
 *
 * Any process on the ledger answers, also after the one that began it is gone. That two
 * of them work on the same errand costs nothing: each task of the service has one owner,
 * who looks and fetches, and the other reads what that one writes.
 */
#pragma once

#include "mcp/tool.h"

#define TASKS_EXTENSION "io.modelcontextprotocol/tasks"

enum {
	ERRAND_TTL_MS = 24 * 3600 * 1000,
	ERRAND_POLL_MS = 5000, /* that clients are asked to wait between two looks */
};

/* The rest of this call becomes an errand, and the answer its handle. When the ledger
 * can't take it, the answer stays what it was. */
void errand_make(const struct call *call, struct answer *answer);

/* Returns its arguments, and its tool; NULL: it is over, or not to be worked on. */
cJSON *errand_take(struct dq *dq, const char *id, const struct tool **ret_tool);
/* That is its outcome. */
void errand_end(struct dq *dq, const char *id, struct answer *answer);

/* An object with what is known of an errand: the params of notifications/tasks. NULL: it
 * can't be had. */
cJSON *errand_view(struct dq *dq, const char *id, struct dq_error *err);

/* tasks/get, tasks/cancel, tasks/update: they run as calls do. */
extern const struct tool errand_get, errand_cancel, errand_update;
