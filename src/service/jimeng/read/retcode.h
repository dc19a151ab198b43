/*
 * retcode.h - what a `ret` code means for us (PROTOCOL A4, B6).
 */
#pragma once

#include "base/err.h"

enum ret_class {
	RET_OK,
	RET_LOGIN, /* exit 3 */
	RET_CALLER, /* our request is wrong: exit 2 or 7, never retried */
	RET_QUOTA, /* exit 8 */
	RET_RISK, /* exit 8: stop and tell a person */
	RET_SLOW_DOWN, /* wait, then go on */
	RET_CONTENT, /* the task failed */
	RET_TRANSIENT, /* back off; unknown codes too */
};

/* Reads `ret` as text, "0", "-6", "34010105"; NULL or "" is RET_TRANSIENT. */
enum ret_class retcode_class(const char *ret);
/* Returns a few words of ours about the code; NULL when we have none. */
const char *retcode_text(const char *ret);
/* The code as the answer to a query that has come too early: our words; NULL: it is none.
 */
const char *retcode_read_lag(const char *ret);
/* Returns the kind of error that an answer of this class is. RET_OK gives ERR_OK. */
enum err_kind ret_class_err(enum ret_class class);
