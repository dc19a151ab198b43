/*
 * clock.h - wall time and steady time never mix: unix values are
 * milliseconds since 1970 (may jump), mono values only ever grow.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int64_t clock_unix_ms(void);
int64_t clock_mono_ms(void); /* counts on during suspend (CLOCK_BOOTTIME) */

enum { CLOCK_ISO_MAX = 32 };
/* "2026-11-22T21:30:05Z", with milliseconds only when they are not 0; returns `into`. */
const char *clock_iso(int64_t unix_ms, char into[CLOCK_ISO_MAX]);
/* Returns -1 when it is not "YYYY-MM-DDTHH:MM:SS[.mmm]Z". */
int64_t clock_parse_iso(const char *text);
/* Reads a date of RFC 9110 ("Sun, 06 Nov 1994 08:49:37 GMT"); -1 when it is none. */
int64_t clock_parse_http_ms(const char *text);
