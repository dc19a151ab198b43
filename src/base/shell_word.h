/*
 * shell_word.h - a command that is printed must be safe to paste: words for a shell.
 */
#pragma once

#include "base/buf.h"

/*
 * Append a word as a shell reads it: as it is when harmless, else in single quotes, or as
 * $'...' of bash, ksh and zsh when something in it could steer a terminal.
 */
void shell_word_add(struct buf *into, const char *word);
/*
 * What to put before a word that is no option, an id or a file, so that a command does
 * not take it for one: "-- " where it begins with a dash, else "".
 */
const char *shell_dashes(const char *word);
/* Both. */
void shell_operand_add(struct buf *into, const char *word);
