/*
 * traffic.h - what curl calls while bytes move, and the timers over them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/state.h"

/* Put our callbacks into the curl handle; false: no memory. */
bool request_listen(struct net_request *request);
/* When is the next moment to look at its timers (steady ms), and what is overdue then? */
int64_t request_deadline(const struct net_request *request);
bool request_is_overdue(struct net_request *request, int64_t now_ms);
/* The transfer went well: a packed body is unpacked now, and handed over. */
void request_unpack(struct net_request *request);
