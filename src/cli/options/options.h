/*
 * options.h - every option of every verb, one row each, in rows/. The parser, the
 * config file, the help, the manual and the completions all read these rows, so an
 * option cannot exist undocumented. A verb lists the ids of those it takes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One for each row; OPT_COUNT ends a verb's list. */
enum opt_id {
#define OPTION(id, ...) OPT_##id,
#include "cli/options/rows.def"
#undef OPTION
	OPT_COUNT,
};

enum opt_type {
	OPT_SWITCH, /* nothing, or =yes / =no; =WORD,... where it may be a list */
	OPT_TEXT, /* anything but "" */
	OPT_FILE, /* the same, for completion */
	OPT_FOLDER, /* the same, for completion */
	OPT_TIME, /* a duration, kept in ms */
	OPT_NUMBER, /* min to max */
	OPT_CHOICE, /* one of `choices` */
	OPT_LIST, /* key=value, may be repeated */
};

struct opt {
	const char *name; /* long name, without the dashes */
	const char *value; /* what stands for it in help; NULL: a switch */
	const char *help; /* one line, lower case, no full stop */
	const char *env; /* variable that sets it too, or NULL */
	const char *const *choices; /* OPT_CHOICE; of a list, NULL: anything */
	const char *fallback; /* what holds without it, where it may stand in the config
				 file; NULL: nothing, or no */
	const char *zero; /* the word for 0, or for no value at all; NULL: none */
	const char *checked_as; /* what dq_value_check() calls it; NULL: any text */
	uint64_t min, max; /* OPT_NUMBER; OPT_TIME in ms, `max` 0: any, "never" too */
	enum opt_type type;
	char letter; /* or 0 */
	bool may_be_list; /* OPT_SWITCH */
	bool in_config; /* may stand in the config file */
};

extern const struct opt options[OPT_COUNT];

/* What every verb takes; ends with OPT_COUNT. */
extern const enum opt_id options_shared[];

/* The option of this long name, OPT_COUNT when there is none. */
enum opt_id options_find(const char *name);
/* Is `id` in a list that ends with OPT_COUNT? NULL is an empty list. */
bool options_has(const enum opt_id *list, enum opt_id id);
