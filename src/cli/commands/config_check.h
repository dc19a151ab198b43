/*
 * config_check.h - the mistakes of the config file.
 */
#pragma once

#include "cli/app/app.h"

/* The values that options.h leaves to their verbs. Errors begin with `where`. */
enum err_kind config_check_value(
    const char *key, const char *value, const char *where, struct err *err);
/* Prints all of them, each with its line. Returns the exit status. */
int config_check(struct app *app, const char *path);
/* One sentence when there is any: behind a change of another line. */
void config_check_rest(struct app *app, const char *path);
