/*
 * ledger.h - everything ever asked for, in operations and not in SQL.
 *
 * A ledger is shared: several processes on one file are normal, and each
 * operation is one transaction. Waiting for another process's write takes at most
 * LEDGER_WAIT_MS, then it is ERR_LOCKED with a sentence for people. After an operation
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
#include "model/budget.h"
#include "model/task.h"
#include "model/taskid.h"

enum { LEDGER_WAIT_MS = 30000, LEDGER_SCHEMA_VERSION = 13 };

struct ledger;

/*
 * To be called before anything else, in a process where nobody else uses what a ledger is
 * kept with: what that does only for others is left out.
 */
void ledger_own_process(void);

/*
 * Opens a path, "sqlite:PATH"; missing folders and file are made (0700, 0600), but not
 * where a mark or a log says that there was a ledger. Damaged, with several names (hard
 * links), not a database, a newer schema, another scheme, no right to write: ERR_LEDGER
 * or ERR_USAGE naming it and what to do. Older schemas are migrated in one transaction.
 */
enum err_kind ledger_open(const char *url, struct ledger **ret_ledger, struct err *err);
void ledger_close(struct ledger *ledger);

struct ledger_options {
	bool
	    must_exist; /* for reading: nothing is made; ERR_NOT_FOUND without a ledger */
	/*
	 * While others are waited for, from within any operation; they must not use the
	 * ledger. gives_up(), after `waited_ms`: ERR_OK to wait on, or ERR_CANCELLED or
	 * ERR_LOCKED, and the operation ends with that. on_wait(): a sentence, once a
	 * wait, when it has lasted two seconds. Each may be NULL.
	 */
	enum err_kind (*gives_up)(void *payload, int64_t waited_ms);
	void (*on_wait)(void *payload, const char *sentence);
	/*
	 * After a commit of this handle the log is full, and who empties it waits for the
	 * disk. True: somebody else does, with ledger_tidy(). False or NULL: this one.
	 */
	bool (*on_full_log)(void *payload);
	void *payload;
};
enum err_kind ledger_open_with(const char *url, const struct ledger_options *options,
    struct ledger **ret_ledger, struct err *err);

/*
 * A sentence, when the ledger is behind its mark (mark.h): rows are missing. It
 * may be read, and results are stored, but ledger_intend() and ledger_send_begin() are
 * ERR_LEDGER. NULL: all is well.
 */
const struct err *ledger_doubt(const struct ledger *ledger);

/* --- submitting ------------------------------------------------------------------
 *
 *   ledger_intend ──► waiting ──ledger_send_begin──► being sent ──ledger_submitted──┐
 *                        ▲                               │ the process ended:        │
 *                        │                               └──► unknown                │
 *                        └── refused this time ◄────────────────────────────────────┴──►
 * queued, unknown, failed
 *
 * Waiting (in the local queue) and being sent are both TASK_SUBMITTING; task.is_waiting
 * tells them apart. What waits has provably not been accepted: whoever
 * holds its lease may send it. What is being sent belongs to its sender alone.
 */

enum { LEDGER_KEY_MAX = 200, LEDGER_PERMIT_MS = 24 * 3600 * 1000 };

/*
 * That somebody else than the person at the keyboard may submit: the word of who was
 * asked, which counts for one new task, or so many a day without one.
 */
struct permit {
	const char
	    *word; /* 1 to LEDGER_KEY_MAX printable bytes; NULL: nobody was asked */
	size_t max_a_day; /* without a word, in 24 hours of an account; 0: any number */
};

struct intent {
	const char *account, *submit_id;
	enum media_kind kind;
	enum task_mode mode;
	const char *prompt, *model, *ratio; /* model, ratio may be NULL */
	const char *body; /* the request as it will be sent */
	const char *request_hash; /* sha256 hex of the body */
	const char *content_hash; /* sha256 hex of the body without its submit_id */
	const char *idempotency_key; /* 1 to LEDGER_KEY_MAX printable bytes; NULL none */
	/*
	 * What the keys of one batch begin with, NULL none. This submission is the nth
	 * (from 1) of its hash in the batch; `line_key` is the key that its place alone
	 * would give it, in this scope, NULL none.
	 */
	const char *key_scope, *line_key;
	size_t nth;
	const char *rerolls; /* submit_id this one is an explicit repeat of, or NULL */
	bool rerolls_once; /* under this key: a second such intent is given that repeat */
	const struct permit *permit; /* that a new task takes; NULL: it needs none */
	int64_t now_unix_ms;
};
/* What became of an intent. */
struct intended {
	char submit_id[TASKID_MAX + 1]; /* of its task */
	bool is_known; /* the key's task from before; nothing was made */
};
/*
 * Writes new tasks that wait to be sent, durably, all of them or none. A submit_id that
 * exists is ERR_USAGE. An idempotency key that the account has used: with the same
 * content_hash the key's task is given instead (also within one call); with another it is
 * ERR_USAGE naming the key and its task. An intent that rerolls takes its key over from
 * the older task, but one that rerolls_once is given a repeat of the same task.
 *
 * A key that nobody has, in a scope: the nth task of the scope with the same content_hash
 * is given, if there are as many; and it is ERR_USAGE when the task of line_key has the
 * same prompt and was another request. So no other way of keying a batch pays for it
 * again. ret_refused (may be NULL): with ERR_USAGE the number of the intent that it is
 * about.
 */
enum err_kind ledger_intend(struct ledger *ledger, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err);
/*
 * What ledger_intend() would do now, and what it would refuse; nothing is written.
 */
enum err_kind ledger_rehearse(struct ledger *ledger, const struct intent *intents,
    size_t n, struct intended *ret_intended, size_t *ret_refused, struct err *err);
/*
 * Which of them has a task already, in its scope or by its key, be it with another
 * content? Writes nothing.
 */
enum err_kind ledger_intended_before(struct ledger *ledger, const struct intent *intents,
    size_t n, bool *ret_is_known, struct err *err);
/*
 * From waiting to being sent by us. Durable: when it has returned, the request may leave.
 * *ret_body (malloc'ed) is the request; NULL: the task does not wait any more
 * (somebody else sent it, or it was forgotten), and nothing may be sent.
 */
enum err_kind ledger_send_begin(struct ledger *ledger, const char *account,
    const char *submit_id, enum media_kind *ret_kind, char **ret_body, struct err *err);

struct answered {
	const char *account; /* of ledger_submitted(); else ledger_commit() has it */
	const char *submit_id;
	/*
	 * TASK_QUEUED (accepted), TASK_UNKNOWN (nobody knows), TASK_FAILED (refused;
	 * `fail` says why), TASK_SUBMITTING (refused this time and nothing was started:
	 * waits again).
	 */
	enum task_state state;
	const struct task_fail *fail;
	const char *history_id; /* NULL: none was told */
	const char
	    *alias_id; /* the service's own submit id, when it is another; or NULL */
	bool has_credits; /* the answer told what it costs */
	int64_t credits;
};
/*
 * Writes how the submit ended, durably. When a poll has shown the task at the service
 * already, only the other ids are taken.
 */
enum err_kind ledger_submitted(
    struct ledger *ledger, const struct answered *answered, struct err *err);
/*
 * Rows that were being sent by a process that has ended become TASK_UNKNOWN. Liveness
 * is a lock that dies with its process, never a pid or a time. *ret_n of them.
 */
enum err_kind ledger_settle_dead(struct ledger *ledger, size_t *ret_n, struct err *err);

/*
 * Returns what was sent for this task, malloc'ed, for a repeat. *ret_body NULL: it is not
 * ours.
 */
enum err_kind ledger_body(struct ledger *ledger, const char *account, const char *id,
    enum media_kind *ret_kind, char **ret_body, struct err *err);

/*
 * Make sure each id has a row (TASK_UNKNOWN when new), in the order given. More than
 * 20000 take a transaction for each 20000 of them, so that others can write in between,
 * and may come in another order; after an error some may have got theirs. Ids that were
 * typed a day ago, and that the service does not know, are forgotten with it; until then
 * ledger_past() passes them over, and ledger_list() shows them for TASK_NOT_FOUND and
 * unfinished only.
 */
enum err_kind ledger_adopt(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err);

/*
 * Write down what a poll showed, for n tasks in one transaction. Assets are matched by
 * uri (else index), get their index when first seen, and keep stored/lost. On return
 * every seen[i] is completed from the ledger: state as the ledger has it now, prompt, and
 * each asset's index, state, path, stored_bytes, sha256, choice, etag; links are left in
 * place. Assets that the ledger knows and this poll did not show are there, too (url
 * NULL); all are in the order of their index. How a poll is matched with what is known:
 * merge.h. A poll in TASK_UNKNOWN says nothing about the state. An id without a row gets
 * one. When no poll shows anything new, nothing is written or locked. seen[i]->submit_id
 * stays the id that was asked for. After an error nothing was taken over, neither into
 * the ledger nor into seen[].
 *
 * tokens[i] other than 0 is the lease under which the poll was made: when the task has
 * another owner by now, or was forgotten, this poll is too old to be written, seen[i] is
 * only completed, and tokens[i] is 0 on return. `tokens` may be NULL.
 */
enum err_kind ledger_observe(struct ledger *ledger, const char *account,
    struct task *const *seen, int64_t *tokens, size_t n, int64_t now_unix_ms,
    struct err *err);

enum { LEDGER_SECRET_MAX = 65 };
/*
 * Writes a secret of this ledger's own, 64 hex digits, the same for everybody who has the
 * ledger; the first who asks for that name makes it, durably.
 */
enum err_kind ledger_secret(struct ledger *ledger, const char *name,
    char ret_value[LEDGER_SECRET_MAX], struct err *err);

/* --- what others do -------------------------------------------------------------- */

/*
 * Has another connection written since the last call? Costs microseconds. Our own
 * writes do not count. The first call says yes.
 */
bool ledger_has_changed(struct ledger *ledger);
/* All tasks, of all accounts: one of these is another when one has come or gone. */
struct ledger_count {
	int64_t tasks, newest; /* task.number of the newest, 0: none */
};
enum err_kind ledger_count(
    struct ledger *ledger, struct ledger_count *ret_count, struct err *err);

/*
 * Is there room for `bytes` more where the ledger is? Also when nobody can say, for what
 * free room says nothing about (a quota, a limit on the size of files).
 */
bool ledger_has_room(const struct ledger *ledger, int64_t bytes);

/* Unfinished tasks of an account, oldest first, the little that it takes to follow them.
 */
struct open_task {
	const char *submit_id; /* for the call only */
	enum task_state state;
	bool is_waiting;
	bool has_owner; /* alive or not, and us too */
	/*
	 * It has ended, and nothing of it is left to be done, but that end may change
	 * (task_end_may_change()). Open until ledger_believe(), or until a poll proves
	 * it.
	 */
	bool is_doubtful;
	int64_t updated_unix_ms;
};
typedef bool ledger_on_open(void *payload, const struct open_task *task);
enum err_kind ledger_open_tasks(struct ledger *ledger, const char *account,
    ledger_on_open *on_open, void *payload, struct err *err);
/* An end that may change is one now. Of any other task nothing changes. */
enum err_kind ledger_believe(
    struct ledger *ledger, const char *account, const char *id, struct err *err);

/* --- accounts -----------------------------------------------------------------------
 *
 * The circuit breaker of an account, shared by the processes of a ledger: until when
 * nobody should ask or send for it, and why. Trouble with an account never touches its
 * tasks.
 */
struct account_pause {
	enum err_kind kind; /* ERR_OK: none; ERR_BUSY, ERR_ACCOUNT */
	int64_t until_unix_ms;
	char text[256]; /* one sentence, redacted */
};
/* A later end wins over an earlier one; kind ERR_OK ends it. */
enum err_kind ledger_pause(struct ledger *ledger, const char *account,
    const struct account_pause *pause, struct err *err);
/* Returns the pause; one that is over is none. */
enum err_kind ledger_pause_of(struct ledger *ledger, const char *account,
    int64_t now_unix_ms, struct account_pause *ret_pause, struct err *err);

/*
 * Take one request out of the account's bucket (model/budget.h), for all processes of
 * the ledger. *ret_wait_ms 0: it may leave, and has been counted. Else nothing was taken,
 * and so long it takes until there is one. Without a limit the ledger is not touched.
 */
enum err_kind ledger_budget_take(struct ledger *ledger, const char *account,
    const struct budget *budget, int64_t now_unix_ms, int64_t *ret_wait_ms,
    struct err *err);

/* --- files --------------------------------------------------------------------------
 *
 * An asset on its way home. Each of these may come twice, or from two processes at once:
 * what has been overtaken changes nothing and is no error. An index the task does
 * not have is ERR_NOT_FOUND.
 */
/*
 * Validator of the partial file we are writing; NULL clears it. Another one than before
 * also ends what ledger_asset_synced() said.
 */
enum err_kind ledger_asset_progress(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *etag, struct err *err);
/*
 * The first `synced_bytes` (1 or more) of the partial of asset->index are on the disk,
 * and `synced_sha256` is their sum. To be said after the sync; not durable itself, so
 * that after a power cut an earlier one may stand.
 */
enum err_kind ledger_asset_synced(struct ledger *ledger, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err);
/*
 * A file gets its name. Two steps, each durable before the next thing happens to the
 * file: to ASSET_FETCHED, the intent before the rename; to ASSET_STORED, the fact after
 * it. An asset that is stored stays so, under its old path, until the copy is stored as
 * well. ERR_LEDGER: the service has made the asset anew under another uri meanwhile, so
 * these bytes are not what the index means now; or there is no intent.
 */
struct asset_move {
	const char *submit_id;
	/*
	 * The index; for the intent also final path, size, sha256, format of the bytes,
	 * the uri that they were fetched from, and which variant they are (choice.h).
	 */
	const struct asset *asset;
	enum asset_state to; /* ASSET_FETCHED or ASSET_STORED */
	bool is_unsynced; /* nobody promises that it is durable: its event says so */
};
/* Writes the intent of one. */
enum err_kind ledger_asset_fetched(struct ledger *ledger, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err);
/* The fact of one: the intent's path holds it now. */
enum err_kind ledger_asset_stored(struct ledger *ledger, const char *account,
    const char *submit_id, int index, int64_t now_unix_ms, struct err *err);
/* Back to wanted: the file is gone or was never renamed. */
enum err_kind ledger_asset_wanted(struct ledger *ledger, const char *account,
    const char *submit_id, int index, struct err *err);
/* It can't be had any more. A stored one is not lost: say first that it is wanted. */
enum err_kind ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);

/* --- many durable entries ------------------------------------------------------------
 *
 * Whatever has to be on the disk before something happens outside, of any tasks of an
 * account and together, so that they wait for the disk once.
 */
enum entry_kind {
	ENTRY_SEND, /* as ledger_send_begin() */
	ENTRY_ANSWER, /* as ledger_submitted() */
	ENTRY_MOVE, /* as ledger_asset_fetched() and ledger_asset_stored() */
};
struct entry_send {
	const char *submit_id;
	enum media_kind kind; /* out */
	char *body; /* out: malloc'ed; NULL: nothing may be sent */
};
struct ledger_entry {
	enum entry_kind kind;
	union {
		struct entry_send send;
		struct answered answer;
		struct asset_move move;
	};
	struct err why; /* out: ERR_OK, or why nothing was written of this one */
};
/*
 * One durable transaction, in the order given: the fault of one entry is no other's.
 * After an error nothing was written, and no entry says anything.
 */
enum err_kind ledger_commit(struct ledger *ledger, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err);

/* Brings what was written to its last place, as much as others let. Nobody sees a
 * difference, but the next who writes does not have to; it waits for the disk. */
void ledger_tidy(struct ledger *ledger);

/* Puts NULL into *ret_task when there is none. */
enum err_kind ledger_find(struct ledger *ledger, const char *account, const char *id,
    struct task **ret_task, struct err *err);
/* The same for many, as they are at one moment; a failure leaves ret_tasks alone. */
enum err_kind ledger_find_all(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err);

/* Some assets of any tasks, as they are at one moment; their strings are in *arena. */
struct asset_known {
	const char *submit_id; /* or another name that ledger_find() knows */
	int index;
	bool is_known; /* else the ledger has none of that index, or no such task */
	struct asset asset;
};
enum err_kind ledger_find_assets(struct ledger *ledger, const char *account,
    struct asset_known *known, size_t n, struct arena *arena, struct err *err);

/* The first ids of the account that begin so, sorted. */
enum { LEDGER_FOUND_MAX = 3 };
struct ledger_found {
	char ids[LEDGER_FOUND_MAX][TASKID_MAX + 1];
	size_t n;
};
enum err_kind ledger_prefix(struct ledger *ledger, const char *account,
    const char *prefix, struct ledger_found *ret_found, struct err *err);

/* Task, assets and events go; files stay. ERR_NOT_FOUND when there is none. */
enum err_kind ledger_forget(
    struct ledger *ledger, const char *account, const char *id, struct err *err);

/* What happened to a task, oldest first, for `show`: moves, not polls; the first event
 * and the newest, 250 in all. */
struct ledger_event {
	int64_t at_unix_ms;
	const char *what; /* "state", "asset", "note" */
	const char *text;
};
typedef bool ledger_on_event(void *payload, const struct ledger_event *event);
enum err_kind ledger_events(struct ledger *ledger, const char *account,
    const char *submit_id, ledger_on_event *on_event, void *payload, struct err *err);

/*
 * Where its files were put, or were meant to be, as far as its events go back: the oldest
 * first, also of assets that have no path any more.
 */
struct ledger_place {
	int64_t at_unix_ms;
	int index; /* of the asset */
	const char *path; /* for the call only */
};
typedef bool ledger_on_place(void *payload, const struct ledger_place *place);
enum err_kind ledger_places(struct ledger *ledger, const char *account,
    const char *submit_id, ledger_on_place *on_place, void *payload, struct err *err);
