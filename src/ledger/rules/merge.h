/*
 * merge.h - what the ledger knows and what a poll showed, made one.
 * No SQL, no time: two tasks in, one task and the differences out.
 *
 * State: the table of model/task.h decides. A poll that says `unknown` says nothing
 * about the state. An illegal move keeps the state and every fact of the task; only
 * a task that has succeeded then still gains assets. One more move is legal here: a
 * failure without a proof (task_end_is_doubtful()) is none any more when a poll shows
 * that the task runs on.
 *
 * Facts: what a poll leaves out (0, -1, NULL) stays as it was known. `finished` is
 * never below the number of files we have, and of a task that has succeeded
 * neither `finished` nor `total` shrinks. Queue place and failure are of the moment.
 *
 * Assets, each of the poll in its order:
 *
 *   1. the same uri is known                     -> that one
 *   2. it has no uri, its index is known and free  -> that one
 *   3. the known one at its index has no uri     -> that one, which gets the uri
 *   4. the known one at its index is wanted, and this poll does not show
 *      its uri anywhere                          -> that one, renamed: the
 *      service made the object again under a new name
 *   5. else a new one: at its own index when that is free, else behind the last
 *
 * So a file we have (fetched, stored) and one that is lost keep index, name and
 * facts for ever, and what the service shows in its place is an asset of its own. The
 * facts of a wanted asset follow the polls. Its size and md5, and those of a lost one,
 * are what the poll with its link says, or nothing. One uri twice in a poll counts once.
 *
 * A link is no name: a uri with "://" or a '?' in it is treated as absent. Texts of
 * the service are cut and redacted before they are kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/task.h"

enum merge_outcome { MERGE_SAME, MERGE_CHANGED, MERGE_NEW };

struct merge {
	/*
	 * As the ledger will have it, with the links of the poll. Strings are borrowed
	 * from the two tasks and the arena.
	 */
	struct task after;
	enum merge_outcome *outcomes; /* of after.assets, which are sorted by index */
	bool is_task_changed; /* a fact or the state */
	bool is_move_illegal;
	bool has_too_many; /* assets were left out */
};

/*
 * `known` comes from the ledger, with its assets sorted by index. Memory comes
 * from `arena`. ERR_NOMEM.
 */
enum err_kind merge_poll(const struct task *known, const struct task *seen,
    struct arena *arena, struct merge *ret_merge, struct err *err);

/*
 * Makes of a poll that came too late to count what is known, with the links that it
 * showed.
 */
enum err_kind merge_only_links(const struct task *known, const struct task *seen,
    struct arena *arena, struct task *ret_after, struct err *err);

/*
 * What a poll was not followed in, for the task's events; "" when it was followed.
 */
enum { MERGE_REFUSAL_MAX = 160 };
void merge_refusal(const struct merge *merge, const struct task *known,
    const struct task *seen, char into[MERGE_REFUSAL_MAX]);

/*
 * Of a poll only what nobody else knows stays: memory, the id asked for, advice, warning,
 * what was too much. All else is `after`.
 */
void merge_complete(struct task *seen, const struct task *after);

/* That it runs on refutes a failure without a proof, and no other end. */
bool merge_is_refuted(const struct task *known, const struct task *seen);

/*
 * Takes how a submit ended: its ids, and its state. The service itself may have shown the
 * task to a poll before its answer reached us; what it showed is newer, so then only the
 * ids are taken. `history_id`, `alias_id` may be NULL; all strings are borrowed.
 */
void merge_answer(struct task *task, enum task_state state, const struct task_fail *fail,
    const char *history_id, const char *alias_id);

/*
 * Takes what it cost: what was measured counts more than what the service has reported
 * of the task, and of one source the last word counts.
 */
void merge_credits(struct task *task, int64_t credits, bool are_measured);

/* Is there anything to write? */
bool merge_is_change(const struct merge *merge);
