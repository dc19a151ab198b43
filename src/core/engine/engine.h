/*
 * engine.h - one run of query, submit, wait, get or watch: its ids, its loop, and
 * what goes on in it: sending (outbox.h), looking (look.h), downloading (download.h),
 * and who owns which task (own.h).
 *
 * One thread owns all of this. One id's way:
 *
 *   begun ──own.c──┬─► followed: another process owns it; the ledger tells its news
 *                  ├─► unsent ──outbox──► sent
 *                  ▼                       ▼
 *   due ──look──► judged ──ledger──► observed ──┬─► ended (a TASK event)
 *    ▲                                           ├─► waiting for its next look
 *    └───────────────────────────────────────────┴─► files: look again only for a
 *                                                     new link, ended when all are home
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
#include "core/policy/retry.h"
#include "core/policy/sched.h"
#include "core/poll/tally.h"
#include "dreamq/dreamq.h"
#include "model/taskid.h"
#include "service/jimeng/read/answer.h"

enum goal {
	GOAL_QUERY, /* one look */
	GOAL_SUBMIT, /* until the service has it, has refused it, or denies it */
	GOAL_WAIT, /* until the task has ended */
	GOAL_GET, /* until its files are home */
	GOAL_WATCH, /* the same for everything unfinished, for ever */
};

enum { ENGINE_REQUESTS_MAX = 2, /* to the API at once */ ENGINE_TICK_MS = 200 };

struct doubt;
struct look_request;
struct downloads;
struct outbox;

/* What is remembered of a task to tell whether a look brought news. */
struct glimpse {
	enum task_state state;
	int64_t status, finished, total, queue_position;
	bool has_any;
};

enum item_role {
	ITEM_NONE, /* a free place */
	ITEM_FOLLOWED, /* another process owns it (WATCH: took it over from us) */
	ITEM_UNSENT, /* in the outbox, or its submit is under way */
	ITEM_LOOKED_AT, /* in the schedule, until it has ended */
	ITEM_RESTING, /* WATCH: ended in trouble; begins anew later */
};

/* There may be 100 000: what few of them need is allocated when they do. */
struct item {
	const char *id; /* the caller's; lies behind the struct */
	char *other_id; /* the service's own, once `id` was not known; NULL: none */
	size_t key; /* its place among the items, and in the schedule */
	enum item_role role;
	int64_t lease_token; /* 0: not ours */
	int64_t version; /* of the ledger's row, when we last read it */
	struct look_memory memory;
	struct glimpse glimpse;
	struct tally tally;
	int64_t eta_low_unix_ms, eta_unix_ms, eta_high_unix_ms; /* 0 unknown */
	enum media_kind kind;
	bool as_history; /* how the next look asks */
	bool has_ended; /* its TASK event is out */
	bool is_final; /* the task itself has ended */
	bool is_doubtful; /* so that a later look may refute it */
	bool was_warned, was_stranger_told;
	bool was_found; /* WATCH: unfinished, at the last search */
	bool looks_are_over; /* because of `trouble`, or of the engine's looks_over */
	unsigned unreadable; /* looks in a row with a record that breaks the contract */
	struct doubt *doubt; /* of its record's being its own; NULL: never was */
	unsigned rests; /* WATCH: how often it ended in trouble */
	int64_t rest_until_ms;
	enum err_kind outcome; /* when it has ended */
	unsigned requests; /* that ask for it now */
	struct task *task; /* the last seen, while it is taken in without files */
	struct err *trouble; /* the most serious, beside that of its files; NULL: none */
};

/* What a run is asked to do. Everything is borrowed until engine_run() returns. */
struct engine_wish {
	enum goal goal;
	const char *const *ids; /* of a watch: none */
	size_t n;
	const struct dq_get *get; /* may be NULL for QUERY, SUBMIT and WAIT */
	bool until_idle; /* WATCH: end when nothing is unfinished */
	/* A file's name below the sink in place of the template's, malloc'ed; NULL: no
	 * other name. Itself NULL: the template. */
	char *(*name_of)(void *payload, const char *submit_id, int index);
	void *payload;
};

struct engine {
	struct dq *dq;
	const struct engine_wish *wish;
	enum goal goal;
	struct dq_get get; /* options, resolved */
	struct item **items;
	size_t n_items, items_room, n_open; /* n_items: places; n_open: not ended */
	void *index; /* of the items by id: a tree of search.h */
	size_t *free_keys, n_free_keys; /* places that may be used again */
	size_t *ended_keys, n_ended_keys; /* WATCH: to be swept */
	struct sched *sched; /* of waiting.h, with the next five */
	struct lawbook *laws;
	int64_t budget_until_ms, budget_waited_ms; /* on the schedule's clock */
	bool was_budget_told, was_mending_told;
	int64_t tally_ms; /* the next bringing of what is counted */
	int64_t deadline_ms; /* steady clock; INT64_MAX: none */
	bool is_time_up; /* it has passed: nothing is waited for, no file fetched */
	int64_t drain_until_ms; /* -1: not draining */
	int64_t begun_ms; /* steady clock */
	int64_t awaited_ms; /* the next glance of awaited.h */
	int64_t tick_ms; /* the next */
	struct look_request *first_request; /* those under way */
	unsigned requests; /* how many */
	bool ever_went_well;
	struct retry_login login; /* a read refused it; 0 refusals: none did */
	struct err last_trouble; /* of a request; kind ERR_OK when the last went well */
	struct err looks_over; /* kind other than ERR_OK: no look any more, and why */
	struct err fatal; /* kind other than ERR_OK: stop at once */
	struct err worst; /* outcome so far */
	struct outbox *outbox; /* all but GOAL_QUERY */
	struct owning *owning;
	struct pausing *pausing;
	struct downloads *downloads; /* GOAL_GET, GOAL_WATCH; else NULL */
	bool one_is_enough;
	bool saw_nothing_open; /* WATCH: the last search (search.h) found nothing open */
	uint64_t random;
};

/* Run until all is done; the session's parts are open. */
enum err_kind engine_run(struct dq *dq, const struct engine_wish *wish, struct err *err);

/* For the parts. */

/* The outcome of one id: its TASK event, and its share in the exit status. */
void engine_conclude(struct engine *engine, struct item *item, const struct err *outcome);
/* Conclude if its task has ended and no file is open. */
void engine_conclude_if_done(struct engine *engine, struct item *item);
/* No look any more, because of *why; ids that need one are concluded. */
void engine_end_looks(struct engine *engine, const struct err *why);
/* The same for one id; files of it that are under way come home first. */
void engine_end_looks_at(struct engine *engine, struct item *item, const struct err *why);
/* Go on, but the run's outcome is *why, if nothing is worse. */
void engine_worsen(struct engine *engine, const struct err *why);
/* Stop at once with *why. */
void engine_abort(struct engine *engine, const struct err *why);
/* It is at the service, or may be: look at it, at once. */
void engine_look_at(struct engine *engine, struct item *item);
/*
 * A submit met trouble with the account: login, quota, risk. A watch pauses; any other
 * run ends for what is not sent yet, and for everything when the login is refused.
 */
void engine_account_trouble(struct engine *engine, const struct err *why);
/* May nothing new be begun: interrupted, draining, time is up, a pause? */
bool engine_is_holding(const struct engine *engine);
/* What the parts say that has happened, followed: settle.c. */
void engine_settle(struct engine *engine);

/* items.c: places for ids. */

/* A new item in role ITEM_NONE, at a free place. ERR_NOMEM. */
enum err_kind item_new(
    struct engine *engine, const char *id, struct item **ret_item, struct err *err);
struct item *item_find(const struct engine *engine, const char *id); /* may be NULL */
/* What the service calls it. */
void item_learn_id(struct engine *engine, struct item *item, const char *other_id);
/* Its trouble from now on, if it is more serious than what it has. */
void item_note_trouble(struct engine *engine, struct item *item, const struct err *why);
/* The last seen, with what has become of its files; NULL: none is kept. */
const struct task *item_task(const struct engine *engine, const struct item *item);
size_t item_files_open(const struct engine *engine, const struct item *item);
/* The most serious, of its files, too; NULL: none. */
const struct err *item_trouble(const struct engine *engine, const struct item *item);
/* A task that nobody needs until the next look goes. */
void item_drop_idle(struct engine *engine, struct item *item);
/* It has ended, or is another's: away with it. Nothing of it may be under way. */
void item_drop(struct engine *engine, struct item *item);
void items_free(struct engine *engine);
uint64_t engine_random(struct engine *engine);
