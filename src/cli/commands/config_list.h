/*
 * config_list.h - 'config list' and 'config get': each key's value, and whence it has it.
 */
#pragma once

#include "cli/app/app.h"

/* Both return the exit status; `path` is the config file's. */
int config_list(struct app *app, const char *path);
int config_get(struct app *app, const char *path);
