/*
 * engine.h - one run of query, wait or get: its ids, its loop, and the two
 * things that go on in it, looking (look.h) and downloading (download.h).
 *
 * One thread owns all of this. One id's way:
 *
 *   due ──look──► judged ──ledger──► observed ──┬─► ended (a TASK event)
 *    ▲                                           ├─► waiting for its next look
 *    └───────────────────────────────────────────┴─► files: look again only for a
 *                                                     new link, ended when all are home
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/answer.h"
#include "base/err.h"
#include "core/sched.h"
#include "core/session.h"
#include "core/workers.h"
#include "dreamq/dreamq.h"

enum goal {
	GOAL_QUERY, /* one look */
	GOAL_SETTLE, /* until the service shows that it knows the id */
	GOAL_WAIT, /* until the task has ended */
	GOAL_GET, /* until its files are home */
};

enum { ENGINE_REQUESTS_MAX = 2, /* to the API at once */ ENGINE_TICK_MS = 200 };

struct download;
struct look_request;
struct downloads;

/* What is remembered of a task to tell whether a look brought news. */
struct glimpse {
	enum task_state state;
	int64_t status, finished, total, queue_position;
	bool has_any;
};

struct item {
	const char *id; /* the caller's */
	char history_id[24]; /* the service's own, once `id` was not known; "" none */
	struct look_memory memory;
	struct glimpse glimpse;
	enum media_kind kind;
	bool as_history; /* how the next look asks */
	bool has_ended; /* its TASK event is out */
	bool is_final; /* the task itself has ended */
	bool was_warned;
	bool looks_are_over; /* because of `trouble`, or of the engine's looks_over */
	unsigned unreadable; /* looks in a row with a record that breaks the contract */
	struct task *task; /* the last seen; kept only while files are wanted */
	struct download *downloads; /* list of this task's files */
	size_t files_open; /* of them, not home and not given up */
	struct err trouble; /* the most serious of its files */
};

struct engine {
	struct dq *dq;
	enum goal goal;
	struct dq_get get; /* options, resolved */
	struct item *items;
	size_t n_items, n_open;
	struct sched *sched;
	int64_t deadline_ms; /* steady clock; INT64_MAX: none */
	bool is_time_up; /* it has passed: what runs may end, nothing is waited for */
	int64_t tick_ms; /* the next */
	struct look_request *first_request; /* those under way */
	unsigned requests; /* how many */
	bool ever_went_well;
	struct err last_trouble; /* of a request; kind ERR_OK when the last went well */
	struct err looks_over; /* kind other than ERR_OK: no look any more, and why */
	struct err fatal; /* kind other than ERR_OK: stop at once */
	struct err worst; /* outcome so far */
	struct downloads *downloads; /* GOAL_GET */
	struct workers *workers; /* GOAL_GET */
	bool one_is_enough;
	uint64_t random;
};

/* Run until all is done; the session's parts are open. `get` may be NULL unless GOAL_GET.
 */
enum err_kind engine_run(struct dq *dq, enum goal goal, const char *const *ids, size_t n,
    const struct dq_get *get, struct err *err);

/* For look.c and download.c. */

/* The outcome of one id: its TASK event, and its share in the exit status. */
void engine_conclude(struct engine *engine, struct item *item, const struct err *outcome);
/* Conclude if its task has ended and no file is open. */
void engine_conclude_if_done(struct engine *engine, struct item *item);
/* No look any more, because of *why; ids that need one are concluded. */
void engine_end_looks(struct engine *engine, const struct err *why);
/* The same for one id; files of it that are under way come home first. */
void engine_end_looks_at(struct engine *engine, struct item *item, const struct err *why);
/* Stop at once with *why. */
void engine_abort(struct engine *engine, const struct err *why);
size_t engine_key(const struct engine *engine, const struct item *item);
uint64_t engine_random(struct engine *engine);
/* Is `a` more serious to act on than `b` (DESIGN 1: 3, 8, 6, 7, 5, 1, 4, 2, 0)? */
bool engine_is_worse(const struct err *a, const struct err *b);
