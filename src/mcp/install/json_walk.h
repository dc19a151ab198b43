/*
 * json_walk.h - where things stand in a JSON text that may have comments: for changing
 * one of them without printing the rest again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WALK_DEPTH_MAX = 100 };

struct walk {
	const char *text;
	size_t len, at;
	bool has_comments; /* and trailing commas: both are allowed */
	unsigned depth;
	const char *why; /* what is wrong at `at`; NULL: nothing yet */
};

/* What is looked for in an object, and where the object is. */
struct walk_object {
	size_t open, close; /* its braces */
	size_t n; /* members */
	size_t first; /* the first key's quote */
	size_t end; /* behind the last value */
	size_t comma; /* behind the last value; 0: none */
	size_t matches; /* members with that key; the last one is told */
	size_t key, value, value_end; /* of it */
	size_t comma_before, comma_after; /* 0: none */
};

/* White space, comments. False: a comment has no end, or is not allowed. */
bool walk_space(struct walk *walk);
/* From the first byte of a value to the one behind it. */
bool walk_value(struct walk *walk);
/* The whole text is one object. */
bool walk_whole(struct walk *walk, size_t *ret_open);
/* Stands at "{" of a text that is whole. */
void walk_object(struct walk *walk, const char *key, struct walk_object *ret_object);
