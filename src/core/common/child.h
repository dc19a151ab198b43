/*
 * child.h - a command of the user's, run by /bin/sh beside everything else.
 *
 *   child_begin ──► running ──child_ended──► ended
 *
 * Nobody waits for it: the loop sleeps on its descriptor (net_watch), or looks again
 * every CHILD_POLL_MS where there is none. Its stdout is our stderr; of our descriptors
 * it inherits no other, and none of our signals' settings.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/net.h"

enum { CHILD_POLL_MS = 100 };

struct child {
	pid_t pid;
	int pidfd; /* -1: the kernel has none for us */
};

struct child_command {
	const char *script;
	/* NAME=value, in place of ours of that name; ours that are secrets it lacks. */
	char *const *variables;
	size_t n_variables;
	int input; /* its stdin; -1: /dev/null */
	bool leads_group; /* of processes: a signal of the terminal does not reach it */
};

/* Returns 0, or the errno that says why it can't be run. */
int child_begin(
    struct net *net, const struct child_command *command, struct child *ret_child);
/* Has it? Then *ret_status is as of waitpid(); 0 when nobody knows. */
bool child_ended(struct net *net, struct child *child, int *ret_status);
/* What is not waited for any more becomes init's. */
void child_leave(struct net *net, struct child *child);
