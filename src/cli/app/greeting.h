/*
 * greeting.h - what 'dreamq' alone says to a person: where things stand, and the next
 * step.
 */
#pragma once

#include "cli/app/app.h"

/* Is somebody at a terminal, on both sides? A script gets the list of verbs. */
bool greeting_is_wanted(const struct app *app);
/* Four lines at most, on stderr. Returns the exit status of a call without a verb. */
int greeting_say(struct app *app);
