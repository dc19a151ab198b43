/* scene_impl.h - what the files of a scene share. */
#pragma once

#include "core/account/session.h"
#include "scene.h"

/* A connection to the service of the scene that is the payload. */
void scene_serve(struct raw_peer *peer, void *payload);

/* The clocks begin at the system's time. */
void scene_clocks_start(void);
/* The session of the scene goes by them. */
void scene_clocks_give(struct scene *scene);
