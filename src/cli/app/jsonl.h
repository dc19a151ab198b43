/*
 * jsonl.h - a JSON object as a line of stdout. A key that memory was short for is missing
 * until the end, and then the line is: jsonl_print() counts them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "cli/app/app.h"

/* With "schema_version" and "event"; for json_deletep(). */
cJSON *jsonl_make(const char *event);
/*
 * Text may be any bytes, JSON may not: each that is no UTF-8 becomes U+FFFD. NULL is
 * null. False: it is missing.
 */
bool jsonl_add_text(cJSON *object, const char *key, const char *text);
/* In all its digits; below 0: null. */
void jsonl_add_number(cJSON *object, const char *key, int64_t value);
void jsonl_add_bool(cJSON *object, const char *key, bool value);
/* A line, or a warning when it has not so many keys. */
void jsonl_print(struct app *app, const cJSON *object, int n_keys);
