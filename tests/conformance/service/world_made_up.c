/* Both made-up services: the bare one, and the one that takes submits. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "made_up_send.h"
#include "rawserver.h"
#include "world.h"

struct place {
	struct raw_server *server;
	atomic_int fails; /* so many requests */
	atomic_bool refuses;
};

static void serve(struct raw_peer *peer, void *payload)
{
	struct place *place = payload;

	while (raw_read(peer)) {
		int status = 200;

		if (atomic_load(&place->fails) > 0) {
			atomic_fetch_sub(&place->fails, 1);
			status = 503;
		} else if (atomic_load(&place->refuses)) {
			status = 401;
		}
		raw_answer(peer, status, "", "");
	}
}

static void open_made_up(struct world *world)
{
	struct place *place = calloc(1, sizeof(*place));

	if (!place)
		abort();
	place->server = raw_start(serve, place);
	world->payload = place;
	(void)snprintf(
	    world->address, sizeof(world->address), "%s", raw_url(place->server, ""));
}

static void close_made_up(struct world *world)
{
	struct place *place = world->payload;

	raw_stop(place->server);
	free(place);
}

static void fail_next(struct world *world, const char *what)
{
	struct place *place = world->payload;

	(void)what;
	atomic_store(&place->fails, 1);
}

static void refuse_login(struct world *world)
{
	struct place *place = world->payload;

	atomic_store(&place->refuses, true);
}

const struct world world_made_up = {
	.ops = &service_made_up,
	.login = "word=open-sesame",
	.open = open_made_up,
	.close = close_made_up,
	.fail_next = fail_next,
	.refuse_login = refuse_login,
};

const struct world world_made_up_send = {
	.ops = &service_made_up_send,
	.login = "word=open-sesame",
	.open = open_made_up,
	.close = close_made_up,
	.fail_next = fail_next,
	.refuse_login = refuse_login,
};
