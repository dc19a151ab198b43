/*
 * template.h - JSON text with marks in it, filled in quickly.
 *
 * A mark is `@{name}` or `@{name:argument}`; its filler appends whatever
 * belongs there, quotes and escapes included. Names are looked up once, when
 * the template is made. The text is borrowed for the life of the template.
 */
#pragma once

#include <stddef.h>

#include "common/text.h"

typedef void template_filler(struct text *out, const void *what, const char *argument);

struct template_mark {
	const char *name;
	template_filler *fill;
};

struct template;

/* Tables end with a NULL name, and their list with NULL. An unknown mark is a bug: abort.
 */
struct template *template_new(
    const char *text, const struct template_mark *const *tables);
void template_free(struct template *t);

void template_fill(const struct template *t, struct text *out, const void *what);
