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

/* Which config file counts, by option, variable or default; malloc'ed. NULL: there is
 * neither HOME nor XDG_CONFIG_HOME, or no memory. */
char *settings_path(const struct args *args);
/*
 * Read that file, and nothing else of it: none there is an empty one, unless it was
 * named. For aliases, before the verb is known.
 */
enum err_kind settings_read(
    const struct args *args, struct config *ret_config, struct err *err);
/* Tell every mistake of it: of all sections, whatever profile it is. */
enum err_kind settings_check(
    const struct args *args, const struct config_ear *ear, struct err *err);
/* Whence a value has come, as errors begin: "FILE:LINE", a variable, an option. */
struct settings_where {
	char text[400];
};
const char *settings_where(const struct settings *settings, const struct args *args,
    enum opt_id id, struct settings_where *into);
/* The line of the config file that a value comes from; 0: from elsewhere. */
unsigned settings_line(
    const struct settings *settings, const struct args *args, enum opt_id id);
