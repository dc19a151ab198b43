#include "nomem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The names are the linker's. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
int __wrap_asprintf(char **ret_text, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* NOLINTEND(bugprone-reserved-identifier) */

static _Thread_local unsigned countdown;

void nomem_fail(unsigned n)
{
	countdown = n;
}

unsigned nomem_left(void)
{
	return countdown;
}

bool nomem_fails_now(void)
{
	return countdown > 0 && --countdown == 0;
}

void *nomem_malloc(size_t size)
{
	return nomem_fails_now() ? NULL : __real_malloc(size);
}

void *nomem_calloc(size_t n, size_t size)
{
	return nomem_fails_now() ? NULL : __real_calloc(n, size);
}

void *nomem_realloc(void *old, size_t size)
{
	return nomem_fails_now() ? NULL : __real_realloc(old, size);
}

char *nomem_strdup(const char *text)
{
	return nomem_fails_now() ? NULL : __real_strdup(text);
}

/* --- what the linker puts in their place ------------------------------------ */

void *__wrap_malloc(size_t size)
{
	return nomem_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return nomem_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return nomem_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return nomem_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
	return nomem_fails_now() ? NULL : __real_strndup(text, len);
}

int __wrap_asprintf(char **ret_text, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (nomem_fails_now())
		return -1;
	va_start(ap, fmt);
	n = vasprintf(ret_text, fmt, ap);
	va_end(ap);
	return n;
}
