/*
 * keys.h - what may stand in the config file, by name: 'jobs' of [default],
 * 'profile.NAME.jobs', 'wire.ROW', 'alias.NAME'.
 */
#pragma once

#include "base/err.h"
#include "cli/options/config.h"

enum { KEY_PROFILE_MAX = 64 };

struct key {
	enum config_section section;
	char profile[KEY_PROFILE_MAX + 1]; /* "" in other sections */
	const char *name; /* borrowed */
};

/* Cut a name as above, and check that there is such a key; errors begin with `where`. */
enum err_kind key_read(
    const char *text, const char *where, struct key *ret_key, struct err *err);
/* Is it a key of this section? Else the nearest one is named. Not for aliases. */
enum err_kind key_check(
    enum config_section section, const char *name, const char *where, struct err *err);
/* Would this value be taken? Of an alias: is it one? */
enum err_kind key_check_value(enum config_section section, const char *name,
    const char *value, const char *where, struct err *err);
