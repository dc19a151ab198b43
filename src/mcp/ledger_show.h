/*
 * ledger_show.h - all that the ledger knows of one task, as dreamq_show tells it.
 */
#pragma once

#include "mcp/tool.h"

/* Fills `answer`, unless it fails. DQ_FAILED: there is no such task. */
enum dq_status ledger_show(
    struct call *call, struct answer *answer, const char *id, struct dq_error *err);
