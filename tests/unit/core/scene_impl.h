/* scene_impl.h - what the files of a scene share. */
#pragma once

#include "scene.h"

/* A connection to the service of the scene that is the payload. */
void scene_serve(struct raw_peer *peer, void *payload);
