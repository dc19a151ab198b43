/*
 * place.h - where a test makes its folder. In memory, where the machine has that: what a
 * power cut leaves is not asked here, and a sync of a disk takes longer than most tests.
 */
#pragma once

#include <stdlib.h>
#include <unistd.h>

/* SCENE_PLACE, if that is set. */
static inline const char *place_in_memory(void)
{
	const char *place = getenv("SCENE_PLACE");

	if (place && *place)
		return place;
	return access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}
