/*
 * put.h - JSON that we say, member by member.
 *
 * What is absent (NULL, a negative number, 0 as a time) is left out: of a schema that
 * allows null, clients make a choice that models stumble over. Memory that failed is
 * asked for once, at the end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct put {
	cJSON *object;
	bool failed;
};

struct put put_make(void);
/* For an object that is there already, and stays whose it is. */
static inline struct put put_into(cJSON *object)
{
	return (struct put){ object, object == NULL };
}
/* Gives the object away; NULL: memory has failed, and it is gone. */
cJSON *put_take(struct put *put);

/* A text of ours. */
void put_text(struct put *put, const char *name, const char *text);
/* A text of somebody else: its first characters, what can't be seen made visible. */
void put_strange(struct put *put, const char *name, const char *text, size_t max_chars);
void put_number(struct put *put, const char *name, int64_t number);
void put_bool(struct put *put, const char *name, bool is);
void put_time(struct put *put, const char *name, int64_t unix_ms);
/* Takes `item`; NULL: memory has failed. */
void put_item(struct put *put, const char *name, cJSON *item);
/* Puts a new array there, which is borrowed; NULL: memory has failed. */
cJSON *put_array(struct put *put, const char *name);

/* The JSON Schema of an object, member by member. */
struct put_schema {
	struct put properties;
	cJSON *required;
};

struct put_schema put_schema_make(void);
/* Takes the schema of the member; NULL: memory has failed. */
void put_schema_member(
    struct put_schema *schema, const char *name, bool is_required, cJSON *of_member);
/* Gives the schema away; NULL: memory has failed, and it is gone. */
cJSON *put_schema_take(struct put_schema *schema);
