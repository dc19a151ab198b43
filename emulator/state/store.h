/*
 * store.h - accounts, their tasks and credits, for the life of the program.
 *
 * Tasks are never removed and what is not marked mutable never changes, so a
 * `const struct task *` may be read without the lock for ever. The functions
 * lock for themselves. A task costs a few hundred bytes and its prompt.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/map.h"
#include "media/asset.h"
#include "media/prompt.h"
#include "state/life.h"
#include "state/variant.h"
#include "state/wallet.h"

enum { STORE_ID_MAX = 64, HISTORY_ID_MAX = 20 };

enum login {
	LOGIN_OK,
	LOGIN_EXPIRED,
	LOGIN_EMPTY, /* expired, and all that the service says is an empty body */
};

struct account {
	char *session;
	uint64_t key;
	struct account *next;

	/* mutable, guarded by the store */
	struct wallet wallet;
	enum login login;
	struct listed *listed; /* listed.h: its tasks, the oldest first */
	size_t listed_count, listed_room;
	int64_t listed_last; /* created_ms of the task that was added last, */
	int64_t listed_last_at; /* and the moment it is listed at */
};

/* A task in the list of its account. */
struct listed {
	int64_t
	    at_ms; /* the moment of its creation, or a little later: no two share one */
	const struct task *task;
};

/* What happened to a file so far. */
struct file_state {
	uint32_t salt; /* bumped to kill the links given out */
	uint32_t version; /* bumped to change the bytes */
	uint64_t link_bytes; /* what links to be killed have brought so far */
	uint32_t md5_version; /* md5 holds for version md5_version - 1; 0: not made */
	uint8_t md5[ASSET_MD5];
};

struct task {
	uint64_t key; /* of account and submit id: everything random comes from it */
	struct account *account; /* never another; what it has may change */
	char *submit_id, *prompt, *model_key;
	char history_id[HISTORY_ID_MAX];
	unsigned width, height;
	struct wishes wishes;
	struct life life;
	struct task *next; /* in order of creation */

	/* mutable, guarded by the store, or atomic */
	uint32_t accepted; /* how often a submit was accepted */
	int cost, given_back; /* credits, of all its acceptances */
	_Atomic int64_t cancelled_ms; /* 0: it was not */
	atomic_bool record_gone, file_gone;
	struct file_state *files; /* a row of each variant's; NULL: as at the start */
};

/* What a record shows as its submit id: "" for one that was made without. */
static inline const char *task_shown_id(const struct task *task)
{
	return task->wishes.no_submit_id ? "" : task->submit_id;
}

/* How many tasks of one account may be unfinished at once; 0: any number. */
struct running_max {
	int any;
	int kinds[TASK_KINDS];
};

struct store {
	pthread_mutex_t lock;
	uint64_t seed;
	struct running_max running_max;
	bool returns_failed; /* what failed tasks have cost is given back */
	struct account *accounts;
	struct task *first, *last;
	size_t tasks;
	struct map by_session, by_submit_id, by_history_id;
};

struct new_task {
	enum task_kind kind;
	const char *submit_id, *prompt, *model_key;
	unsigned width, height; /* of the ratio; the prompt may wish otherwise */
	int64_t created_ms;
	int items; /* how many it promises; 0: the kind decides */
	int price; /* credits; 0: the kind decides */
	bool was_paid; /* though it is free: its cost is told as that of the past */
	bool is_free; /* costs nothing and is not an acceptance */
};

enum accept_result {
	ACCEPT_NEW,
	ACCEPT_AGAIN, /* the id was there: counted and charged once more */
	ACCEPT_NO_CREDIT,
	ACCEPT_TOO_MANY, /* run already; this also goes for an id that was there */
};

void store_init(struct store *store, uint64_t seed, struct running_max running_max,
    bool returns_failed);
void store_release(struct store *store);

/* The account of a session; it appears when it is asked for. */
struct account *store_account(struct store *store, const char *session);

/* credits.c: what it has, and how that came about; the caller releases the copy. */
struct wallet store_wallet(struct store *store, struct account *account, int64_t now_ms);

/* Let it have so much in one purse, or more by a purchase. */
void store_set_purse(
    struct store *store, struct account *account, enum purse purse, int64_t credits);
void store_top_up(
    struct store *store, struct account *account, int amount, int64_t now_ms);

enum login store_login(struct store *store, const struct account *account);
void store_set_login(struct store *store, struct account *account, enum login login);

enum accept_result store_accept(struct store *store, const struct clock *clock,
    struct account *account, const struct new_task *want, const struct task **ret_task);

const struct task *store_by_submit_id(
    struct store *store, const struct account *account, const char *id);
const struct task *store_by_history_id(
    struct store *store, const struct account *account, const char *id);
const struct task *store_by_key(struct store *store, uint64_t key);

/* What it has cost; 0: nothing, or nobody knows. */
int task_cost(struct store *store, const struct task *task);

/* Its life, and how it looks, with all that happened to it meanwhile. */
struct life task_life(const struct task *task);
struct life_view task_look(const struct task *task, int64_t now_ms);

/* Take it out of the queue, with its credits given back; false when it does not queue. */
bool store_cancel(struct store *store, const struct task *task, int64_t now_ms);

/* From now on its record, or its file, is not there any more; false: no such task. */
bool store_remove(struct store *store, const struct account *account, const char *id,
    bool record, bool file);

/* How many tasks the account has. */
size_t store_count(struct store *store, const struct account *account);

/* All of them, the newest first, in an array that the caller frees. */
struct listed *store_list(
    struct store *store, const struct account *account, size_t *ret_count);

/*
 * The same task to be changed: the store owns every task, so it alone may take the const
 * away. For state/, which holds the lock.
 */
struct task *store_mutable(const struct store *store, const struct task *task);

/* Is there such a file: of an item that the task promises, in a quality that it has? */
bool task_has_file(const struct task *task, unsigned file);

/* The bytes of this file as they are now; `label` names them. */
struct asset store_asset(struct store *store, const struct task *task, unsigned file);
uint32_t store_salt(struct store *store, const struct task *task, unsigned file);

/*
 * Links with this salt die, if they are today's: false when they were dead. Until then
 * they count the bytes that they have brought; store_use_links() adds some, and tells how
 * many that makes.
 */
bool store_kill_links(
    struct store *store, const struct task *task, unsigned file, uint32_t salt);
uint64_t store_use_links(struct store *store, const struct task *task, unsigned file,
    uint32_t salt, uint64_t bytes);

void store_change_bytes(struct store *store, const struct task *task, unsigned file);

/* MD5 of the file, made once a version. */
void store_md5(struct store *store, struct studio *studio, const struct task *task,
    unsigned file, uint8_t ret[ASSET_MD5]);
