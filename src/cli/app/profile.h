/*
 * profile.h - is this profile one that somebody has made? A typo must not be an account
 * of its own, empty and silent.
 */
#pragma once

#include "cli/app/app.h"

/* Is there a cookie in its default place, or a note that the keyring has it? */
bool profile_has_cookie(const char *profile);
/* The same of what is meant: --cookie-file, or the profile of this run. */
bool profile_has_login(const struct args *args);

/*
 * ERR_USAGE, with the names of those that there are, unless the profile is "default", has
 * a cookie in its place, a section in the config file or a task in the ledger; or a
 * cookie file was named, and the verb asks the service. app->dq is open. What can't be
 * found out is left to the verb.
 */
enum err_kind profile_check(struct app *app, struct err *err);
