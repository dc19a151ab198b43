#include "base/shell_word.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Would it do something to a terminal? (No memory: better be careful.) */
static bool is_unprintable(const char *word)
{
	_cleanup_free_ char *shown = strdup(word);

	if (shown)
		text_make_printable(shown);
	return !shown || strcmp(shown, word) != 0;
}

/* Adds it as $'…' of bash, ksh and zsh. */
static void add_escaped(struct buf *into, const char *word)
{
	buf_addf(into, "$'");
	for (; *word; word++) {
		if (*word == '\'' || *word == '\\')
			buf_addf(into, "\\%c", *word);
		else if (*word >= ' ' && *word <= '~')
			buf_add(into, word, 1);
		else
			buf_addf(into, "\\x%02x", (unsigned)(unsigned char)*word);
	}
	buf_addf(into, "'");
}

void shell_word_add(struct buf *into, const char *word)
{
	static const char harmless[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-+=./:,@%{}";
	/* Braces expand only around a comma or "..". */
	bool is_plain = *word && word[strspn(word, harmless)] == '\0' &&
	    !(strchr(word, '{') && (strchr(word, ',') || strstr(word, "..")));

	if (is_plain) {
		buf_addf(into, "%s", word);
		return;
	}
	if (is_unprintable(word)) {
		add_escaped(into, word);
		return;
	}
	buf_addf(into, "'");
	for (; *word; word++) {
		if (*word == '\'')
			buf_addf(into, "'\\''");
		else
			buf_add(into, word, 1);
	}
	buf_addf(into, "'");
}

const char *shell_dashes(const char *word)
{
	return word[0] == '-' ? "-- " : "";
}

void shell_operand_add(struct buf *into, const char *word)
{
	buf_addf(into, "%s", shell_dashes(word));
	shell_word_add(into, word);
}
