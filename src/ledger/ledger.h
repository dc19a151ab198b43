/*
 * ledger.h - everything ever asked for, in operations and not in SQL.
 *
 * A ledger is shared: several processes on one file are normal, and each
 * operation is one transaction. Waiting for another process's write takes at most
 * LEDGER_WAIT_MS, then it is ERR_LEDGER with a sentence for people. After an operation
 * that promises durability has returned, no crash of process, kernel or power
 * undoes it; the others survive every crash of the process.
 *
 * Only this module changes the state of a task or an asset, and it asserts the tables of
 * model/task.h: an observation that would be an illegal move (a final task that
 * "runs" again) is recorded as an event and changes nothing, except that a final
 * success may gain assets and fresh facts.
 *
 * No cookie and no link enters the ledger: links are renewed by asking. A uri that is
 * a link is treated as absent, texts of the service are redacted and cut.
 *
 * Accounts are profile names. The same submit_id in two accounts is two tasks. Where
 * an operation takes a submit_id or id, the history id of a known task will do, too; of
 * two candidates the submit_id wins. A task that has no row is ERR_NOT_FOUND.
 *
 * A ledger belongs to one thread. It must not be carried across fork().
 * Returned tasks are the caller's (task_free). Strings given are copied.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

enum { LEDGER_WAIT_MS = 30000, LEDGER_SCHEMA_VERSION = 1 };

struct ledger;

/*
 * A path, "sqlite:PATH"; missing folders and file are made (0700, 0600). Not a
 * database, a newer schema, another scheme, no right to write: ERR_LEDGER or ERR_USAGE
 * naming it and what to do. Older schemas are migrated in one transaction.
 */
enum err_kind ledger_open(const char *url, struct ledger **ret_ledger, struct err *err);
void ledger_close(struct ledger *ledger);

struct intent {
	const char *account, *submit_id;
	enum media_kind kind;
	const char *prompt, *model, *ratio; /* model, ratio may be NULL */
	const char *body; /* the request as it will be sent */
	const char *request_hash; /* sha256 hex of the body */
	const char *rerolls; /* submit_id this one is an explicit repeat of, or NULL */
	int64_t now_unix_ms;
};
/* A new task in TASK_SUBMITTING, durable. The id exists already: ERR_USAGE. */
enum err_kind ledger_intend(
    struct ledger *ledger, const struct intent *intent, struct err *err);
/*
 * How the submit ended, durable: TASK_QUEUED (accepted), TASK_UNKNOWN (nobody knows),
 * TASK_FAILED (refused; `fail` says why). history_id may be NULL. When a look has
 * shown the task at the service already, only the history id is taken.
 */
enum err_kind ledger_submitted(struct ledger *ledger, const char *account,
    const char *submit_id, enum task_state state, const struct task_fail *fail,
    const char *history_id, struct err *err);
/*
 * TASK_SUBMITTING rows whose process has ended become TASK_UNKNOWN. Liveness
 * is a lock that dies with its process, never a pid or a time. *ret_n of them.
 */
enum err_kind ledger_settle_dead(struct ledger *ledger, size_t *ret_n, struct err *err);

/* Make sure each id has a row (TASK_UNKNOWN when new). One transaction for all. */
enum err_kind ledger_adopt(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err);

/*
 * What a look showed, for n tasks in one transaction. Assets are matched by
 * uri (else index), get their index when first seen, and keep stored/lost. On return
 * every seen[i] is completed from the ledger: state as the ledger has it now, prompt, and
 * each asset's index, state, path, stored_bytes, sha256, etag; links are left in place.
 * Assets that the ledger knows and this look did not show are there, too (url NULL);
 * all are in the order of their index. How a look is matched with what is known:
 * ledger_merge.h. A look in TASK_UNKNOWN says nothing about the state. An id without a
 * row gets one. When no look shows anything new, nothing is written or locked.
 * seen[i]->submit_id stays the id that was asked for. After an error
 * nothing was taken over, neither into the ledger nor into seen[].
 */
enum err_kind ledger_observe(struct ledger *ledger, const char *account,
    struct task *const *seen, size_t n, int64_t now_unix_ms, struct err *err);

/*
 * An asset on its way home. Each of these may come twice, or from two processes at once:
 * what has been overtaken changes nothing and is no error. An index the task does
 * not have is ERR_NOT_FOUND.
 */
/* Validator of the partial file we are writing; NULL clears it. */
enum err_kind ledger_asset_progress(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *etag, struct err *err);
/*
 * Intent before the rename: final path, size, sha256, format of the bytes.
 * Durable. An asset that is stored stays so, under its old path, until the copy is
 * stored as well. ERR_LEDGER: the service has made the asset anew under another uri
 * meanwhile; these bytes are not what index means now.
 */
enum err_kind ledger_asset_fetched(struct ledger *ledger, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err);
/* Fact after the rename: the intent's path holds it now. Durable. */
enum err_kind ledger_asset_stored(struct ledger *ledger, const char *account,
    const char *submit_id, int index, int64_t now_unix_ms, struct err *err);
/* Back to wanted: the file is gone or was never renamed. */
enum err_kind ledger_asset_wanted(struct ledger *ledger, const char *account,
    const char *submit_id, int index, struct err *err);
/* It can't be had any more. A stored one is not lost: say first that it is wanted. */
enum err_kind ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);

/* NULL in *ret_task when there is none. */
enum err_kind ledger_find(struct ledger *ledger, const char *account, const char *id,
    struct task **ret_task, struct err *err);

struct ledger_filter {
	const char *account; /* NULL: all */
	bool only_unfinished; /* not final, or final success with assets not stored */
	bool has_state;
	enum task_state state;
	int64_t since_unix_ms; /* 0: all; by when we first heard of it */
	size_t limit; /* 0: none; the newest first */
};
/* The task is the callee's for the call only. Return false to stop. No transaction is
 * held. */
typedef bool ledger_on_task(void *payload, const struct task *task);
enum err_kind ledger_list(struct ledger *ledger, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err);

/* Task, assets and events go; files stay. ERR_NOT_FOUND when there is none. */
enum err_kind ledger_forget(
    struct ledger *ledger, const char *account, const char *id, struct err *err);

/* What happened to a task, oldest first, for `show`: moves, not looks; the first event
 * and the newest, 250 in all. */
struct ledger_event {
	int64_t at_unix_ms;
	const char *what; /* "state", "asset", "note" */
	const char *text;
};
typedef bool ledger_on_event(void *payload, const struct ledger_event *event);
enum err_kind ledger_events(struct ledger *ledger, const char *account,
    const char *submit_id, ledger_on_event *on_event, void *payload, struct err *err);
