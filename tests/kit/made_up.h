/*
 * made_up.h - a service that is nobody's, in memory, as small as a service can be. It
 * shows what service.h asks of one, and that nothing more is needed.
 *
 * Every request goes to its address, and what the server there answers says how it fares:
 * 200 well, 401 the login is refused, else trouble. What is asked for and sent is decided
 * here: ids that begin with "nobody" are not known, and all others are done at their
 * third look, with one image at ADDRESS/f/ID.png. Those that begin with "twin" show one
 * and the same file.
 *
 * Opened without a network, it sends nothing: a test answers (made_up_answer).
 */
#pragma once

#include "service/service_ops.h"

enum {
	MADE_UP_BATCH_MAX = 4,
	MADE_UP_LOOKS = 3, /* until a task is done */
	MADE_UP_ABSENCES = 2, /* until one is believed */
};

extern const struct service_ops service_made_up;

/* Of those under way without a network, the request that was begun last ends so; ERR_OK:
 * well. False: none is. */
bool made_up_answer(struct service *service, const struct err *outcome);
