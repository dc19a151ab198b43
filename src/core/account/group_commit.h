/*
 * group_commit.h - durable entries of the ledger, made on a thread of their own, since
 * each waits for the disk and the loop must not.
 *
 * Whatever is posted while a transaction is under way goes into the next one, together (a
 * group commit): many files that end at once, and many submits, need few syncs of the
 * disk. The thread has a handle of its own, because a handle belongs to one thread; what
 * it has committed the loop's handle sees as it sees the work of another process. A
 * submit that was begun here has to be answered here: its sender is the handle.
 *
 * What is wrong with one entry is no other's. When a group can't be committed for a
 * reason that may be one entry's, each is committed alone; a full disk or a locked ledger
 * is everybody's.
 *
 * While there is one, it also empties the ledger's log when that is full, which else the
 * handle does that has filled it.
 *
 * Loop's thread only.
 */
#pragma once

#include <sys/queue.h>

#include "core/account/session.h"

struct group_commit;

struct group_entry {
	/* Its strings stay as they are until done(). For done(): entry.why is ERR_OK, or
	 * why it was not written. */
	struct ledger_entry entry;
	bool is_patient; /* a locked ledger is waited for, also when all shall end */
	void (*done)(struct group_entry *entry); /* from group_commit_collect() */
	TAILQ_ENTRY(group_entry) others;
};

/* The ledger of `dq` is open. `wake` is called on the thread, after each transaction. */
enum err_kind group_commit_new(struct dq *dq, void (*wake)(void *payload), void *payload,
    struct group_commit **ret_commits, struct err *err);
/* As group_commit_stop(), and all of it is gone. NULL is fine. */
void group_commit_free(struct group_commit *commits);

/* Posts one, which stays the caller's until done(). Not after group_commit_stop(). */
void group_commit_post(struct group_commit *commits, struct group_entry *entry);
/* Between these two nothing is begun: what is posted goes into one transaction. */
void group_commit_hold(struct group_commit *commits);
void group_commit_go_on(struct group_commit *commits);
/* In the order they were posted; and a note when the thread waits for a locked ledger. */
void group_commit_collect(struct group_commit *commits);

/*
 * The end: whatever was posted is written when it returns, and no done() comes any more;
 * entry.why tells. A second call does nothing.
 */
void group_commit_stop(struct group_commit *commits);
/* After that: written when it returns, by the caller, without done(). */
void group_commit_now(struct group_commit *commits, struct group_entry *entry);

/* How many are posted and not collected? */
size_t group_commit_busy(const struct group_commit *commits);
/* How many transactions were made so far, those that failed as well? */
uint64_t group_commit_made(const struct group_commit *commits);
