/*
 * moment.h - one reading of both clocks, and whose clocks they are.
 *
 * A run reads the clocks once an iteration, when its wait is over, and everything that
 * happens in the iteration happens at that moment: no part reads a clock itself, none
 * sees time pass while it decides, and a test says what time it is. Only who blocks
 * (a ledger that is locked, a keyring that asks) measures that on its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/net.h"

struct moment {
	int64_t mono_ms; /* only ever grows (clock.h) */
	int64_t unix_ms; /* may jump */
};

/*
 * Clocks, and how to wait by them. A test has some of its own, that stand still until
 * nothing but time is waited for, and then are at once where the wait ends.
 */
struct clocks {
	struct moment (*read)(void *payload); /* on whatever thread */
	/*
	 * As net_wait(), until_ms being of these clocks. With has_jobs, something else
	 * of ours is under way, which ends the wait as well: a thread, a child.
	 */
	enum err_kind (*wait)(void *payload, struct net *net, int64_t until_ms,
	    bool has_jobs, struct err *err);
	void *payload;
};

/* The system's. */
extern const struct clocks clocks_system;

struct moment moment_read(const struct clocks *clocks);
