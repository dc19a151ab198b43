#include "core/verbs/idcurl.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "core/verbs/idtext.h"
#include "model/taskid.h"

enum { WORD_MAX = 64 << 20 /* bytes */ };

struct commands {
	const struct idjson_taker *taker;
	struct idjson_taker counting; /* passes on to that one */
	struct idjson *bodies;
	size_t number, n_told;
};

/* --- words, as a shell cuts them --------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind a backslash outside of quotes. */
static void cut_escaped(const char *text, size_t len, size_t *at, struct buf *word)
{
	if (*at < len && text[*at] == '\r')
		++*at;
	if (*at < len && text[*at] != '\n')
		buf_add(word, &text[*at], 1);
	++*at;
}

static char meaning_of(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/*
 * Within quotes; *at is behind the closing ones. $'...' has escapes of C, of which \u is
 * left to the JSON that it is in.
 */
static void cut_quoted(
    const char *text, size_t len, size_t *at, bool is_c, struct buf *word)
{
	const char quote = text[(*at)++];

	while (*at < len && text[*at] != quote) {
		char c = text[(*at)++];

		if (*at < len && c == '\\' && (quote == '"' || is_c)) {
			const char next = text[*at];

			if (is_c && next != 'u')
				c = meaning_of(text[(*at)++]);
			else if (!is_c && strchr("\"\\$`", next))
				c = text[(*at)++];
		}
		buf_add(word, &c, 1);
	}
	++*at;
}

/* The next word, from *at on; false: there is none. */
static bool cut_word(const char *text, size_t len, size_t *at, struct buf *word)
{
	buf_clear(word);
	while (*at < len && is_space(text[*at]))
		++*at;
	if (*at >= len)
		return false;
	while (*at < len && !is_space(text[*at])) {
		const char c = text[*at];
		const bool is_c = c == '$' && *at + 1 < len && text[*at + 1] == '\'';

		if (is_c || c == '\'' || c == '"') {
			*at += is_c;
			cut_quoted(text, len, at, is_c, word);
		} else if (c == '\\') {
			++*at;
			cut_escaped(text, len, at, word);
		} else {
			buf_add(word, &c, 1);
			++*at;
		}
	}
	return true;
}

/* --- commands ---------------------------------------------------------------- */

static enum err_kind count_task(
    void *payload, const struct idjson_task *task, struct err *err)
{
	struct commands *commands = payload;

	commands->n_told++;
	return commands->taker->take(commands->taker->payload, task, err);
}

static enum err_kind take_address(void *payload, const char *id, struct err *err)
{
	const bool is_history = taskid_is_history(id);
	struct commands *commands = payload;
	const struct idjson_task task = { .submit_id = is_history ? NULL : id,
		.history_id = is_history ? id : NULL,
		.credits = -1,
		.number = commands->number };

	return count_task(commands, &task, err);
}

static enum err_kind end_command(struct commands *commands, struct err *err)
{
	const struct idjson_taker *taker = commands->taker;
	const bool is_without = commands->number > 0 && commands->n_told == 0;

	commands->n_told = 0;
	return is_without ? taker->pass_over(taker->payload, commands->number, err)
			  : ERR_OK;
}

static bool is_data_option(const char *word)
{
	return !strcmp(word, "-d") || !strcmp(word, "--json") ||
	    !strncmp(word, "--data", 6);
}

/* A body that is no JSON has nothing to say. */
static enum err_kind read_body(
    struct commands *commands, const struct buf *word, struct err *err)
{
	const enum err_kind kind =
	    idjson_whole(commands->bodies, word->data, word->len, commands->number, err);

	return kind == ERR_CONTRACT ? (err->kind = ERR_OK) : kind;
}

static enum err_kind read_words(
    struct commands *commands, const char *text, size_t len, struct err *err)
{
	const struct idtext_taker addresses = { take_address, commands };
	_cleanup_(buf_release) struct buf word = buf_make(WORD_MAX);
	bool is_body = false;
	size_t at = 0;

	while (cut_word(text, len, &at, &word)) {
		if (buf_failed(&word))
			return err_set(err, ERR_NOMEM, "out of memory");
		if (is_body) {
			if (read_body(commands, &word, err))
				return err->kind;
		} else if (!strcmp(word.data, "curl") || !strcmp(word.data, "curl.exe")) {
			if (end_command(commands, err))
				return err->kind;
			commands->number++;
		} else if (strncmp(word.data, "http", 4) == 0 &&
		    idtext_address(word.data, &addresses, err)) {
			return err->kind;
		}
		is_body = !is_body && is_data_option(word.data);
	}
	return end_command(commands, err);
}

bool idcurl_is_one(const char *text, size_t len)
{
	static const char *const names[] = { "curl ", "curl.exe ", "curl\t" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (len > strlen(names[i]) && !memcmp(text, names[i], strlen(names[i])))
			return true;
	return false;
}

/* For cmd.exe a browser puts ^ before all that this would take, also a line's end. */
static void cut_carets(const char *text, size_t len, struct buf *into)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '^' && i + 1 < len)
			i++;
		if (text[i] == '\r' || text[i] == '\n')
			buf_add(into, " ", 1);
		else
			buf_add(into, &text[i], 1);
	}
}

enum err_kind idcurl_read(
    const char *text, size_t len, const struct idjson_taker *taker, struct err *err)
{
	_cleanup_(buf_release) struct buf plain = buf_make(WORD_MAX);
	struct commands commands = { .taker = taker };
	enum err_kind kind;

	if (memmem(text, len, "^\"", 2)) {
		cut_carets(text, len, &plain);
		if (buf_failed(&plain))
			return err_set(err, ERR_NOMEM, "out of memory");
		text = plain.data;
		len = plain.len;
	}

	commands.counting = *taker;
	commands.counting.take = count_task;
	commands.counting.payload = &commands;
	commands.bodies = idjson_new(&commands.counting);
	if (!commands.bodies)
		return err_set(err, ERR_NOMEM, "out of memory");
	kind = read_words(&commands, text, len, err);
	idjson_free(commands.bodies);
	return kind;
}
