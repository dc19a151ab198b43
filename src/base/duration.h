/*
 * duration.h - lengths of time as people write and read them.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

/*
 * Reads "90", "90s", "1.5h", "1h30m", "250ms", "2d"; a bare number is seconds; "0" is
 * allowed, "never"/"inf" gives INT64_MAX. Pieces go from large to small, units are lower
 * case. Anything else, or more than 1000 years: ERR_USAGE.
 */
enum err_kind duration_parse(const char *text, int64_t *ret_ms, struct err *err);
/* Writes "4m05s", "1h02m", "850ms": short, for people; returns `into`. */
const char *duration_text(int64_t ms, char into[24]);
/*
 * The same for an estimate, without digits that mean nothing: "40s", "1m50s", "12m",
 * "2h10m"; 1s at least; returns `into`.
 */
const char *duration_about(int64_t ms, char into[24]);
