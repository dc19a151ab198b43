/*
 * log.h - the lines of net_config.log: when a request leaves, and when it has ended. The
 * net has a log.
 */
#pragma once

#include "net/state.h"

void log_start(const struct net_request *request);
void log_end(const struct net_request *request);
