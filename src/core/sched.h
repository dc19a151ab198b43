/*
 * sched.h - when to look next, at which ids, together? Pure arithmetic: time
 * and randomness are passed in, nothing here sleeps or sends.
 *
 * Each id has a due time. When one is due, ids that may be looked at already
 * (their floor has passed) and would be due soon ride along in the same
 * request. Trouble with a request pauses the account, never one id; nothing
 * here changes the state of a task.
 *
 *   sched_add ──► waiting ──sched_take──► in flight ──┬─ sched_looked ─► waiting
 *                    ▲                                ├─ sched_again  ─► waiting
 *                    └──────── sched_hurry ◄──────────┴─ sched_drop ──► gone
 *
 * Floors (PROTOCOL A5): what the user asked for; else the service's polling
 * advice; else 3-5 s for images and 10-30 s for videos. All intervals carry
 * upward jitter, so that many clients do not march in step and no floor is broken.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

enum {
	SCHED_IMAGE_MIN_MS = 3000,
	SCHED_IMAGE_MAX_MS = 5000,
	SCHED_VIDEO_MIN_MS = 10000,
	SCHED_VIDEO_MAX_MS = 30000,
	SCHED_ABSENT_MIN_MS = 5000, /* an id the service does not know: doubles ... */
	SCHED_ABSENT_MAX_MS = 60000, /* ... up to this */
	SCHED_HURRY_MS = 1000, /* floor of a look for a new link */
	SCHED_BACKOFF_BASE_MS = 1000, /* after trouble: full jitter, doubling ... */
	SCHED_BACKOFF_CAP_MS = 30000, /* ... up to this */
	SCHED_ADVICE_MAX_MS = 300000, /* advice above this is taken as this */
};
/* An interval above this ("never") is taken as this: no sum of it runs over. */
#define SCHED_INTERVAL_MAX_MS (INT64_MAX / 4)

struct sched;

/* What a look showed, as far as the next one depends on it. */
struct sched_view {
	enum task_state state;
	enum media_kind kind;
	int64_t advice_ms; /* polling_config; 0 none */
	unsigned absences; /* looks in a row at which the service did not know the id */
};

/* interval_ms > 0: the user's own floor. `seed`: any number. NULL: no memory. */
struct sched *sched_new(int64_t interval_ms, unsigned batch_max, uint64_t seed);
void sched_free(struct sched *sched);

/* Look at this one from `due_ms` on; new, or dropped before. Keys are small numbers. */
enum err_kind sched_add(struct sched *sched, size_t key, int64_t due_ms, struct err *err);

/*
 * The keys of the next request: none before something is due, or while the account
 * pauses; at most the present batch size. They are in flight then.
 */
size_t sched_take(struct sched *sched, int64_t now_ms, size_t *ret_keys);

/* When sched_take can give something next; INT64_MAX: never. */
int64_t sched_next_ms(const struct sched *sched);

/* A look arrived: the next one is due after this view's interval. Dropped: stays so. */
void sched_looked(
    struct sched *sched, size_t key, const struct sched_view *view, int64_t now_ms);
/* Due again at once, or when the pause of the account is over: their request failed. */
void sched_again(struct sched *sched, const size_t *keys, size_t n, int64_t now_ms);
/*
 * One more look soon, because a link must be renewed; also at a key that was dropped.
 * In flight: nothing changes.
 */
void sched_hurry(struct sched *sched, size_t key, int64_t now_ms);
/* No more looks at this one. */
void sched_drop(struct sched *sched, size_t key);

/*
 * Account: a request went well (ends our own pause, lets batches grow again), or
 * did not: pause for the server's retry_after_ms if it gave one (an hour at most), which
 * no success of an older request ends; else back off with jitter below a doubling
 * ceiling. `too_many`: the number of ids in it, if fewer might have gone well, and no
 * batch is larger than half of that then; else 0. Returns how many failed in a row.
 */
void sched_request_ok(struct sched *sched, int64_t now_ms);
unsigned sched_request_failed(
    struct sched *sched, const struct err *why, size_t too_many, int64_t now_ms);
/* Since when has nothing gone well? -1 when the last request went well. */
int64_t sched_trouble_since_ms(const struct sched *sched);
unsigned sched_batch(const struct sched *sched);
