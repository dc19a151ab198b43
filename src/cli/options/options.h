/*
 * options.h - every option of every verb, one row each. The parser, the
 * config file, the help, the manual and the completions all read these rows, so an
 * option cannot exist undocumented. A verb lists the ids of those it takes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* In the order of their names; OPT_COUNT ends a verb's list. */
enum opt_id {
	OPT_ALL_ACCOUNTS,
	OPT_ANY,
	OPT_API_BASE,
	OPT_BATCH,
	OPT_BODY,
	OPT_COLOR,
	OPT_CONFIG,
	OPT_COOKIE_FILE,
	OPT_THEIR_DIR,
	OPT_DRAIN,
	OPT_DRY_RUN,
	OPT_DURATION,
	OPT_EXEC,
	OPT_EXPLAIN,
	OPT_FILE_INDEX,
	OPT_FORMAT,
	OPT_FULL,
	OPT_THEIR_STATUS,
	OPT_THEIR_TYPE,
	OPT_HELP,
	OPT_IDEMPOTENCY_KEY,
	OPT_INPUT,
	OPT_INTERVAL,
	OPT_JOBS,
	OPT_JSON,
	OPT_KEY_BY,
	OPT_KEYRING,
	OPT_KIND,
	OPT_LEDGER,
	OPT_LIMIT,
	OPT_MAN,
	OPT_MAX_CREDITS,
	OPT_MAX_WAIT,
	OPT_MEASURE,
	OPT_MODEL,
	OPT_NAME,
	OPT_NO_SYNC,
	OPT_OFFSET,
	OPT_OUTPUT,
	OPT_OUTPUT_DIR,
	OPT_POLL,
	OPT_PROFILE,
	OPT_PROGRESS,
	OPT_PROMPT,
	OPT_QUALITY,
	OPT_QUIET,
	OPT_RATIO,
	OPT_REGION,
	OPT_REPAIR,
	OPT_REQUESTS_PER_MINUTE,
	OPT_REROLL,
	OPT_SET,
	OPT_SIDECAR,
	OPT_SINCE,
	OPT_SINK,
	OPT_STATE,
	OPT_SUBMIT_BASE,
	OPT_SUBMIT_ID,
	OPT_SUBMIT_VIA,
	OPT_THEIR_ID,
	OPT_SYNC,
	OPT_UNTIL_IDLE,
	OPT_VERBOSE,
	OPT_VERSION,
	OPT_COUNT,
};

enum opt_type {
	OPT_SWITCH, /* nothing, or =yes / =no */
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
	const char *const *choices; /* OPT_CHOICE */
	const char *zero; /* OPT_NUMBER: the word for 0; NULL: none */
	uint64_t min, max; /* OPT_NUMBER; OPT_TIME in ms, `max` 0: any, "never" too */
	enum opt_type type;
	char letter; /* or 0 */
	bool in_config; /* may stand in the config file */
};

extern const struct opt options[OPT_COUNT];

/* What every verb takes; ends with OPT_COUNT. */
extern const enum opt_id options_shared[];

/* The option of this long name, OPT_COUNT when there is none. */
enum opt_id options_find(const char *name);
/* Is `id` in a list that ends with OPT_COUNT? NULL is an empty list. */
bool options_has(const enum opt_id *list, enum opt_id id);
