/*
 * shape.h - what tools answer: a row for each member, from which the JSON Schema that
 * clients check answers by is made.
 *
 * No type is a list, and nothing is null: what is unknown is left out.
 */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

enum shape_type {
	SHAPE_TEXT,
	SHAPE_STRANGE, /* a text: words of others, described as such */
	SHAPE_STATE, /* a text: one of dq_state_names() */
	SHAPE_INTEGER,
	SHAPE_BOOL,
	SHAPE_OBJECT, /* with the members `of` */
	SHAPE_LIST, /* of such objects */
};

enum { MAY_LACK = false, ALWAYS = true };

struct shape {
	const char *name; /* NULL: behind the last row */
	enum shape_type type;
	bool is_required;
	const struct shape *of;
};
#define SHAPE_END                                \
	{                                        \
		NULL, SHAPE_TEXT, MAY_LACK, NULL \
	}

/* As view.h makes them. */
extern const struct shape shape_task[], shape_row[], shape_file[];

/* Returns the schema of an object; NULL: no memory. */
cJSON *shape_schema(const struct shape *members);
