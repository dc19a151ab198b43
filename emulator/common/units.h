/*
 * units.h - numbers with a unit, as options, prompts and scripts write them.
 *
 * All return false, and leave the result alone, unless the whole text is one
 * such number within range.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool unit_integer(const char *s, int64_t min, int64_t max, int64_t *ret);
bool unit_real(const char *s, double min, double max, double *ret);

/* "90", "90s", "250ms", "60m", "2h", "1d": seconds. */
bool unit_seconds(const char *s, double *ret);

/* "200M", "50k", "1G", "123": bytes, powers of 1024. */
bool unit_bytes(const char *s, uint64_t *ret);

/* "1024x768", each side 1 to 4096. */
bool unit_size(const char *s, unsigned *ret_width, unsigned *ret_height);
