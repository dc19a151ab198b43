/*
 * ledger_lab.h - the ledger of a test, seen and changed from outside: what it says, what
 * other processes do to it, what the dead have left in it, who holds its lock.
 *
 * Every call opens the ledger at `path` for itself and closes it again, so it may be made
 * on any thread, while others have it open, too. The profile is "default". What can't be
 * done ends the test's process, with a line that says why. Tests that are not about the
 * ledger's own file speak no SQL: what they need of it is here.
 */
#pragma once

#include "ledger/list.h"

/*
 * A new ledger with nothing in it. Its tables are made once in a process, and copied from
 * then on. For the test's own thread.
 */
void lab_make(const char *path);

/* --- what it says ------------------------------------------------------------------ */

/* NULL: there is none. `id` NULL: the only one there is. The caller frees it. */
struct task *lab_task(const char *path, const char *id);
/* `filter` NULL: all. As ledger_list(), so without ids that the service never knew. */
size_t lab_count(const char *path, const struct ledger_filter *filter);
/* The id that this task is an explicit repeat of, malloc'ed; NULL: it is none. */
char *lab_repeat_of(const char *path, const char *id);

/* For the test's own thread. There is one, in the state of this name. */
void lab_assert_state(const char *path, const char *id, const char *expected);
void lab_assert_asset(const char *path, const char *id, int index, const char *expected);

/* --- what others do ---------------------------------------------------------------- */

void lab_forget(const char *path, const char *id);
/* A poll of theirs has seen this; other fields than what was seen stay as they are. */
void lab_observe(const char *path, struct task *seen);
/* It can't be had any more, and was stored. */
void lab_lose(const char *path, const char *id, int index);

/* --- what the dead have left ------------------------------------------------------- */

/* A task of ours that waits to be sent. */
void lab_intend(struct ledger *ledger, const char *id, int64_t now_unix_ms);
/* A task that a process began to send, and then died. */
void lab_die_sending(const char *path, const char *id);
/* The file was stored; now as when one had died between the intent and the fact. */
void lab_die_storing(const char *path, const char *id, int index);
/* The same between giving up a stored file and fetching it again. */
void lab_die_repairing(const char *path, const char *id, int index);

/* --- who holds its lock ------------------------------------------------------------ */

struct lab_lock;
/* Another program writes into it: nobody else can, until lab_unlock(). */
struct lab_lock *lab_lock(const char *path);
void lab_unlock(struct lab_lock *lock); /* NULL is fine */
/* For how long this handle waits for such a lock, before it asks whether to. */
void lab_wait_for_locks(struct ledger *ledger, int wait_ms);

/* --- damage ------------------------------------------------------------------------ */

/* The row of this task is there twice, for those, too, who have the ledger open. */
void lab_double(const char *path, const char *id);
