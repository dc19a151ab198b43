/*
 * since.h - a time from which on, as agents write it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SINCE_WORDS "a duration back from now (7d, 12h), or 2026-11-23T21:30:05Z"

/* NULL is since ever, 0. False: it is none of SINCE_WORDS. */
bool since_read(const char *text, int64_t *ret_unix_ms);
