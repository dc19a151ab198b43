/*
 * play.h - a scene whose verb runs while others act: with each tick of the loop the play
 * says what happens next. Clocks jump (scene_pass()), and disks are full, when it wants
 * so.
 *
 * A verb that goes on for fifteen seconds, by the clocks of the scene, is interrupted:
 * the test has failed.
 */
#pragma once

#include <stdatomic.h>

#include "base/cleanup.h"
#include "ledger/ledger.h"
#include "scene.h"

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

/*
 * No room: for leases and for what is lost, in the ledger of the session; and for bytes,
 * if its files go into a box in memory in place of the folder. On whatever thread.
 */
void play_set_full(bool full);
void play_into_box(struct scene *scene);
bool play_has_boxed(const struct scene *scene); /* the first file of task "t" */

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
