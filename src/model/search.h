/*
 * search.h - which tasks does somebody mean who remembers words of them?
 *
 * Words stand between blanks, and each has to be found; "two words" is one, and with a
 * '-' before it it must not be there. They are found anywhere in a text, in the middle of
 * a word, too, so that one Chinese character is enough; by fold.h, so that case and width
 * do not matter. Ids are found by their beginnings.
 *
 * Pure. Many threads may ask one search, each with a room of its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	SEARCH_MAX = 4096, /* bytes of what is looked for */
	SEARCH_FOLDED_MAX = 4 * SEARCH_MAX,
	SEARCH_WORDS = 64,
	SEARCH_ROOM = 64 << 20, /* bytes of a task's texts, folded */
};

struct search_word {
	const char *text; /* folded */
	size_t len;
	bool is_unwanted;
};
struct task_search {
	struct buf text; /* what the words point into */
	struct search_word words[SEARCH_WORDS];
	size_t n;
};

/* ERR_USAGE: nothing is looked for, or too much. Release with search_release(). */
enum err_kind search_make(
    const char *words, struct task_search *ret_search, struct err *err);
void search_release(struct task_search *search);

/* What is known of a task; each may be NULL, or "". */
struct search_texts {
	const char *const *ids; /* by their beginnings */
	size_t n_ids;
	const char *const *texts; /* by anything in them */
	size_t n_texts;
};
/* `room` (of SEARCH_ROOM) is used again from call to call; its failure says no memory. */
bool search_finds(
    const struct task_search *search, const struct search_texts *texts, struct buf *room);
