#include "model/search.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum err_kind add_word(
    struct task_search *search, const struct search_word *word, struct err *err)
{
	if (word->len == 0)
		return ERR_OK;
	if (search->n == SEARCH_WORDS)
		return err_set(err, ERR_USAGE,
		    "too many words to look for; write at most %d", SEARCH_WORDS);
	search->words[search->n++] = *word;
	return ERR_OK;
}

/* Reads one from *at on: up to a blank, or between quotes; an open quote goes to the end.
 */
static struct search_word read_word(const char **at)
{
	struct search_word word = { 0 };
	const char *end;

	if (**at == '-') {
		word.is_unwanted = true;
		(*at)++;
	}
	if (**at == '"') {
		word.text = ++*at;
		end = strchrnul(word.text, '"');
		*at = *end ? end + 1 : end;
	} else {
		word.text = *at;
		while (**at && !is_blank(**at))
			(*at)++;
		end = *at;
	}
	word.len = (size_t)(end - word.text);
	return word;
}

enum err_kind search_make(
    const char *words, struct task_search *ret_search, struct err *err)
{
	_cleanup_(search_release) struct task_search search = { .text = buf_make(
								    SEARCH_FOLDED_MAX) };
	const char *at;

	if (strlen(words) > SEARCH_MAX)
		return err_set(err, ERR_USAGE,
		    "what is looked for is longer than %d bytes", SEARCH_MAX);
	fold_add(&search.text, words);
	if (buf_failed(&search.text))
		return err_set(err, ERR_NOMEM, "out of memory for a search");
	for (at = search.text.data; *at;) {
		struct search_word word;

		if (is_blank(*at)) {
			at++;
			continue;
		}
		word = read_word(&at);
		if (add_word(&search, &word, err))
			return err->kind;
	}
	if (search.n == 0)
		return err_set(err, ERR_USAGE, "nothing to look for in '%s'", words);
	*ret_search = search;
	search = (struct task_search){ .text = buf_make(0) };
	return ERR_OK;
}

void search_release(struct task_search *search)
{
	buf_release(&search->text);
	search->n = 0;
}

/* Folded, one a line, each behind a line break: no word goes across two of them. */
static void add_texts(struct buf *room, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!texts[i] || !*texts[i])
			continue;
		buf_add(room, "\n", 1);
		fold_add(room, texts[i]);
	}
}

static bool begins_an_id(const struct search_word *word, const char *ids)
{
	for (const char *at = ids; (at = strchr(at, '\n')); at++)
		if (!strncmp(at + 1, word->text, word->len))
			return true;
	return false;
}

bool search_finds(
    const struct task_search *search, const struct search_texts *texts, struct buf *room)
{
	size_t n_ids;

	buf_clear(room);
	add_texts(room, texts->ids, texts->n_ids);
	n_ids = room->len;
	add_texts(room, texts->texts, texts->n_texts);
	if (buf_failed(room))
		return false;
	for (size_t i = 0; i < search->n; i++) {
		const struct search_word *word = &search->words[i];
		bool is_there =
		    memmem(room->data + n_ids, room->len - n_ids, word->text, word->len);

		if (!is_there && n_ids > 0) {
			const char kept = room->data[n_ids];

			room->data[n_ids] = '\0';
			is_there = begins_an_id(word, room->data);
			room->data[n_ids] = kept;
		}
		if (is_there == word->is_unwanted)
			return false;
	}
	return true;
}
