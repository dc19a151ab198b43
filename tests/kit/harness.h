/*
 * harness.h - one transfer from start to end, and what came of it.
 */
#pragma once

#include "net/net.h"

enum {
	BODY_MAX = 1 << 20,
	FOR_EVER_MS =
	    3600 * 1000, /* to step: who is not woken hangs, and is killed one day */
};

struct outcome {
	struct err err;
	struct net_head head; /* numbers only; the strings are copied below */
	char etag[64], content_type[64], location[256], peer[64];
	char *body; /* calloc'ed, NUL-terminated */
	size_t len;
	unsigned heads, ends;
	bool sent;
	bool refuse_head, refuse_bytes; /* let the handler say stop */
};

void outcome_release(struct outcome *outcome);
extern const struct net_handler outcome_handler; /* its payload is a struct outcome */

/* A group's setup: no proxy, no CA file, whatever the machine has. */
int harness_clear_env(void **state);
/* A loop with these options; fails the test when it can't be made. */
struct net *harness_net(const struct net_config *config);
void harness_netp(struct net **net);
/* Start and run until it ends; net_start's own refusal ends it, too. */
void harness_run(struct net *net, const struct net_spec *spec, struct outcome *outcome);
/* Step until nothing is active. */
void harness_drain(struct net *net);
