/*
 * world.h - where a service lives for the suite: a server of its own, and what can be
 * done to it. A service that is to pass gets a file like world_made_up.c, and a row in
 * test_service.c.
 */
#pragma once

#include "service/service_ops.h"

struct world {
	const struct service_ops *ops;
	const char *login; /* read_credential() takes it */
	const char *via; /* the setting submit_via; NULL: it has none, or its own */
	char address[100]; /* once it is open */
	void *payload; /* the world's own */

	void (*open)(struct world *world);
	void (*close)(struct world *world);
	/* The next request, and only that one, meets a server in trouble. `what` is
	 * "query" or "submit". */
	void (*fail_next)(struct world *world, const char *what);
	void (*refuse_login)(struct world *world); /* from now on */
};

/* The ids that every world has, each done, with one image at least. "nobody-N" has none.
 */
#define WORLD_IDS "task-1", "task-2", "task-3"

extern const struct world world_made_up, world_made_up_send, world_jimeng,
    world_jimeng_web;
