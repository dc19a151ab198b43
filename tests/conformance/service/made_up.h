/*
 * made_up.h - a service that is nobody's, in memory, as small as a service can be. It
 * shows what service.h asks of one, and that nothing more is needed.
 *
 * Every request goes to its address, and what the server there answers says how it fares:
 * 200 well, 401 the login is refused, else trouble. What is asked for and sent is decided
 * here: ids that begin with "nobody" are not known, and all others are done at their
 * third look, with one image at ADDRESS/f/ID.png.
 */
#pragma once

#include "service/service.h"

enum {
	MADE_UP_BATCH_MAX = 4,
	MADE_UP_LOOKS = 3, /* until a task is done */
	MADE_UP_ABSENCES = 2, /* until one is believed */
};

extern const struct service_ops service_made_up;
