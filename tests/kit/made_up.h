/*
 * made_up.h - a service that is nobody's, as small as a service can be. It shows what
 * service_ops.h asks of one, and that nothing more is needed.
 *
 * Every request goes to its address, and what the server there answers says how it fares:
 * 200 well, 401 the login is refused, else trouble. What is asked for is decided here:
 * ids that begin with "nobody" are not known, and all others are done at their third
 * look, with one image at ADDRESS/f/ID.png. Those that begin with "twin" show one and the
 * same file. A login is any word. Submits it takes none: made_up_send.h adds them.
 */
#pragma once

#include "service/exchange.h"

enum {
	MADE_UP_BATCH_MAX = 4,
	MADE_UP_LOOKS = 3, /* until a task is done */
	MADE_UP_ABSENCES = 2, /* until one is believed */
};

extern const struct service_ops service_made_up;

/* What it is made of, for those that are it, but for something. */
enum err_kind made_up_start(struct exchange *exchange, const char *path,
    exchange_finish *finish, struct err *err);
/* How did the request fare? */
struct err made_up_fared(const struct reply *reply);
enum err_kind made_up_poll(struct exchange *exchange, struct err *err);
void made_up_finish_poll(struct exchange *exchange, const struct reply *reply);
int64_t made_up_absence_ms(bool was_shown);
