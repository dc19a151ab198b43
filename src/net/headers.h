/*
 * headers.h - the headers that a request carries, and no others.
 */
#pragma once

#include "net/state.h"

/*
 * Adds those of the spec. ERR_USAGE: there is a line break, or a secret that must not go
 * there.
 */
enum err_kind request_add_headers(
    struct net_request *request, const struct net_spec *spec, struct err *err);
/* They may hold the cookie. */
void request_wipe_headers(struct net_request *request);
