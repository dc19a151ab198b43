/*
 * batch.h - many submits from one file: a JSON object or a prompt a line.
 *
 * Blank lines and lines that begin with '#' are skipped. What a line does not say comes
 * from `defaults`. Line N has the idempotency key "K/N" when the defaults have
 * the key K, unless it names its own; so the same file with the same K can be run
 * again, and sends nothing twice.
 */
#pragma once

#include "base/arena.h"
#include "cli/app.h"

struct batch {
	struct arena arena; /* owns every text below that the defaults do not */
	struct dq_submit *submits;
	size_t n, room;
	struct dq_ids *named; /* the ids that lines chose */
	unsigned bad; /* lines that were told and left out */
};

/*
 * Read the file; "-" is standard input. What is wrong with a line is said at
 * once, with its number, and the rest go on. `defaults` is borrowed until
 * batch_release(). Returns 0, or the exit status to leave with, with everything said.
 */
int batch_read(struct app *app, const char *path, const struct dq_submit *defaults,
    struct batch *ret_batch);
void batch_release(struct batch *batch);
