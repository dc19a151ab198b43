/*
 * input.h - what comes in besides options: task ids, prompts, JSON bodies.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "cli/app.h"

enum { INPUT_MAX = 64 * 1024 * 1024 };

/* A whole file; "-" is standard input. */
enum err_kind input_read(const char *path, struct buf *into, struct err *err);

/*
 * The ids of the command line: arguments, "-" and --input. What is wrong with one is
 * said at once and the rest go on; *ret_bad counts them. No id at all is an
 * error, said too. Returns 0, or the exit status to leave with.
 */
int input_ids(struct app *app, struct dq_ids **ret_ids, unsigned *ret_bad);

void input_ids_freep(struct dq_ids **ids); /* for _cleanup_ */
