/*
 * config_set.h - one key of the config file written, or taken away; the file as a whole.
 */
#pragma once

#include "cli/app/app.h"

int config_set(struct app *app, const char *path);
int config_unset(struct app *app, const char *path);

/* The whole file, whole or not at all; the folders that it needs. */
enum err_kind config_write(const char *path, const char *text, struct err *err);
