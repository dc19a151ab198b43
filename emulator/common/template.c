#include "common/template.h"

#include <assert.h>
#include <string.h>

enum { ARGUMENT_MAX = 24, NAME_MAX_LEN = 32 };

/* A piece of text and the mark behind it; the last piece has no mark. */
struct piece {
	const char *text;
	size_t len;
	template_filler *fill;
	char argument[ARGUMENT_MAX];
};

struct template
{
	struct piece *pieces;
	size_t count;
};

static template_filler *filler_of(
    const struct template_mark *const *tables, const char *name)
{
	for (; *tables; tables++)
		for (const struct template_mark *mark = *tables; mark->name; mark++)
			if (strcmp(mark->name, name) == 0)
				return mark->fill;
	abort();
}

static void read_mark(struct piece *piece, const char *at, size_t n,
    const struct template_mark *const *tables)
{
	char name[NAME_MAX_LEN + ARGUMENT_MAX];
	char *colon;

	assert(n < sizeof(name));
	memcpy(name, at, n);
	name[n] = '\0';
	colon = strchr(name, ':');
	if (colon) {
		*colon++ = '\0';
		assert(strlen(colon) < sizeof(piece->argument));
		memcpy(piece->argument, colon, strlen(colon) + 1);
	}
	piece->fill = filler_of(tables, name);
}

struct template *template_new(const char *text, const struct template_mark *const *tables)
{
	struct template *t = mem_new(1, sizeof(*t));

	for (;;) {
		const char *mark = strstr(text, "@{");
		const char *end = mark ? strchr(mark, '}') : NULL;
		struct piece *piece;

		t->pieces = mem_grow(t->pieces, (t->count + 1) * sizeof(*t->pieces));
		piece = &t->pieces[t->count++];
		*piece = (struct piece){ .text = text };
		if (!end) {
			piece->len = strlen(text);
			return t;
		}
		piece->len = (size_t)(mark - text);
		read_mark(piece, mark + 2, (size_t)(end - mark - 2), tables);
		text = end + 1;
	}
}

void template_free(struct template *t)
{
	if (!t)
		return;
	free(t->pieces);
	free(t);
}

void template_fill(const struct template *t, struct text *out, const void *what)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct piece *piece = &t->pieces[i];

		text_add(out, piece->text, piece->len);
		if (piece->fill)
			piece->fill(out, what, piece->argument);
	}
}
