/*
 * nomem.h - the n-th allocation fails, and only that one. A test that is linked with
 * nomem_dep (meson.build) has it in all code of ours; libraries that let one choose their
 * allocator get the functions below. Each thread counts for itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The n-th allocation from now on fails; 0: none does. */
void nomem_fail(unsigned n);
/* How many are left until then; 0: it has failed, or none is to. */
unsigned nomem_left(void);
/* Counts one: is it the one that fails? For an allocator that is not here. */
bool nomem_fails_now(void);

/* For the hooks of libraries. */
void *nomem_malloc(size_t size);
void *nomem_calloc(size_t n, size_t size);
void *nomem_realloc(void *old, size_t size);
char *nomem_strdup(const char *text);
