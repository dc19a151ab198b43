/*
 * ledger.h - the ledger itself: is it whole, what can be saved of it, which shall it be?
 * For when dreamq.h's verbs say that it is damaged, or that something is missing in it.
 *
 * The session must not be inside another verb. Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_ledger_health {
	/* "good"; "behind": something that was written is missing; "damaged"; "gone".
	 * Never freed. */
	const char *verdict;
	char path[4096];
	/* Rows, and how many there should be; -1 unknown. */
	int64_t tasks, keys, files, want_tasks, want_keys, want_files;
	char text[400]; /* one sentence about it */
};
/*
 * Read every page of the ledger, and compare its rows with what it says of itself, in the
 * file and beside it. DQ_STORAGE: it is not good; ret_health is filled all the same. The
 * verdict is "" when there is no ledger, or none that this dreamq can judge (of another
 * program, of a newer dreamq); the rest says nothing then. This also works on a ledger
 * that no other verb works on. Nothing is changed; an older schema is good.
 */
DQ_API enum dq_status dq_ledger_check(
    struct dq *dq, struct dq_ledger_health *ret_health, struct dq_error *err);

struct dq_ledger_saved {
	int64_t tasks, keys, files; /* that could be read */
	int64_t names; /* of these tasks only the id was left, or the key */
	int64_t lost_tasks; /* at least so many could not be read */
	int64_t notes, tags; /* that could be read; a rating is one of the notes */
	/* Of which not all could be read: "tasks", "files", "events", "accounts" (their
	 * pauses and budgets), "notes", "tags", "deliveries", "newer" (what only a newer
	 * dreamq knows); NULL behind the last. Never freed. */
	const char *unread[16];
};
/*
 * Write a copy of the ledger, as it is at one moment, into the file `path`, while others
 * go on working; whole and durable under that name, or not there at all. `ret_health` is
 * that of the copy. DQ_USAGE: `path` is there, and not `force`; or it is in use.
 */
DQ_API enum dq_status dq_ledger_backup(struct dq *dq, const char *path, bool force,
    struct dq_ledger_health *ret_health, struct dq_error *err);
/* Would it? What it would refuse is refused, and nothing is written. */
DQ_API enum dq_status dq_ledger_backup_check(
    struct dq *dq, const char *path, bool force, struct dq_error *err);
/*
 * Save whatever can be read of the ledger into the new one `path`; the old one stays as
 * it is. What waited to be sent is asked for, not sent. DQ_USAGE: `path`, or a log or
 * mark of it, exists.
 */
DQ_API enum dq_status dq_ledger_recover(struct dq *dq, const char *path,
    struct dq_ledger_saved *ret_saved, struct dq_error *err);
/*
 * Take the ledger as right as it lies there, or begin it anew when it is gone; with
 * `path`, a copy of that one takes its place (on whatever disk it is; it stays as it is),
 * and the files that were there are kept as NAME.old-TIME. What waited to be sent is
 * asked for, not sent. DQ_STORAGE: it is damaged, or there is none.
 */
DQ_API enum dq_status dq_ledger_accept(
    struct dq *dq, const char *path, struct dq_error *err);

#ifdef __cplusplus
}
#endif
