/*
 * tally.h - what is counted about the looks at an id: how many, its share of their
 * requests, where its generation began, and when its end was seen. Kept with the item,
 * and brought to the ledger now and then, at its end at the latest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

enum { TALLY_KEEP_MS = 30000 /* between two bringings of what is counted */ };

struct engine;
struct item;

/* Times are the service's; 0: none. */
struct tally {
	int64_t requests_micro; /* since the last bringing, millionths */
	int64_t queued_until_unix_ms, generating_by_unix_ms, detected_unix_ms;
	unsigned looks; /* since the last bringing */
	bool has_seen_running; /* one look at least showed it unfinished */
	bool is_new; /* a time has changed since the last bringing */
};

/* It was one of n ids in a request that was answered. */
void tally_asked(struct item *item, size_t n);
/* A look showed this. */
void tally_saw(struct engine *engine, struct item *item, const struct task *task);
/* Bring what was counted of one to the ledger; of all, when the time has come or
 * `is_last`. ERR_NOSPACE is no error: it is counted on. */
enum err_kind tally_keep(struct engine *engine, struct item *item, struct err *err);
enum err_kind tally_keep_all(
    struct engine *engine, int64_t now_ms, bool is_last, struct err *err);
