/*
 * input.h - what comes in besides options: task ids, prompts, JSON bodies.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "cli/app/app.h"
#include "dreamq/ids.h"

enum { INPUT_MAX = 64 * 1024 * 1024 };

/*
 * Reads a whole file; "-" is standard input. A signal ends it: ERR_CANCELLED (source.h).
 */
enum err_kind input_read(
    struct app *app, const char *path, struct buf *into, struct err *err);

/*
 * Takes the ids of the command line: arguments, "-" and --input. What is wrong with one
 * is said at once and the rest go on; *ret_bad counts them. No id at all is an error,
 * said too. Returns 0, or the exit status to leave with.
 */
int input_ids(struct app *app, struct dq_ids **ret_ids, unsigned *ret_bad);

/*
 * A known id may be told by its first 8 characters or more, when they are of one task.
 * INPUT_KNOWN: of any id, for verbs that know no others. INPUT_UUIDS: only what is the
 * beginning of a UUID, as it could be nothing else that the service knows. app->dq is
 * open. *ids and *n are those to go on with, and *ret_owner, if anything changed, has
 * them. Returns 0, or the exit status to leave with.
 */
enum input_prefix { INPUT_KNOWN, INPUT_UUIDS };
int input_resolve(struct app *app, enum input_prefix which, const char *const **ids,
    size_t *n, struct dq_ids **ret_owner);

void input_ids_freep(struct dq_ids **ids); /* for _cleanup_ */

/* The ids that a verb is about which asks the ledger alone. */
struct known_ids {
	struct dq_ids *given, *meant;
	const char *const *list;
	size_t n;
	unsigned bad; /* of what was given; said already, and DQ_USAGE at the end */
};
/*
 * Takes the ids of the command line, makes app->dq, whose events for the verb `hear` gets
 * (app_open.h), and takes beginnings for the ids that are meant. Returns 0, or the exit
 * status to leave with; *ret_known is released either way.
 */
int input_known(struct app *app,
    void (*hear)(void *payload, const struct dq_event *event), void *payload,
    struct known_ids *ret_known);
void known_ids_release(struct known_ids *known); /* for _cleanup_ */
