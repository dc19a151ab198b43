/*
 * early.h - sockets, and what they bring before anything was asked.
 */
#pragma once

#include <stdbool.h>

#include "net/state.h"

int early_open(struct net *net, int family, int type, int protocol);
int early_close(struct net *net, int fd);
/* This connection, known by our port, has begun an answer of HTTP/1. */
void early_answered(struct net *net, int port);
/* Do bytes wait on it that nobody has asked for? */
bool early_has_bytes(struct net *net, int port, bool is_tls);
