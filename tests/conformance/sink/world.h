/*
 * world.h - what the suite must be able to do to a sink from outside: what a user, a
 * power cut or the end of a process does.
 */
#pragma once

#include <stddef.h>

enum { PLACE_MAX = 256 };

struct world {
	const char *name;
	/* A place that is empty; the next test gets another. */
	void (*set_up)(char ret_place[PLACE_MAX]);
	void (*tear_down)(const char *place);
	/* Somebody else puts a file there. */
	void (*put)(const char *location, const void *bytes, size_t len);
	/* Somebody changes one byte of a partial that nobody has open, or cuts it. */
	void (*damage)(const char *partial, size_t offset);
	void (*cut)(const char *partial, size_t len);
	/* A process does this, and is killed. What it opened is as it was then. */
	void (*killed_after)(void (*steps)(void *payload), void *payload);
};

/* Of the sink that this program tests. */
extern const struct world world;
