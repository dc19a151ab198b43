/*
 * run.h - one run of query, submit, wait, get or watch: its ids, its loop, and
 * what goes on in it: sending (outbox.h), polling (poll.h), downloading (downloads.h),
 * and who owns which task (follow.h).
 *
 * One thread owns all of this. One id's way:
 *
 *   begun ─begin.c─┬─► followed: another process owns it; the ledger tells its news
 *                  ├─► unsent ──outbox──► sent
 *                  ▼                       ▼
 *   due ──poll──► judged ──ledger──► observed ──┬─► ended (a TASK event)
 *    ▲                                           ├─► waiting for its next poll
 *    └───────────────────────────────────────────┴─► files: poll again only for a
 *                                                     new link, ended when all are there
 *
 * In a watch an id that has ended makes room for the next; one that ended in trouble
 * rests, and begins anew.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/account/session.h"
#include "core/common/index.h"
#include "core/engine/goal.h"
#include "dreamq/dreamq.h"
#include "ledger/lease.h"

struct browse;
struct downloads;
struct group_commit;
struct notify;
struct leases;
struct polls;
struct offers;
struct outbox;

/* What is remembered of a task to tell whether a poll brought anything new. */
struct snapshot {
	enum task_state state;
	int64_t status, finished, total, queue_position;
};

enum item_role {
	ITEM_NONE, /* a free place */
	ITEM_FOLLOWED, /* another process owns it (WATCH: took it over from us) */
	ITEM_UNSENT, /* in the outbox, or its submit is under way */
	ITEM_POLLED, /* in the schedule, until it has ended */
	ITEM_RESTING, /* WATCH: ended in trouble; begins anew later */
};

/* What is kept of an item that nobody named: its id, and of a watch how it fared. */
struct watched {
	unsigned rests; /* how often it ended in trouble, or in doubt */
	int64_t rest_until_ms;
	bool is_told; /* its end, in doubt; so far nothing is new */
	enum err_kind told; /* the outcome */
	/* Its end, in doubt, as the ledger dates it; and when that is believed. */
	int64_t doubted_unix_ms, doubt_ends_ms;
	char id[TASKID_MAX + 1];
};

/* There may be 300 000: what few of them need is allocated when they do, and what none
 * has before its first poll, then. */
struct item {
	const char *id; /* of the run's spec, or in `watched`; NULL: a free place */
	uint32_t key; /* its place among the items, and in the schedule */
	enum item_role role;
	enum media_kind kind;
	enum err_kind outcome; /* when it has ended */
	int64_t lease_token; /* 0: not ours */
	int64_t version; /* of the ledger's row, when we last read it */
	struct snapshot *snapshot; /* NULL: nothing was seen of it */
	struct task *task; /* the last seen, while it is taken in without files */
	struct err *trouble; /* the most serious, beside that of its files; NULL: none */
	bool has_ended; /* its TASK event is out */
	bool is_final; /* the task itself has ended */
	bool is_doubtful; /* so that a later poll may refute it */
	bool was_warned;
	bool was_found; /* WATCH: unfinished, at the last search */
	bool polling_is_over; /* because of `trouble`, or of polling_over */
	struct watched *watched; /* of a goal that finds its ids itself */
};
enum { ITEMS_IN_BLOCK = 1024 };

struct engine {
	struct dq *dq;
	const struct run_spec *spec;
	const struct goal_row *goal;
	struct dq_get get; /* options, resolved */
	struct item **blocks; /* ITEMS_IN_BLOCK each: see item_at() */
	size_t n_blocks, blocks_room;
	size_t n_items, n_open; /* n_items: places; n_open: not ended */
	struct index index; /* of the items by id */
	size_t *free_keys, n_free_keys; /* places that may be used again */
	size_t *ended_keys, n_ended_keys; /* WATCH: to be swept */
	size_t keys_room; /* of both */
	struct polls *polls;
	int64_t deadline_ms; /* steady clock; INT64_MAX: none */
	bool is_time_up; /* it has passed: nothing is waited for, no file fetched */
	int64_t drain_until_ms; /* -1: not draining */
	struct moment begun;
	int64_t awaited_ms; /* the next check of awaited.h */
	int64_t tick_ms; /* the next */
	struct err polling_over; /* kind other than ERR_OK: no poll any more, and why */
	struct err fatal; /* kind other than ERR_OK: stop at once */
	struct err worst; /* outcome so far */
	struct group_commit *commits; /* of outbox and downloads; NULL: has neither */
	struct outbox *outbox; /* NULL: the goal does not own */
	struct leases *leases; /* of follow.h */
	struct pausing *pausing;
	struct browse *browse; /* NULL: nothing is walked through just now */
	int64_t browse_ms; /* WATCH: the next walk; INT64_MAX: none */
	struct downloads *downloads; /* NULL: the goal does not fetch */
	struct notify *notify; /* NULL: nobody else hears of events */
	struct offers *offers; /* the same */
	bool one_has_meant,
	    one_lacks_meant; /* of the tasks that have succeeded: a file */
	bool is_off_hours; /* WATCH: no download now (hours.h) */
	int64_t hours_ms; /* the next look at that */
	bool one_is_enough;
	bool saw_nothing_open; /* WATCH: the last search (search.h) found nothing open */
	uint64_t random;
};

/* --- run.c */

/* Go on, but the run's outcome is *why, if nothing is worse. */
void engine_worsen(struct engine *engine, const struct err *why);
/* Stop at once with *why. */
void engine_abort(struct engine *engine, const struct err *why);
/* May nothing new be begun: interrupted, draining, time is up? */
bool engine_is_holding(const struct engine *engine);
bool engine_is_draining(const struct engine *engine);
uint64_t engine_random(struct engine *engine);

/* --- ending.c */

/* The outcome of one id: its TASK event, and its share in the exit status. */
void engine_conclude(struct engine *engine, struct item *item, const struct err *outcome);
/* Conclude if its task has ended and no file is open. */
void engine_conclude_if_done(struct engine *engine, struct item *item);

/* --- meant.c */

/* A task has ended: has it a file that is asked for? Else it is told what there is. */
void engine_mind_meant(struct engine *engine, const struct task *task);
/* When all have ended, and none had one, that is a failure. */
void engine_end_meant(struct engine *engine);

/* --- polling.c */

/* It is at the service, or may be: poll it, at once. */
void engine_poll(struct engine *engine, struct item *item);
/* There is no poll any more, because of *why; ids that need one are concluded. */
void engine_end_polling(struct engine *engine, const struct err *why);
/* Does the same for one id; files of it that are under way are stored first. */
void engine_end_polling_of(
    struct engine *engine, struct item *item, const struct err *why);
/* Nothing is sent any more, because of *why: what waits stays in the ledger's queue. */
void engine_end_sends(struct engine *engine, const struct err *why);

/* --- begin.c, place.c */

/* The ids of the run become items, in the role that each has. */
enum err_kind engine_begin_ids(struct engine *engine, struct err *err);
/* An item gets its role by what the lease says. */
enum err_kind engine_place(struct engine *engine, struct item *item,
    const struct lease *lease, bool is_waiting, struct err *err);
/* It is not ours any more: another owns it now, or it was forgotten. */
void engine_lost(struct engine *engine, struct item *item);

/* --- what the parts say that has happened, followed */

void engine_settle(struct engine *engine); /* settle.c: of all of them */
void engine_settle_polls(struct engine *engine); /* polled.c */
void engine_settle_sends(struct engine *engine); /* sends.c */
void engine_settle_browse(struct engine *engine); /* browsed.c */
/* polled.c: a request was answered, and *before is what the last had met. */
void engine_request_was_answered(struct engine *engine, const struct err *before);
/* sends.c: it waits to be sent, and its lease is ours: into the outbox. */
enum err_kind engine_send(struct engine *engine, struct item *item, struct err *err);

/* --- browsed.c */

/* What was left unfinished before becomes items. */
enum err_kind engine_begin_unfinished(struct engine *engine, struct err *err);
/* The walk goes on; in a watch, it begins when it is time. */
void engine_step_browse(struct engine *engine, bool may_send);
int64_t engine_browse_next_ms(const struct engine *engine);
/* Is more of the account's history to come? */
bool engine_is_browsing(const struct engine *engine);

/* --- fetching.c */

/* What a poll has brought of its files is fetched, when they are to be; taken over. */
void engine_fetch(struct engine *engine, struct item *item, struct task *task);
void engine_settle_offers(struct engine *engine);
/* rescue.c: its files that are wanted are asked for by their names. */
void engine_rescue(struct engine *engine, struct item *item);
/* What came of that; task is taken over. */
void engine_rescue_go_on(
    struct engine *engine, struct item *item, struct task *task, const struct err *why);
/* The service is not asked for other variants any more, because of *why. */
void engine_end_offers(struct engine *engine, const struct err *why);

/* --- items.c: places for ids */

void items_begin(struct engine *engine);
/* There will be so many: ERR_NOMEM. */
enum err_kind items_reserve(struct engine *engine, size_t n, struct err *err);
/* A new item in role ITEM_NONE, at a free place. ERR_NOMEM. */
enum err_kind item_new(
    struct engine *engine, const char *id, struct item **ret_item, struct err *err);
struct item *item_find(const struct engine *engine, const char *id); /* may be NULL */
/* The one that a part means by its key; NULL: it has gone meanwhile. */
struct item *item_at(const struct engine *engine, size_t key);
/* As the last observation had it; TASK_SUBMITTING: there was none. */
enum task_state item_state(const struct item *item);
/* Its lease, 0: not ours; the polls are told. */
void item_set_lease(struct engine *engine, struct item *item, int64_t token);
/* Makes it the trouble from now on, if it is more serious than what it has. */
void item_note_trouble(struct engine *engine, struct item *item, const struct err *why);
/* Keeps it. Returns whether it differs from the one before. */
bool item_has_changed(
    struct engine *engine, struct item *item, const struct snapshot *now);
/* The last seen, with what has become of its files; NULL: none is kept. */
const struct task *item_task(const struct engine *engine, const struct item *item);
size_t item_files_open(const struct engine *engine, const struct item *item);
/* Is a request under way that asks for it, or that submits it? */
bool item_is_asked_for(const struct engine *engine, const struct item *item);
/* Returns the most serious, of its files, too; NULL: there is none. */
const struct err *item_trouble(const struct engine *engine, const struct item *item);
/* Give its lease back, with the next step. */
void item_release(struct engine *engine, struct item *item);
/* A task that nobody needs until the next poll goes. */
void item_drop_idle(struct engine *engine, struct item *item);
/* It has ended, or is another's: away with it. Nothing of it may be under way. */
void item_drop(struct engine *engine, struct item *item);
void items_free(struct engine *engine);
