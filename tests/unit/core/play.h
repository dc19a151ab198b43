/*
 * play.h - a scene whose verb runs while others act: with each tick of the loop the play
 * says what happens next. Clocks jump, and the ledger's disk is full, when it wants so.
 *
 * Whoever uses it is linked with the --wrap options of meson.build. A verb that goes on
 * for fifteen seconds is interrupted: the test has failed.
 */
#pragma once

#include <stdatomic.h>

#include "base/cleanup.h"
#include "ledger/ledger.h"
#include "scene.h"

extern atomic_llong play_jump_ms; /* both clocks: the machine slept for so long */
extern atomic_uint play_steps; /* of the loop */
extern atomic_bool play_is_full; /* no room: for leases, what is lost, bytes of files */
extern atomic_bool play_is_well; /* the service: see play_say_if_well() */

struct play {
	bool (*act)(struct scene *scene, struct play *play); /* false: drain */
	struct ledger *other; /* the handle of another process */
	unsigned tick, step, from, mark; /* step, from, mark: the play's own */
	int64_t token;
	bool was_late;
};

#define SCENE _cleanup_(scene_close) struct scene
#define PLAY _cleanup_(play_close) struct play

void play_open(struct scene *scene, struct play *play);
void play_close(struct play *play);

/* What the other process does. */
void play_adopt(struct play *play, const char *id); /* known, unfinished, nobody's */
void play_intend(struct play *play, const char *id); /* waits to be sent */
int64_t play_take(struct play *play, const char *id, int64_t ahead_ms); /* the lease */
void play_give(struct play *play, const char *id);
void play_forget(struct play *play, const char *id);

/*
 * For routes. A connection keeps its routes, so they ask themselves how things are. True:
 * task "t" has succeeded, and that was said.
 */
bool play_say_if_well(struct scene *scene, struct raw_peer *peer);
