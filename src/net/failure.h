/*
 * failure.h - what went wrong, said for a person.
 */
#pragma once

#include "net/state.h"

/* Fill request->why from what curl says. */
void request_judge(struct net_request *request, CURLcode code);
