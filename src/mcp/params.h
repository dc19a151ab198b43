/*
 * params.h - what a tool takes: a row for each argument. The JSON Schema that clients see
 * is made from the rows, and so is the check of what they send.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

enum param_type {
	PARAM_IDS, /* 1 to PARAM_IDS_MAX submit ids */
	PARAM_ID, /* a submit id */
	PARAM_TEXT, /* of `min` to `max` characters */
	PARAM_INTEGER, /* min to max; `otherwise` (less than min: none) without it */
	PARAM_CHOICE, /* one of choices() */
};

enum { PARAM_IDS_MAX = 50 };
#define PARAM_ID_PATTERN "^[A-Za-z0-9_-]{1,64}$"

struct param {
	const char *name; /* NULL: behind the last row */
	enum param_type type;
	bool is_required;
	const char *description; /* NULL: the name says it */
	int64_t min, max, otherwise;
	const char *const *(*choices)(void);
};

/* Returns the schema of all arguments; NULL: no memory. */
cJSON *params_schema(const struct param *params);

/*
 * Do these arguments (NULL: none) follow the rows? False: `ret_why` has a sentence that
 * a model can act on.
 */
bool params_check(const struct param *params, const cJSON *arguments, char ret_why[200]);

/* Are these bytes, one at least, a submit id? */
bool params_is_id(const char *text, size_t len);

/* Of arguments that have been checked; NULL: it is not there. */
const char *params_text(const cJSON *arguments, const char *name);
int64_t params_integer(
    const struct param *params, const cJSON *arguments, const char *name);
/* Writes the ids, each once, borrowed; returns how many. */
size_t params_ids(const cJSON *arguments, const char *ret_ids[PARAM_IDS_MAX]);
