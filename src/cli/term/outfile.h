/*
 * outfile.h - a file that is written piece by piece and appears complete or not at all: a
 * temporary file beside it, fsync, rename, fsync of the folder. What is there already
 * stays, unless it may be replaced.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct outfile {
	FILE *stream; /* write here; errors may be looked at by outfile_commit() only */
	char *path, *temporary;
	bool may_replace;
};

/* ERR_USAGE: something is there, and may not be replaced, or is no file at all. */
enum err_kind outfile_open(
    const char *path, bool may_replace, struct outfile *ret_file, struct err *err);
/*
 * Give it its name. Released in any case; on failure nothing has changed. ERR_USAGE: one
 * that may not be replaced has come meanwhile.
 */
enum err_kind outfile_commit(struct outfile *file, struct err *err);
/* Releases it; without a commit before it is as if it had never been. */
void outfile_release(struct outfile *file);
