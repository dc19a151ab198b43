/*
 * config.h - the config file: a small, strict ini.
 *
 *	# comment                 ; comment
 *	[default]                 long option names as keys
 *	output-dir = ~/Pictures
 *	[profile work]            the same keys, over [default], for --profile work
 *	[wire]                    rows of the wire table
 *	[alias]                   name = verb and options: a command of one's own
 *
 * Strict: an unknown section or key, a key twice in a section, a line that is
 * none of these is ERR_USAGE with file, line and the nearest known name. No continued
 * lines; a value reaches to the end of its line, and may be in double
 * quotes to keep blanks at its ends. "~/" in front of a file or folder is HOME. A cookie
 * is refused wherever it stands, and never repeated.
 *
 * Why not libinih: it tells no line of an entry, cuts names at 50 and lines
 * at 200 bytes in silence, and joins indented lines to the one before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum config_section { CONFIG_DEFAULT, CONFIG_PROFILE, CONFIG_WIRE, CONFIG_ALIAS };

struct config_entry {
	enum config_section section;
	unsigned line;
	const char *profile; /* of [profile NAME]; NULL elsewhere */
	const char *key, *value;
};

struct config {
	char *text; /* owns every string of the entries */
	struct config_entry *entries;
	size_t n_entries;
};

/* Hears of every mistake, where not the first one shall end the reading. */
struct config_ear {
	void (*on_mistake)(void *payload, unsigned line, const struct err *err);
	/* Also asked of each value of an option, when it is not NULL: what is known
	 * above only. */
	enum err_kind (*check)(
	    const char *key, const char *value, const char *where, struct err *err);
	void *payload;
};

/* Cut `text` (it is malloc'ed, and taken over in any case). `path` is for messages. */
enum err_kind config_parse(
    char *text, size_t len, const char *path, struct config *ret_config, struct err *err);
/* The same, and a line that is wrong is told, passed over, and no error. */
enum err_kind config_parse_all(char *text, size_t len, const char *path,
    const struct config_ear *ear, struct config *ret_config, struct err *err);
void config_release(struct config *config);

/*
 * What a line is, of which the blanks at its ends are gone already: a section that there
 * is (*ret_profile points into it, NULL where it is none of a profile)?
 */
bool config_read_section(
    char *line, enum config_section *ret_section, const char **ret_profile);
/* Can this be the name of a profile or an alias? */
bool config_is_name(const char *name);
/* Would a cookie stand here? Then it is refused, and the value never repeated. */
bool config_is_cookie(const char *key, const char *value);
