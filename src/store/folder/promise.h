/*
 * promise.h - locations that are chosen and not yet taken: no other partial of this sink
 * chooses them, unless its bytes are the same. Other processes may: then the commit finds
 * that it is taken. For store/folder/ only; any thread.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/err.h"

struct promise {
	TAILQ_ENTRY(promise) others;
	char *location; /* NULL: none is made */
	char sha256[65];
};

struct promises {
	pthread_mutex_t lock;
	TAILQ_HEAD(, promise) all; /* under the lock */
};

void promises_init(struct promises *promises);
void promises_release(struct promises *promises); /* all are dropped */

/* *ret_is_made false: somebody has it, for other bytes. Drops what was promised before.
 */
enum err_kind promise_make(struct promises *promises, struct promise *promise,
    const char *location, const char *sha256, bool *ret_is_made, struct err *err);
void promise_drop(struct promises *promises, struct promise *promise);
