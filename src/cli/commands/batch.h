/*
 * batch.h - many submits from one file: a JSON object or a prompt a line.
 *
 * Blank lines and lines that begin with '#' are skipped. What a line does not say comes
 * from `defaults`. When these have the key K, a line that names no key of its own has
 * "K/" and what it says (a hash of its bytes, and ".2" for the second such line), so that
 * it may move; with --key-by line "K/N" for line N. So the same file with the same K can
 * be run again, and sends nothing twice.
 */
#pragma once

#include "base/arena.h"
#include "cli/app/app.h"
#include "dreamq/ids.h"
#include "dreamq/submit.h"

enum {
	BATCH_DIGEST_MAX = 17, /* 64 bits in hex */
	BATCH_KEY_MAX = 200, /* the library's limit */
};

struct batch {
	struct arena arena; /* owns every text below that the defaults do not */
	struct dq_submit *submits;
	size_t n, room;
	const char *name; /* of the file, for people */
	char (
	    *digests)[BATCH_DIGEST_MAX]; /* of what each line says; "": has its own key */
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

/* For batch.c: give their keys to the lines that have a digest. NULL: there is none. */
enum err_kind batch_give_keys(
    struct batch *batch, const char *key, bool is_by_line, struct err *err);
/* Returns ERR_USAGE when it is no key. NULL is fine. */
enum err_kind batch_check_key(const char *key, struct err *err);
