/*
 * choice.h - which variant of a file was fetched, and what else was offered, as it is
 * kept beside the file for ever: a JSON object, the "choice" of docs/schema/. No link is
 * in it.
 */
#pragma once

#include "model/variant.h"

enum {
	CHOICE_MAX = 16 << 10, /* bytes of a text that is read */
	CHOICE_VARIANTS_MAX = 24, /* those beyond are left out */
};

struct choice {
	const struct variant *all;
	size_t n, chosen; /* 1 or more; the place of the chosen one */
	enum quality wanted;
	bool has_originals; /* the service has answered for them */
};
/* Of this quality it is, which may be less than what was wanted. */
enum quality choice_quality(const struct choice *choice);
/* malloc'ed; NULL: no memory. */
char *choice_text(const struct choice *choice);

/* What is read of such a text. */
struct chosen {
	enum quality quality;
	const char *object; /* its name; NULL unknown */
	int64_t width, height; /* 0 unknown */
};
/* Strings go into *arena. False: it is no such text, or no memory. */
bool choice_read(const char *text, struct arena *arena, struct chosen *ret_chosen);
