/*
 * alias.h - commands of one's own, in [alias] of the config file:
 *
 *	night = watch --sync 1h --output-dir ~/pics
 *
 * The value is cut as a shell cuts it: blanks, '...', "...", a backslash; "~/" in front
 * of a word is HOME, and nothing else is replaced. Its first word is a verb of dreamq; an
 * alias has no verb's name, so that a script means the same everywhere.
 */
#pragma once

#include "base/err.h"
#include "cli/options/config.h"

struct alias {
	char *text; /* owns the words */
	const char **words; /* NULL-terminated */
	size_t n_words;
};

/* ERR_USAGE, behind `where`: the name is a verb's or can't be one; the value is none. */
enum err_kind alias_check_name(const char *name, const char *where, struct err *err);
enum err_kind alias_check(
    const char *name, const char *value, const char *where, struct err *err);

/* Cut a value. ERR_USAGE behind `where`. */
enum err_kind alias_make(
    const char *value, const char *where, struct alias *ret_alias, struct err *err);
void alias_release(struct alias *alias);

/* The entry of this name; NULL: none. */
const struct config_entry *alias_find(const struct config *config, const char *name);
