/*
 * made_up_send.h - the made-up service (made_up.h), which takes submits, too, and can say
 * whether a login holds. It has what may be left out of a service: of images only, and
 * what is sent is an id and nothing else. A login is "word=...".
 */
#pragma once

#include "made_up.h"

extern const struct service_ops service_made_up_send;

/* The end of a request for credit, for who answers it in another way. */
void made_up_finish_credit(struct exchange *exchange, const struct reply *reply);
