/*
 * fetch.h - the second half of dreamq_run: what dreamq_get does, for one task.
 */
#pragma once

#include "mcp/answer.h"
#include "mcp/call.h"
#include "mcp/shape.h"

/* What it adds to an answer, beside "next". */
#define FETCHED                                                      \
	{ "tasks", SHAPE_LIST, MAY_LACK, shape_task },               \
	    { "complete", SHAPE_BOOL, MAY_LACK, NULL },              \
	    { "call_again_after_s", SHAPE_INTEGER, MAY_LACK, NULL }, \
	    { "folder", SHAPE_TEXT, MAY_LACK, NULL },                \
	    { "files", SHAPE_LIST, MAY_LACK, shape_file },           \
	{                                                            \
		"files_left_out", SHAPE_INTEGER, MAY_LACK, NULL      \
	}

/*
 * Waits as long as the call may, fetches, and tells. Another status than DQ_OK: nothing
 * was told.
 */
enum dq_status fetch(
    struct call *call, struct answer *answer, const char *id, struct dq_error *err);
