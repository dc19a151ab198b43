#include "cli/options/alias.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/options/command.h"

enum { WORDS_MAX = 64, TEXT_MAX = 16 * 1024 };

/* One word after the other, each with its NUL. */
struct cutter {
	struct buf text;
	size_t at[WORDS_MAX];
	size_t n;
};

static void cutter_release(struct cutter *cutter)
{
	buf_release(&cutter->text);
}

static const char *skip_blanks(const char *from)
{
	return from + strspn(from, " \t");
}

/* One character, as it is quoted by `quote` (0: not at all); moves behind it. */
static void add_char(struct cutter *cutter, char quote, const char **from)
{
	if (**from == '\\' && quote != '\'' && (*from)[1])
		++*from;
	buf_add(&cutter->text, *from, 1);
	++*from;
}

/* Returns what is behind the word; NULL: its quote is not closed. */
static const char *cut_word(struct cutter *cutter, const char *from)
{
	const char *home = getenv("HOME");
	char quote = 0;

	cutter->at[cutter->n++] = cutter->text.len;
	if (!strncmp(from, "~/", 2) && home && *home) {
		buf_add(&cutter->text, home, strlen(home));
		from++;
	}
	while (*from && (quote || !strchr(" \t", *from))) {
		if (quote ? *from == quote : *from == '\'' || *from == '"') {
			if (quote)
				quote = '\0';
			else
				quote = *from;
			from++;
		} else {
			add_char(cutter, quote, &from);
		}
	}
	buf_add(&cutter->text, "", 1);
	return quote ? NULL : from;
}

static enum err_kind take(struct cutter *cutter, struct alias *ret_alias, struct err *err)
{
	const char **words = calloc(cutter->n + 1, sizeof(*words));
	char *text = words ? buf_take(&cutter->text) : NULL;

	if (!text) {
		free(words);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < cutter->n; i++)
		words[i] = text + cutter->at[i];
	*ret_alias = (struct alias){ .text = text, .words = words, .n_words = cutter->n };
	return ERR_OK;
}

static enum err_kind refuse_verb(const char *word, const char *where, struct err *err)
{
	const char *nearest = command_nearest(word);

	if (nearest)
		return err_set(err, ERR_USAGE,
		    "%s: an alias begins with a verb, and '%s' is none; did you mean "
		    "'%s'?",
		    where, word, nearest);
	return err_set(err, ERR_USAGE,
	    "%s: an alias begins with a verb, and '%s' is none; see 'dreamq help'", where,
	    word);
}

enum err_kind alias_make(
    const char *value, const char *where, struct alias *ret_alias, struct err *err)
{
	_cleanup_(cutter_release) struct cutter cutter = { .text = buf_make(TEXT_MAX) };

	for (value = skip_blanks(value); *value; value = skip_blanks(value)) {
		value = cutter.n < WORDS_MAX ? cut_word(&cutter, value) : NULL;
		if (!value)
			return err_set(err, ERR_USAGE,
			    "%s: an alias is a verb and at most %d words, and closes its "
			    "quotes",
			    where, WORDS_MAX - 1);
	}
	if (cutter.n == 0 || !command_find(cutter.text.data))
		return refuse_verb(cutter.text.data, where, err);
	return take(&cutter, ret_alias, err);
}

void alias_release(struct alias *alias)
{
	free(alias->text);
	free(alias->words);
	*alias = (struct alias){ 0 };
}

enum err_kind alias_check_name(const char *name, const char *where, struct err *err)
{
	if (!config_is_name(name) || *name == '-')
		return err_set(err, ERR_USAGE,
		    "%s: '%s' can't name an alias; letters, digits, '_' and '-' can",
		    where, name);
	if (command_find(name))
		return err_set(err, ERR_USAGE,
		    "%s: '%s' is a verb, and an alias can't replace it", where, name);
	return ERR_OK;
}

enum err_kind alias_check(
    const char *name, const char *value, const char *where, struct err *err)
{
	_cleanup_(alias_release) struct alias alias = { 0 };

	if (alias_check_name(name, where, err))
		return err->kind;
	return alias_make(value, where, &alias, err);
}

const struct config_entry *alias_find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_entries; i++)
		if (config->entries[i].section == CONFIG_ALIAS &&
		    !strcmp(config->entries[i].key, name))
			return &config->entries[i];
	return NULL;
}
