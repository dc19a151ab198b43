/*
 * throttle.h - all downloads of a loop together keep to a rate (net_config.limit_rate),
 * each in its turn.
 *
 *   running ──no bytes are left──► waits in line ──there are as many as it wants──► its
 * turn ▲                                                                              │
 *      └──────────────────────────────── it takes them ◄──────────────────────────────┘
 *
 * What waits is paused in curl, so its peer has to wait, too, and its silence is not
 * counted. The line is served in order, a piece each, so that all get alike.
 */
#pragma once

#include "net/state.h"

/* May this one take `len` bytes now? Then they are counted; else it waits in line. */
bool throttle_lets(struct net_request *request, size_t len);
/* Whose turn has come is to be resumed. */
void throttle_step(struct net *net, int64_t now_ms);
/* When throttle_step() has something to do; INT64_MAX: nobody waits. */
int64_t throttle_next_ms(const struct net *net);
/* It has ended, or goes elsewhere. */
void throttle_leave(struct net_request *request);
/* Of how many bytes curl should read at once. */
long throttle_buffer(const struct net *net, long usual);
