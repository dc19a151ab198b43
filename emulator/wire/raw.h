/*
 * raw.h - bytes on a connection that no server library would send: answers that are none,
 * and an answer to a request that nobody has sent yet. Plain HTTP only; with TLS these
 * faults do nothing.
 */
#pragma once

#include "wire/request.h"

/* An answer in place of the one that is there, whole; then the connection must close.
 * False: no such fault was planned. */
bool raw_replace(struct request *r, int fd);

/* Behind an answer that has been sent: one to the next request, ahead of it. */
void raw_send_ahead(const struct request *r, int fd);
