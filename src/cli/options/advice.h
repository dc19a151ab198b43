/*
 * advice.h - a command that a sentence advises, completed: what is advised must not
 * change another account's cookie, or look into another ledger.
 */
#pragma once

#include "cli/options/args.h"

/*
 * Returns the text with the options that chose this account, its ledger and its service
 * behind each verb of a command that is about them; one of `auth` gets those of the
 * account only. malloc'ed; NULL: no memory.
 */
char *advice_complete(const struct args *args, const char *text);
