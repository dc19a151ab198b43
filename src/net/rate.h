/*
 * rate.h - how many bytes may come by now? A plan says how many a second, by the hour; a
 * bucket fills at that rate and is emptied by what comes. Pure: the time is an argument.
 *
 * A bucket begins empty, and holds what comes in RATE_IDLE_MS at most: whatever it was
 * asked for, in t seconds no more than (t + 0.25) times the rate has come, and while it
 * is asked for more, no less than t times the rate.
 */
#pragma once

#include "base/hours.h"

enum {
	RATE_IDLE_MS = 250, /* of an idle time, so much is made up for */
	RATE_PIECE = 16 * 1024, /* what curl hands over at once, at most */
};

struct rate_plan {
	uint64_t usual; /* bytes a second; 0: no limit */
	struct {
		struct hours hours;
		uint64_t rate;
	} windows[HOURS_MAX]; /* the first that has the minute counts */
	size_t n;
};

/*
 * Reads "2M", "500k,22:00-07:00=off": bytes a second; k, M, G are 1024 times the one
 * before, as curl and wget have them. ERR_USAGE says what is wrong.
 */
enum err_kind rate_plan_parse(
    const char *text, struct rate_plan *ret_plan, struct err *err);
uint64_t rate_plan_at(const struct rate_plan *plan, unsigned minute);
/* The least that it ever allows; 0: it never limits. */
uint64_t rate_plan_least(const struct rate_plan *plan);

struct rate_bucket {
	uint64_t rate; /* bytes a second, not 0 */
	int64_t millis; /* what is in it, in thousandths of a byte */
	int64_t at_ms; /* steady clock: it was so then */
};

/* Empty, and filling from now on. */
struct rate_bucket bucket_make(uint64_t rate, int64_t now_ms);
/* What is in it stays, and from now on it fills at another rate. */
void bucket_change(struct rate_bucket *bucket, uint64_t rate, int64_t now_ms);
uint64_t bucket_level(struct rate_bucket *bucket, int64_t now_ms);
/* Takes `bytes` out; false: there are not so many yet. */
bool bucket_take(struct rate_bucket *bucket, uint64_t bytes, int64_t now_ms);
/* When will there be so many? Of more than it can hold: when it is full. */
int64_t bucket_when_ms(const struct rate_bucket *bucket, uint64_t bytes);
