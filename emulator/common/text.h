/*
 * text.h - growable bytes, and memory that is there or ends the program.
 *
 * The emulator is a tool for tests: when memory runs out it says so and exits,
 * so that no caller carries a path nobody can check. `data` is NUL-terminated
 * once something was added; text_str() is never NULL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define _cleanup_(fn) __attribute__((__cleanup__(fn)))

static inline void freep(void *p)
{
	free(*(void **)p);
}

#define _cleanup_free_ _cleanup_(freep)

/* Zeroed memory, a copy of a string; both end the program rather than fail. */
void *mem_new(size_t count, size_t size) __attribute__((returns_nonnull));
void *mem_grow(void *old, size_t size) __attribute__((returns_nonnull));
char *mem_dup(const char *s) __attribute__((returns_nonnull));

struct text {
	char *data;
	size_t len, cap;
};

void text_add(struct text *t, const void *bytes, size_t n);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append `s` as the inside of a JSON string: quotes, backslashes, controls. */
void text_json(struct text *t, const char *s);

/* Append `s` %-escaped but for unreserved characters and those in `keep`. */
void text_percent(struct text *t, const char *s, const char *keep);

void text_hex(struct text *t, const uint8_t *bytes, size_t n);

const char *text_str(const struct text *t);
void text_release(struct text *t);
