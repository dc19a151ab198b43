/*
 * hours.h - hours of the day, as people write them: "22:00-07:00". Pure, but for
 * hours_minute(), which asks the time zone.
 *
 * They are of the wall: each moment is looked up by itself, so an hour that a change of
 * the clocks leaves out does not come, and one that it repeats comes twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { HOURS_MAX = 16, DAY_MINUTES = 24 * 60 };

/* From a minute of the day up to, not with, another; past midnight when `to` is less. */
struct hours {
	unsigned from, to;
};
struct hours_list {
	struct hours all[HOURS_MAX];
	size_t n; /* 0: none were given */
};

/* Reads `len` bytes; "24:00" may be an end. ERR_USAGE: they are no hours, or empty. */
enum err_kind hours_parse(
    const char *text, size_t len, struct hours *ret_hours, struct err *err);
/* Reads several, with a comma between two. */
enum err_kind hours_list_parse(
    const char *text, struct hours_list *ret_list, struct err *err);
bool hours_have(const struct hours *hours, unsigned minute);
bool hours_list_has(const struct hours_list *list, unsigned minute);
/* Returns the minute of the local day, and when the next one begins. */
unsigned hours_minute(int64_t unix_ms, int64_t *ret_next_unix_ms);
