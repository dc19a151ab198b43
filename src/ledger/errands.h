/*
 * errands.h - what a program has asked for and will come back for: an errand is a row
 * before its name is told, so that any process on the ledger can say later what became of
 * it, and go on with it when the one that began is gone.
 *
 *   ledger_errand_begin() ──► working ──ledger_errand_end()──► done       with a result
 *                                                              failed     with an error
 *                                                              cancelled  with nothing
 *
 * Who works on it is not written: what it does is safe to be done twice, and the first
 * end is the one that counts. An errand is no task of the service: when it goes, nothing
 * else does.
 */
#pragma once

#include "base/arena.h"
#include "ledger/ledger.h"

enum {
	LEDGER_ERRAND_ID_LEN = 32, /* hexadecimal: 128 random bits */
	LEDGER_ERRAND_TEXT_MAX = 1 << 20, /* bytes of arguments, or of an outcome */
	LEDGER_ERRANDS_MAX = 1000, /* so many are kept, the newest */
};

enum errand_state {
	ERRAND_WORKING,
	ERRAND_DONE,
	ERRAND_FAILED,
	ERRAND_CANCELLED,
	ERRAND_STATES
};
const char *errand_state_name(enum errand_state state);
bool errand_state_parse(const char *name, enum errand_state *ret_state);

struct errand {
	const char *id;
	const char *account;
	const char *what, *arguments; /* words of whoever works on it */
	enum errand_state state;
	const char *outcome; /* of ERRAND_DONE, ERRAND_FAILED; else NULL */
	int64_t made_unix_ms, changed_unix_ms;
	int64_t expires_unix_ms; /* from then on there is none */
};

/*
 * Writes a new one: account, what, arguments and times; it is working. Durable. Those
 * that have expired go, and the oldest of more than LEDGER_ERRANDS_MAX.
 */
enum err_kind ledger_errand_begin(struct ledger *ledger, const struct errand *errand,
    char ret_id[LEDGER_ERRAND_ID_LEN + 1], struct err *err);
/* How it ended, at end->changed_unix_ms: state and outcome. Of one that is not working
 * nothing changes. */
enum err_kind ledger_errand_end(
    struct ledger *ledger, const struct errand *end, struct err *err);
/*
 * The one that errand->account and errand->id name becomes all of it; its strings are in
 * the arena. ERR_NOT_FOUND: there is none, or it has expired.
 */
enum err_kind ledger_errand_find(struct ledger *ledger, int64_t now_unix_ms,
    struct arena *arena, struct errand *errand, struct err *err);
