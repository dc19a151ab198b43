/*
 * settings.h - what holds in the end: the command line over the environment
 * over the profile's section of the config file over its [default].
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "cli/options/args.h"
#include "cli/options/config.h"

struct settings {
	struct config config;
	char **owned; /* texts made from config values */
	size_t n_owned;
	const char **wire; /* "name=value" rows, NULL-terminated; NULL when none */
};

/*
 * Fill `args`, which holds the command line, from the other places. Values in
 * it may borrow from *ret_settings: release that last. A config file that was
 * named must exist. ERR_USAGE names the variable, or file and line.
 */
enum err_kind settings_load(
    struct args *args, struct settings *ret_settings, struct err *err);
void settings_release(struct settings *settings);
