/*
 * resume.h - the command that goes on where this one stopped.
 */
#pragma once

#include "base/buf.h"
#include "cli/app/app.h"

/*
 * "dreamq VERB OPTIONS ID…": the options of this run that VERB takes, too, and
 * the ids. Many ids, or ids that came from standard input, are named by where they came
 * from; many new tasks by `watch`, which finds them.
 */
void resume_add_command(struct buf *into, const struct app *app, const char *verb,
    const char *const *ids, size_t n);

/*
 * Remember it, for an error that may follow: then nobody is told to run the same again
 * when that would submit, and pay, again.
 */
void resume_note(struct app *app, const char *verb, const char *const *ids, size_t n);

/* Say it, in a sentence that begins with `why`. Not silenced by -q. */
void resume_say(
    struct app *app, const char *why, const char *verb, const char *const *ids, size_t n);
