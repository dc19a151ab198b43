/*
 * group_commit.h - durable entries of the ledger, made on a thread of their own, since
 * each waits for the disk and the loop must not.
 *
 * Whatever is posted while a transaction is under way goes into the next one, together (a
 * group commit): many files that end at once need few syncs of the disk. The thread has
 * a handle of its own, because a handle belongs to one thread; what it has committed the
 * loop's handle sees as it sees the work of another process.
 *
 * Loop's thread only.
 */
#pragma once

#include <sys/queue.h>

#include "core/account/session.h"
#include "model/taskid.h"

struct group_commit;

/* One file that gets its name (struct asset_move in ledger.h). */
struct group_entry {
	char submit_id[TASKID_MAX + 1];
	/* Its strings stay as they are until done(). */
	struct asset asset;
	enum asset_state to; /* ASSET_FETCHED or ASSET_STORED */
	struct err why; /* for done(): ERR_OK, or why it was not written */
	void (*done)(struct group_entry *entry); /* from group_commit_collect() */
	TAILQ_ENTRY(group_entry) others;
};

/* The ledger of `dq` is open. `wake` is called on the thread, after each transaction. */
enum err_kind group_commit_new(struct dq *dq, void (*wake)(void *payload), void *payload,
    struct group_commit **ret_commits, struct err *err);
/* What was posted is written; no done() comes any more. NULL is fine. */
void group_commit_free(struct group_commit *commits);

/* The caller's until done(). */
void group_commit_post(struct group_commit *commits, struct group_entry *entry);
/* In the order they were posted. */
void group_commit_collect(struct group_commit *commits);
/* Posted and not collected. */
size_t group_commit_busy(const struct group_commit *commits);
/* Transactions so far, those that failed as well. */
uint64_t group_commit_made(const struct group_commit *commits);
