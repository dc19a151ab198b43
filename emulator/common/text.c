#include "common/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *must(void *p)
{
	if (!p) {
		(void)fputs("dreamq-emulator: out of memory\n", stderr);
		_Exit(6);
	}
	return p;
}

void *mem_new(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *mem_grow(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

char *mem_dup(const char *s)
{
	return must(strdup(s));
}

static void reserve(struct text *t, size_t extra)
{
	size_t cap = t->cap ? t->cap : 64;

	while (cap < t->len + extra + 1)
		cap *= 2;
	if (cap != t->cap) {
		t->data = mem_grow(t->data, cap);
		t->cap = cap;
	}
}

void text_add(struct text *t, const void *bytes, size_t n)
{
	reserve(t, n);
	if (n)
		memcpy(t->data + t->len, bytes, n);
	t->len += n;
	t->data[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *fmt, ...)
{
	char *made = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&made, fmt, ap);
	va_end(ap);
	if (n < 0)
		made = must(NULL);
	text_add(t, made, (size_t)n);
	free(made);
}

void text_json(struct text *t, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			text_printf(t, "\\%c", c);
		else if (c == '\n')
			text_puts(t, "\\n");
		else if (c < 0x20)
			text_printf(t, "\\u%04x", c);
		else
			text_add(t, s, 1);
	}
}

void text_percent(struct text *t, const char *s, const char *keep)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (isalnum(c) || strchr("-._~", c) || strchr(keep, c))
			text_add(t, s, 1);
		else
			text_printf(t, "%%%02X", c);
	}
}

void text_hex(struct text *t, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_printf(t, "%02x", bytes[i]);
}

const char *text_str(const struct text *t)
{
	return t->data ? t->data : "";
}

void text_release(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}
