/*
 * fields.h - fields of a record into an arena, by the rule of PROTOCOL A3: a
 * field of a wrong type is treated as absent and counted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"

struct fields {
	struct arena *arena;
	unsigned *mistyped;
	bool no_memory; /* sticky; asked once, at the end */
};

enum { FIELD_TEXT_MAX = 1024 };

/* Printable copy, cut to `max` bytes between characters; NULL for absent or "". */
const char *fields_text(
    struct fields *fields, const cJSON *object, const char *path, size_t max);
/* Free text of the service for people: redacted as well. */
const char *fields_message(
    struct fields *fields, const cJSON *object, const char *path, size_t max);
/* Works like fields_text() for a code or an id, which may also be a whole number. */
const char *fields_code(struct fields *fields, const cJSON *object, const char *path);
/*
 * Returns the Unix milliseconds of a time in s or ms, whole or not, number or text; 0
 * when absent.
 */
int64_t fields_time_ms(struct fields *fields, const cJSON *object, const char *path);
/* A link as it came: the string, or the first string of an array. NULL for none. */
const char *fields_link(struct fields *fields, const cJSON *object, const char *path);
/* Returns the Unix milliseconds of one value, as above; -1 when it is no time. */
int64_t fields_unix_ms(const cJSON *json);
/* Returns how many bytes of `text` fit into `max` without cutting a character in two. */
size_t fields_cut(const char *text, size_t max);
/* A copy for keeps; NULL only without memory. */
const char *fields_keep(struct fields *fields, const char *text);
