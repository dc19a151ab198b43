/*
 * request.h - a started transfer is made, aimed anew, and freed.
 */
#pragma once

#include "net/state.h"

/* Check the spec and build everything but the place in a loop. */
enum err_kind request_new(struct net *net, const struct net_spec *spec,
    struct net_request **ret_request, struct err *err);
/* Take the redirect that the head tells of. */
enum err_kind request_follow(struct net_request *request, struct err *err);
/* Send it over a connection of its own, once. False: that was one already. */
bool request_take_fresh(struct net_request *request);
/* Out of curl's hands, if it is in them. */
void request_leave_curl(struct net_request *request);
void request_free(struct net_request *request);
