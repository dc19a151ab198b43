/*
 * json_line.h - one line of JSON for the frozen outputs (docs/schema/): keys in the order
 * in which they are added; absent values are null, never missing.
 *
 *	struct json_line line = json_line_make("stored");
 *
 *	json_line_text(&line, "path", path);
 *	return json_line_take(&line);
 *
 * When memory is short the line would lack a key: it remembers that, and then there
 * is no line at all.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct json_line {
	cJSON *object;
	bool failed;
};

/* With schema_version and the event's name. */
struct json_line json_line_make(const char *event);
/* An object to stand inside of a line: json_line_part(). */
struct json_line json_line_make_part(void);

/* NULL is null; what is no UTF-8 becomes U+FFFD, byte by byte. */
void json_line_text(struct json_line *line, const char *key, const char *text);
void json_line_bool(struct json_line *line, const char *key, bool value);
/* Adds a number, exact over the whole range; `absent` becomes null. */
void json_line_number(
    struct json_line *line, const char *key, int64_t value, int64_t absent);
/* Adds a moment, as UTC with milliseconds where there are some; null from 0 down. */
void json_line_time_ms(struct json_line *line, const char *key, int64_t unix_ms);
void json_line_time_s(struct json_line *line, const char *key, int64_t unix_s);
/* Adds a number with a fraction; it is finite. */
void json_line_real(struct json_line *line, const char *key, double value);
void json_line_part(struct json_line *line, const char *key, struct json_line part);
/* Adds any value; it is taken over. NULL: there was no memory for it. */
void json_line_add(struct json_line *line, const char *key, cJSON *value);

/*
 * Returns the text, malloc'ed, without newline; NULL: no memory. The line is gone then.
 */
char *json_line_take(struct json_line *line);
