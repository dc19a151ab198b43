/*
 * raw.h - bytes on a connection that no server library would send: answers that are none,
 * and an answer to a request that nobody has sent yet. Plain HTTP only; with TLS these
 * faults do nothing.
 */
#pragma once

#include <stdbool.h>

struct request;

/*
 * Send what r->delivery wants in place of the whole answer; then the connection must
 * close. False, and nothing was sent, when it wants nothing of the kind.
 */
bool raw_replace(struct request *r);

/* Send, behind an answer that has left, one to the next request, ahead of it. */
void raw_send_ahead(const struct request *r);
