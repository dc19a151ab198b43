/*
 * network.h - how the session talks to the network: what dq_options say of that, kept
 * until the network is opened.
 */
#pragma once

#include "base/err.h"
#include "dreamq/dreamq.h"
#include "net/net.h"

struct network {
	struct net_way way;
	unsigned per_host;
	char *texts[6]; /* of `way` */
};

/* ERR_USAGE: which is wrong, and why. */
enum err_kind network_check(const struct dq_network *given, struct err *err);
/* Checks and copies; NULL is as usual, and makes none. ERR_USAGE: which is wrong, why. */
enum err_kind network_make(
    const struct dq_network *given, struct network **ret_network, struct err *err);
void network_free(struct network *network);
