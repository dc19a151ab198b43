/*
 * clean.h - what the service says, fit to be kept for ever: no link,
 * no secret, no endless text.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/task.h"

/* Returns the uri when it is a name that stays, not a link; else NULL. */
const char *clean_uri(const char *uri);
/* Returns a model or a format, when it is short and no link; else NULL. */
const char *clean_word(const char *word);
/* Returns a choice (model/choice.h) that is short enough to be kept; else NULL. */
const char *clean_choice(const char *choice);
/* Returns 32 hex digits, else NULL. */
const char *clean_md5(const char *md5);

/*
 * Returns the length of `text`, at most `max` bytes and not in the middle of a character.
 */
size_t clean_length(const char *text, size_t max);
/* Free text, cut and redacted, in the arena; NULL in gives NULL out. ERR_NOMEM. */
enum err_kind clean_text(
    const char *text, struct arena *arena, const char **ret_text, struct err *err);
enum err_kind clean_fail(const struct task_fail *fail, struct arena *arena,
    struct task_fail *ret_fail, struct err *err);
