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
