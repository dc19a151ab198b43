/*
 * session.h - the session (struct dq): its parts are opened when first needed, a verb
 * begins and ends on it.
 */
#pragma once

#include "base/err.h"
#include "core/account/dq.h"
#include "core/account/events.h"
#include "dreamq/dreamq.h"

/* ERR_USAGE: it can be the name of none. */
enum err_kind session_check_profile(const char *profile, struct err *err);
/*
 * Open a part, or say why not. Afterwards the pointer in *dq is valid until dq_close().
 * Those of the ledger come first in a verb, and read the clocks for it.
 */
enum err_kind session_ledger(struct dq *dq, struct err *err);
/*
 * For verbs that only read: nothing is made. dq->ledger stays NULL when the default
 * ledger is not there yet; one that somebody named is ERR_LEDGER then.
 */
enum err_kind session_ledger_to_read(struct dq *dq, struct err *err);
/* The same, but no ledger at all is none, whoever named it. */
enum err_kind session_ledger_if_there(struct dq *dq, struct err *err);
/*
 * A locked ledger has been waited for so long: ERR_OK to wait on, else ERR_CANCELLED or
 * ERR_LOCKED, since the verb shall end, or its time is over. On any thread.
 */
enum err_kind session_gives_up(const struct dq *dq, int64_t waited_ms);
/*
 * Says that from now on, or no longer, another handle empties the log of ours, which
 * waits for the disk: session_wants_tidy() tells, once, when it is time.
 */
void session_set_tidied(struct dq *dq, bool is_tidied);
bool session_wants_tidy(struct dq *dq);
/*
 * Is asked after reading: ERR_LEDGER when rows are missing in the ledger
 * (ledger_doubt()).
 */
enum err_kind session_ledger_trouble(const struct dq *dq, struct err *err);
/*
 * From now on what a run writes into the ledger is told to this hook (deliveries.h), by
 * whichever handle of it; NULL: to nobody. Borrowed. The ledger is open.
 */
void session_deliver_to(struct dq *dq, const struct ledger_hook *hook);
/* Whoever needs one of them opens it again. */
void session_close_ledger(struct dq *dq);
void session_close_service(struct dq *dq);
/* Has dq_drain() been called, and not dq_interrupt()? */
bool session_is_draining(const struct dq *dq);
/* Has dq_interrupt() or dq_drain() been called? */
bool session_is_to_end(const struct dq *dq);
/*
 * The verb waits so long in all, from now on, and not much longer for a locked ledger
 * (ERR_LOCKED). 0 or less: for ever.
 */
void session_set_max_wait(struct dq *dq, int64_t max_wait_ms);
/* Another moment begins. */
void session_read_clocks(struct dq *dq);
/*
 * Until the net can move something, something is woken, or it is until_ms on the steady
 * clock; then it is another moment. What `has_jobs` means: struct clocks.
 */
enum err_kind session_wait(
    struct dq *dq, int64_t until_ms, bool has_jobs, struct err *err);
/* Is that time over, by the clock? (A ledger may have been waited for since `now`.) */
bool session_is_late(const struct dq *dq);
enum err_kind session_net(struct dq *dq, struct err *err);
/* Opens the cookie, too: ERR_AUTH. */
enum err_kind session_service(struct dq *dq, struct err *err);

/*
 * Reads the cookie (login.c): the profile's file, or the one that was named, then the
 * keyring. session_cookie() has it in dq->cookie, unless `service` has it already;
 * session_service() takes it from there. ERR_AUTH when there is none.
 */
enum err_kind session_cookie(struct dq *dq, struct err *err);
void session_drop_cookie(
    struct dq *dq); /* and `service` with it: the next verb reads anew */
/* Read again, for the requests from now on. On failure the old one stays. */
enum err_kind session_reload_cookie(struct dq *dq, struct err *err);
/*
 * Changes when another cookie was imported, or its file was written; 0 when there is
 * none. A look at a file's status: cheap, and the keyring isn't woken by it.
 */
uint64_t session_cookie_mark(const struct dq *dq);
/*
 * The note beside the cookie's file that says: it is in the keyring (and when it dies,
 * so that `list` wakes nobody). false: there is none. session_keep_in_keyring() writes
 * it, session_forget_keyring() removes it; both leave the keyring itself alone.
 */
bool session_uses_keyring(const struct dq *dq, int64_t *ret_expires_unix);
enum err_kind session_keep_in_keyring(
    const struct dq *dq, int64_t expires_unix, struct err *err);
enum err_kind session_forget_keyring(const struct dq *dq, struct err *err);
/*
 * Note that the cookie dies within 72, 24 or 1 hours, or is over: each once, and again
 * for another cookie. With none read yet, the profile's is looked at; without any, or
 * when it can't be read, nothing is said.
 */
void session_warn_cookie(struct dq *dq);

/*
 * Makes it the refusal of a login, and says why that may be: nothing tells a dead login
 * from one that belongs elsewhere.
 */
void session_name_login_causes(const struct dq *dq, struct err *why);

/* dq_open() of an account on this service; `ops` is borrowed until dq_close(). */
enum dq_status session_open(const struct service_ops *ops,
    const struct dq_options *options, struct dq **ret_dq, struct dq_error *ret_error);

/* Puts *err into *ret_error as the public form, printable; returns its status. */
enum dq_status session_fail(const struct err *err, struct dq_error *ret_error);

/* Returns the moment of the verb, on the clock of the service. */
int64_t session_server_unix_ms(const struct dq *dq);
/*
 * Reads the clock of the schedule: the steady one, `time_scale` times as fast
 * (service.h).
 */
int64_t session_plan_ms(const struct dq *dq);
/* Returns a span, or a time, of it on the steady clock. */
int64_t session_span_ms(const struct dq *dq, int64_t span_ms);

/*
 * For _cleanup_, first thing in a verb: dq_interrupt() and dq_drain() are for the running
 * verb, or for the next one when none runs; with its end they are used up, and so is its
 * waiting time.
 */
void session_verb_ends(struct dq **dq);
/* A verb has `tasks` to do: its clocks are read, nothing is counted or said yet. */
void session_verb_begins(struct dq *dq, size_t tasks);
/* The service has just told what time it is there. */
void session_set_server_clock(struct dq *dq, int64_t server_unix_ms);
