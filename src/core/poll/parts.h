/*
 * parts.h - what the files behind poll.h share: polls.c has the ids, request.c asks,
 * judge.c reads the answer and writes it down, doubt.c disbelieves, schedule.c says when,
 * counters.c counts, told.c tells. Calls go down this list; only judge.c and doubt.c know
 * each other.
 */
#pragma once

#include <sys/queue.h>

#include "core/policy/sched.h"
#include "core/poll/poll.h"

/* Times are the service's; 0: none. */
struct counters {
	int64_t requests_micro; /* since the last bringing, millionths */
	int64_t queued_until_unix_ms, generating_by_unix_ms, detected_unix_ms;
	unsigned polls; /* since the last bringing */
	bool has_seen_running; /* one poll at least showed it unfinished */
	bool is_new; /* a time has changed since the last bringing */
};

/*
 * Records that may be another task's. None of them is believed, whatever it
 * says, until a poll of its id alone agrees:
 *
 *   believed ──contradicted──► in doubt ──a poll of it alone agrees──► believed
 *                              ▲      │
 *                              └──────┴─ DOUBT_POLLS_MAX polls in a row, or the waiting
 *                                        time is over ──► contract trouble (exit 7)
 *
 * Contradicted: what the answer shows to be so; a record with the ids of a task that the
 * ledger knows as another one; two tasks that show the same file. A poll alone agrees
 * when the record carries the id, or no other one. In doubt a task keeps the state and
 * the files it has, and gets none. An id that was in doubt is asked for alone as long as
 * the run lasts, at the pace of an absent one. A record with the ids of a task that
 * nobody knows is taken by its key, with a warning: the service may have named it anew.
 */
struct doubt {
	unsigned polls; /* in a row, that did not agree; 0: it is believed */
	char other[TASKID_MAX + 1]; /* whose the record may be */
};
enum {
	DOUBT_POLLS_MAX = 9, /* in a row, alone */
	DOUBT_SINGLE_POLLS = 2, /* of a run that polls once: together, then alone */
};

/* An id of the run. There may be 300 000, most of which wait long for their first poll.
 */
struct known {
	const char *id; /* NULL: a free place */
	int64_t lease_token; /* 0: not ours */
	bool is_heard; /* what a poll says of it counts */
	struct polled *polled; /* NULL: nobody has asked for it yet */
};

/* What there is to know of one that was asked for; what few of them need is allocated
 * when they do. */
struct polled {
	const char *id;
	char *other_id; /* the service's own, once `id` was not known; NULL: none */
	size_t key;
	struct service_memory memory;
	unsigned absences; /* polls in a row that did not find it */
	int64_t absent_since_ms; /* the first of them */
	struct counters counters;
	int64_t eta_unix_ms; /* 0 unknown */
	enum media_kind kind;
	bool is_final; /* the last poll showed its end */
	bool was_shown; /* the service has accepted it or shown it, now or before */
	bool was_stranger_told;
	unsigned unreadable; /* polls in a row with a record that breaks the contract */
	unsigned requests; /* that ask for it now */
	struct doubt *doubt; /* of its record's being its own; NULL: never was */

	/* To be told. */
	TAILQ_ENTRY(polled) others;
	bool is_listed, is_lost;
	struct task *seen;
	struct err *out; /* why no poll helps */
};

struct polls_request {
	struct polls *polls;
	struct polls_request *prev, *next;
	int64_t begun_ms; /* steady clock */
	bool is_sent; /* its ids count it */
	struct err why; /* a login was refused: what the service said */
	size_t n;
	size_t keys[];
};

/* One request's end, to be told. */
struct request_end {
	TAILQ_ENTRY(request_end) others;
	struct polls_told told;
};

struct polls {
	struct dq *dq;
	bool is_single, perseveres;
	struct known *all; /* by key */
	size_t n_keys;
	struct sched *sched;
	struct dists *dists;
	bool has_learnt; /* of the ledger's past */
	int64_t budget_until_ms, budget_waited_ms; /* on the schedule's clock */
	bool was_budget_told, was_mending_told;
	int64_t counters_ms; /* the next bringing of what is counted */
	struct polls_request *first_request; /* those under way */
	unsigned n_requests;
	bool ever_went_well;
	struct retry_login login; /* a read refused it; 0 refusals: none did */
	struct err last_trouble; /* of a request; kind ERR_OK when the last went well */

	/* To be told. */
	TAILQ_HEAD(polled_list, polled) listed;
	TAILQ_HEAD(request_ends, request_end) ends;
	struct err no_room, cant_go_on; /* kind ERR_OK: nothing */
};

/* polls.c */
/* Made when it is wanted; NULL: no memory, and the run ends. */
struct polled *polled_of(struct polls *polls, size_t key);
bool polled_is_heard(const struct polls *polls, const struct polled *polled);

/* told.c */
void polls_tell(struct polls *polls, struct polled *polled);
void polls_untell(struct polls *polls, struct polled *polled);
/* No poll helps it, because of *why. */
void polls_tell_out(struct polls *polls, struct polled *polled, const struct err *why);
/* Tells the end of a request. Without memory for it, the run ends with *why. */
void polls_tell_end(struct polls *polls, const struct polls_told *told);
void polls_abort(struct polls *polls, const struct err *why);
/* Everything waits for room, or the run ends. */
bool polls_wait_for(struct polls *polls, const struct err *why);

/* judge.c */
/*
 * What was seen of these, whose tasks are taken. False: it could not be written down
 * because the disk is full (everything pauses now); ask again.
 */
bool judge_answer(
    struct polls *polls, const size_t *keys, const struct service_polled *polled);

/* doubt.c */
/*
 * Whose record of this answer is not to be believed? Fills ret_doubts[n] from what was
 * seen and what the ledger knows: SERVICE_UNDOUBTED or SERVICE_CONTRADICTED. Says so once
 * for each pair.
 */
enum err_kind doubt_records(struct polls *polls, const size_t *keys,
    const struct service_polled *answer, struct service_doubt *ret_doubts,
    struct err *err);
/* The same, of what was judged: two tasks can't have made one file. Those in doubt are
 * freed, and NULL from then on. */
enum err_kind doubt_files(struct polls *polls, const size_t *keys, size_t n,
    struct task **tasks, struct service_doubt *doubts, struct err *err);
/* The next poll of those in doubt, or the end of it. */
void doubt_go_on(struct polls *polls, const size_t *keys, size_t n,
    const struct service_doubt *doubts);

/* schedule.c */
enum {
	/* Waits for the budget that are worth a word, together. */
	SCHEDULE_TOLD_MS = 5000,
	SCHEDULE_TOTALS_MAX = 5000, /* ids whose ETA makes that of the run */
	SCHEDULE_REST_MS = 1000, /* when the budget can't be read: until the next try */
};
/* Makes the distributions, filled from the ledger, and the schedule. */
enum err_kind schedule_begin(
    struct polls *polls, const struct polls_setup *setup, struct err *err);
void schedule_free(struct polls *polls);
/* Calls sched_request_failed(), with a Retry-After on our clock. */
unsigned schedule_failed(struct polls *polls, const struct err *why, size_t too_many);
/* One request is taken out of the account's budget. False: none is left, later. */
bool schedule_may_send(struct polls *polls);
/* A poll showed a task that has not ended: its next poll; its ETA goes into *task. */
void schedule_polled(struct polls *polls, struct polled *polled, struct task *task);
/* A poll showed its end: no more polls; how long it took is learnt. */
void schedule_ended(struct polls *polls, struct polled *polled, const struct task *task);
/* Its record could not be read: the distribution goes on; or not be believed `misses`
 * times in a row: it goes on as for an absent one. */
void schedule_unread(struct polls *polls, struct polled *polled, unsigned misses);

/* counters.c */
enum { COUNTERS_KEEP_MS = 30000 /* between two bringings of what is counted */ };
/* It was one of n ids in a request that was answered. */
void counters_asked(struct polled *polled, size_t n);
/* A poll showed this. */
void counters_saw(struct polls *polls, struct polled *polled, const struct task *task);
