/*
 * bad_servers.h - servers that break one rule each. A payload that is not NULL is what to
 * say.
 */
#pragma once

#include "rawserver.h"

void say_and_close(struct raw_peer *peer, void *payload);
void say_and_reset(struct raw_peer *peer, void *payload);
void say_and_stall(struct raw_peer *peer, void *payload);
void say_at_once(struct raw_peer *peer, void *payload);
void flood_headers(struct raw_peer *peer, void *payload);
void flood_one_header(struct raw_peer *peer, void *payload);
void flood_interim(struct raw_peer *peer, void *payload);
void flood_extension(struct raw_peer *peer, void *payload);
void drip_headers(struct raw_peer *peer, void *payload);
void drip(struct raw_peer *peer, void *payload);
