/*
 * config_edit.h - one key of a config file's text set or taken away; every other line,
 * comments and their order, and the kind of line end, stay as they are.
 *
 * A key that is there is written where it stands (twins of it go). A new one comes behind
 * the comment of the same section that shows it ("# jobs = 8"), else at the end of its
 * section, else in a new section at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/options/keys.h"

/*
 * Returns the new text, malloc'ed; NULL: no memory. `value` NULL takes the key away;
 * *ret_found: it was there. `text` has no NUL within.
 */
char *config_edit(
    const char *text, const struct key *key, const char *value, bool *ret_found);
