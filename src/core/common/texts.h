/*
 * texts.h - a set of strings that grows first and is asked then: add all, sort, look up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct texts { /* all 0: empty */
	char **all; /* owned */
	size_t n, room;
};

/* Takes `text` (malloc'ed) in any case. False: it was NULL, or there is no memory. */
bool texts_add(struct texts *texts, char *text);
/* Puts them in the order of their bytes, each once. */
void texts_sort(struct texts *texts);
/* Is it among them? They must be sorted. */
bool texts_have(const struct texts *texts, const char *text);
void texts_release(struct texts *texts);
