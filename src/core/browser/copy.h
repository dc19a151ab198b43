/*
 * copy.h - a moment's copy of a database that its program holds locked. Of core/browser/
 * alone.
 */
#pragma once

#include <limits.h>

#include "base/err.h"

struct browser_copy {
	char folder[PATH_MAX]; /* "": none */
	char path[PATH_MAX]; /* of the copy */
};

/*
 * Copy it with what lies beside it (-wal, -journal) into a new folder of ours, 0700, in
 * memory where there is such a place. ERR_LOCKED: it does not stand still; ERR_IO.
 */
enum err_kind browser_copy_make(
    const char *path, struct browser_copy *ret_copy, struct err *err);
void browser_copy_release(struct browser_copy *copy); /* removes it; for _cleanup_ */
