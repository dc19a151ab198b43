/*
 * clock.h - the emulator's time.
 *
 * Two readings of --time-scale X, both coherent:
 *
 *   scaled (default)  the clock itself runs X times as fast, from the moment
 *                     of the start. Dates, systime, created_time and x-expires
 *                     all show it, so a link that lives an hour dies after
 *                     3600/X real seconds and durations look as measured.
 *   real              the clock is the true one and every duration (tasks,
 *                     queues, links) is divided by X instead.
 *
 * clock_span_ms() is the only place that divides, so callers speak of service
 * time everywhere.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t start_ms; /* wall clock at the start */
	int64_t start_mono_ns;
	double rate; /* how fast the shown clock runs */
	double shrink; /* by what durations are divided */
};

/* `keep_real` chooses the second reading. */
struct clock clock_make(double scale, bool keep_real, int64_t wall_ms, int64_t mono_ns);

/* What the emulated clock shows, Unix milliseconds, at this monotonic moment. */
int64_t clock_at_ms(const struct clock *clock, int64_t mono_ns);
int64_t clock_now_ms(const struct clock *clock);

/* A duration of the service in milliseconds of the shown clock. */
int64_t clock_span_ms(const struct clock *clock, double seconds);

/* An interval that clients wait in real time, told in whole seconds, at least 1. */
int clock_advice_s(const struct clock *clock, double seconds);

int64_t clock_mono_ns(void);
int64_t clock_wall_ms(void);
