/*
 * advice.h - a command that a sentence advises, completed: what is advised must not
 * change another account's cookie.
 */
#pragma once

#include "cli/options/args.h"

/*
 * Returns the text with the options that chose this account behind each command that is
 * about its cookie. malloc'ed; NULL: no memory.
 */
char *advice_complete(const struct args *args, const char *text);
