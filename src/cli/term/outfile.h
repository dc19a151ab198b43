/*
 * outfile.h - a file that is written piece by piece and appears complete or
 * not at all: a temporary file beside it, fsync, rename over, fsync of the folder.
 */
#pragma once

#include <stdio.h>

#include "base/err.h"

struct outfile {
	FILE *stream; /* write here; errors may be looked at by outfile_commit() only */
	char *path, *temporary;
};

enum err_kind outfile_open(const char *path, struct outfile *ret_file, struct err *err);
/* Give it its name. Released in any case; on failure nothing has changed. */
enum err_kind outfile_commit(struct outfile *file, struct err *err);
/* Releases it; without a commit before it is as if it had never been. */
void outfile_release(struct outfile *file);
