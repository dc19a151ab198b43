/*
 * calls.h - the tool calls that run, each on a thread of its own.
 *
 * A call is answered by its own thread, once, unless it was cancelled: then nothing more
 * is said of it. Whoever gave a token hears every two seconds how far it is, and nothing
 * behind the answer. When the limit of calls is over, the verb is interrupted, and the
 * tool answers what is known by then.
 *
 * Errands (errand.h) run beside them, up to ERRANDS_MAX, and answer nobody.
 *
 * These functions are for one thread, that of the server.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dreamq/changes.h"
#include "mcp/asks.h"
#include "mcp/call.h"
#include "mcp/message.h"
#include "mcp/peer.h"
#include "mcp/watch.h"

enum { CALLS_MAX = 16, ERRANDS_MAX = 16, HANDED_MAX = 32 };

struct running;

/* An errand that a call has asked for, or wants no more: call_errand(). */
struct handed {
	char id[DQ_ERRAND_ID_LEN + 1];
	bool is_wanted;
};

struct calls {
	pthread_mutex_t talk; /* held while options->on_note() runs */
	pthread_mutex_t
	    lock; /* of what follows, and of what both sides write in a call */
	struct running *first;
	size_t n, n_errands;
	struct handed handed[HANDED_MAX];
	size_t n_handed;
	bool is_ending; /* no errand begins any more */
	struct asks asks; /* under the same lock */
	const struct mcp_options *options;
	struct watch *watch; /* by which others stop an errand */
	int woken_fd; /* an event descriptor: readable when a call has ended */
};

/* `watch` is borrowed; it may be opened later. */
enum err_kind calls_open(struct calls *calls, const struct mcp_options *options,
    struct watch *watch, struct err *err);

/* A request that becomes a call. */
struct call_request {
	struct peer *peer; /* whose it is; has to outlive the call */
	struct wire *wire; /* takes its answer; held meanwhile */
	struct message *message; /* is taken */
	const struct tool *tool;
	const cJSON *arguments; /* in the message; NULL: none */
	bool is_modern;
	bool takes_errands; /* what does not end at once may become one */
	bool can_ask; /* the client shows a form to a person */
};

/* Does a call of this peer with this id run? */
bool calls_has(struct calls *calls, const struct peer *peer, const char *id);
/* Does any? Only after that may it be freed. */
bool calls_has_any(struct calls *calls, const struct peer *peer);
/* With too many already, or without memory, it is answered at once. */
void calls_begin(struct calls *calls, const struct call_request *request);
/* An answer came to what a call has asked. */
void calls_take_answer(
    struct calls *calls, const struct peer *peer, struct message *message);
/* That request is wanted no more; an unknown one is none of ours. */
void calls_cancel(struct calls *calls, const struct peer *peer, const char *id);
/* None of that peer's is: it is gone. */
void calls_cancel_all(struct calls *calls, const struct peer *peer);

/* Somebody asks for this errand: it is worked on here, unless it is already. */
void calls_want_errand(struct calls *calls, const char *id);
/* It is so, by the ledger (errand_view(); NULL: there is none): once it is over, nobody
 * works on it any more. */
void calls_errand_is(struct calls *calls, const char *id, const char *view);

/* Returns the earlier of two times; -1 is none. */
static inline int64_t calls_earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}
/* Returns when calls_step() has something to do, on the steady clock; -1: never. */
int64_t calls_next_ms(struct calls *calls);
/* Tells progress, interrupts what is late, lets go of what has ended, and begins errands.
 */
void calls_step(struct calls *calls);
/*
 * Lets all calls end: by themselves within grace_ms, then interrupted, within
 * two seconds. False: one still runs, and what it uses must be left alone.
 */
bool calls_end(struct calls *calls, int64_t grace_ms);
void calls_close(struct calls *calls);
