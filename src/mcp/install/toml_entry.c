/*
 * toml_entry.c - the entry in TOML: the table [LIST.NAME], and those below it. A text is
 * cut into statements (a header, or a key and its value), which are looked at and never
 * printed again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mcp/install/edit.h"

enum { KEY_BYTES = 512, NEST_MAX = 100 };

struct toml {
	const struct edit *edit;
	const char *text;
	size_t at;
	unsigned depth;
	const char *why; /* what is wrong at `at` */
};

struct statement {
	size_t at, end; /* without the end of its line */
	bool is_table, is_array;
	size_t value; /* of a pair: where it begins */
	size_t value_end;
	char key[KEY_BYTES]; /* whole: the table's in front; parts end with '\n' */
};

static bool refuse(struct toml *toml, size_t at, const char *why)
{
	if (!toml->why) {
		toml->at = at;
		toml->why = why;
	}
	return false;
}

static char here(const struct toml *toml)
{
	return toml->text[toml->at];
}

static void skip_blank(struct toml *toml)
{
	toml->at += strspn(toml->text + toml->at, " \t");
}

static void skip_comment(struct toml *toml)
{
	if (here(toml) == '#')
		toml->at += strcspn(toml->text + toml->at, "\n");
}

/* Blanks, comments and ends of lines. */
static void skip_space(struct toml *toml)
{
	do {
		skip_comment(toml);
		toml->at += strspn(toml->text + toml->at, " \t\r\n");
	} while (here(toml) == '#');
}

/* --- values ------------------------------------------------------------------------ */

static bool skip_long_string(struct toml *toml, char quote)
{
	const size_t began = toml->at;
	const char end[] = { quote, quote, quote, '\0' };

	for (toml->at += 3; here(toml); toml->at++) {
		if (!strncmp(toml->text + toml->at, end, 3)) {
			/* Up to two more quotes belong to the text. */
			toml->at += 3;
			for (int i = 0; i < 2 && here(toml) == quote; i++)
				toml->at++;
			return true;
		}
		if (quote == '"' && here(toml) == '\\' && toml->text[toml->at + 1])
			toml->at++;
	}
	return refuse(toml, began, N_("the text has no closing quotes"));
}

static bool skip_string(struct toml *toml)
{
	const size_t began = toml->at;
	const char quote = here(toml);

	for (toml->at++; here(toml) && here(toml) != '\n'; toml->at++) {
		if (here(toml) == quote) {
			toml->at++;
			return true;
		}
		if (quote == '"' && here(toml) == '\\' && toml->text[toml->at + 1])
			toml->at++;
	}
	return refuse(toml, began, N_("the text has no closing quote"));
}

static bool skip_value(struct toml *toml);
static bool read_key(struct toml *toml, struct buf *into);

/* An array, or an inline table: what it holds, with commas between. */
static bool skip_list(struct toml *toml, char close)
{
	const size_t began = toml->at;
	struct buf key = buf_make(KEY_BYTES);
	bool is_good = ++toml->depth <= NEST_MAX;

	toml->at++;
	skip_space(toml);
	while (is_good && here(toml) && here(toml) != close) {
		is_good = close == ']' || read_key(toml, &key);
		if (is_good && close == '}') {
			is_good = here(toml) == '=';
			toml->at += is_good;
			skip_blank(toml);
		}
		is_good = is_good && skip_value(toml);
		skip_space(toml);
		if (is_good && here(toml) != ',' && here(toml) != close)
			is_good = false;
		toml->at += here(toml) == ',';
		skip_space(toml);
	}
	buf_release(&key);
	toml->depth--;
	if (!is_good || here(toml) != close)
		return refuse(toml, began,
		    close == ']'
			? N_("the array is not well-formed, or has no end")
			: N_("the inline table is not well-formed, or has no end"));
	toml->at++;
	return true;
}

static bool skip_value(struct toml *toml)
{
	const char c = here(toml);

	if ((c == '"' || c == '\'') && toml->text[toml->at + 1] == c &&
	    toml->text[toml->at + 2] == c)
		return skip_long_string(toml, c);
	if (c == '"' || c == '\'')
		return skip_string(toml);
	if (c == '[')
		return skip_list(toml, ']');
	if (c == '{')
		return skip_list(toml, '}');
	if (!c || strchr(",]}#=\r\n", c))
		return refuse(toml, toml->at, N_("a value is expected here"));
	/* A number, a word or a time, in which one blank may be. */
	toml->at += strcspn(toml->text + toml->at, ",]}#\r\n\"'[{=");
	return true;
}

/* --- keys -------------------------------------------------------------------------- */

static bool read_part(struct toml *toml, struct buf *into)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const size_t began = toml->at, len = strspn(toml->text + began, bare);

	if (here(toml) == '"' || here(toml) == '\'') {
		if (!skip_string(toml))
			return false;
		buf_add(into, toml->text + began + 1, toml->at - began - 2);
	} else if (len > 0) {
		buf_add(into, toml->text + began, len);
		toml->at += len;
	} else {
		return refuse(toml, began, N_("a key is expected here"));
	}
	buf_addf(into, "\n");
	return true;
}

/* "a.b" is "a\nb\n": no key has such an end inside. Stands behind it and its blanks. */
static bool read_key(struct toml *toml, struct buf *into)
{
	if (!read_part(toml, into))
		return false;
	skip_blank(toml);
	while (here(toml) == '.') {
		toml->at++;
		skip_blank(toml);
		if (!read_part(toml, into))
			return false;
		skip_blank(toml);
	}
	return true;
}

static bool is_at_end(struct toml *toml)
{
	skip_blank(toml);
	skip_comment(toml);
	return !here(toml) || here(toml) == '\n' ||
	    (here(toml) == '\r' && toml->text[toml->at + 1] == '\n') ||
	    refuse(toml, toml->at, N_("something stands behind the value"));
}

static bool read_header(struct toml *toml, struct statement *statement, struct buf *key)
{
	statement->is_table = true;
	statement->is_array = toml->text[toml->at + 1] == '[';
	toml->at += statement->is_array ? 2 : 1;
	skip_blank(toml);
	if (!read_key(toml, key))
		return false;
	if (strncmp(toml->text + toml->at, "]]", statement->is_array ? 2 : 1) != 0)
		return refuse(toml, toml->at, N_("']' is expected here"));
	toml->at += statement->is_array ? 2 : 1;
	return true;
}

static bool read_pair(struct toml *toml, struct statement *statement, struct buf *key)
{
	if (!read_key(toml, key))
		return false;
	if (here(toml) != '=')
		return refuse(toml, toml->at, N_("'=' is expected here"));
	toml->at++;
	skip_blank(toml);
	statement->value = toml->at;
	if (!skip_value(toml))
		return false;
	statement->value_end = toml->at;
	return true;
}

/* False: the end, or toml->why. `table` is the key of the table that we are in. */
static bool next(struct toml *toml, const char *table, struct statement *ret_statement)
{
	_cleanup_(buf_release) struct buf key = buf_make(KEY_BYTES);
	struct statement statement = { 0 };
	bool is_good;

	skip_space(toml);
	if (!here(toml))
		return false;
	statement.at = toml->at;
	if (here(toml) != '[')
		buf_addf(&key, "%s", table);
	is_good = here(toml) == '[' ? read_header(toml, &statement, &key)
				    : read_pair(toml, &statement, &key);
	statement.end = toml->at;
	if (!is_good || !is_at_end(toml))
		return false;
	if (buf_failed(&key))
		return refuse(toml, statement.at, N_("a key is too long"));
	memcpy(statement.key, key.data, key.len + 1);
	*ret_statement = statement;
	return true;
}

/* --- the entry --------------------------------------------------------------------- */

/* "LIST\nNAME\n" */
static void own_key(const struct edit *edit, struct buf *into)
{
	buf_addf(into, "%s\n%s\n", edit->list, edit->name);
}

/* Where the line of `at` begins, with a blank one above. */
static size_t with_blank_above(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	if (at > 1 && text[at - 2] == '\n')
		return at - 1;
	return at > 2 && !memcmp(text + at - 3, "\n\r\n", 3) ? at - 2 : at;
}

static size_t behind_line(const char *text, size_t at)
{
	at += strcspn(text + at, "\n");
	return at + (text[at] == '\n');
}

enum err_kind toml_entry_remove(
    const struct edit *edit, struct buf *into, struct err *err)
{
	_cleanup_(buf_release) struct buf own = buf_make(KEY_BYTES);
	struct toml toml = { .edit = edit, .text = edit->text };
	struct statement statement;
	char table[KEY_BYTES] = "";
	size_t kept_to = 0;

	own_key(edit, &own);
	while (next(&toml, table, &statement)) {
		const bool is_ours = !strncmp(statement.key, own.data, own.len);
		size_t from = statement.at;

		if (statement.is_table)
			memcpy(table, statement.key, sizeof(table));
		if (!is_ours)
			continue;
		if (statement.is_table)
			from = with_blank_above(edit->text, from);
		if (from > kept_to)
			buf_add(into, edit->text + kept_to, from - kept_to);
		kept_to = behind_line(edit->text, statement.end);
	}
	if (toml.why)
		return edit_refuse(edit, toml.at, toml.why, err);
	buf_add(into, edit->text + kept_to, strlen(edit->text + kept_to));
	return buf_failed(into) ? err_set(err, ERR_NOMEM, "out of memory") : ERR_OK;
}

/* What there is of it. */
struct entry {
	bool is_there;
	size_t header_end; /* or of its last pair */
	bool is_elsewise; /* written in another form than [LIST.NAME] */
	size_t at; /* of that */
};

static enum err_kind look(
    const struct edit *edit, struct entry *ret_entry, struct err *err)
{
	_cleanup_(buf_release) struct buf own = buf_make(KEY_BYTES);
	struct toml toml = { .edit = edit, .text = edit->text };
	struct statement statement;
	char table[KEY_BYTES] = "";
	struct entry entry = { 0 };

	own_key(edit, &own);
	while (next(&toml, table, &statement)) {
		const bool is_own = !strncmp(statement.key, own.data, own.len);
		const bool in_own = !strncmp(table, own.data, own.len);

		if (statement.is_table)
			memcpy(table, statement.key, sizeof(table));
		if (statement.is_table && !strcmp(table, own.data) && entry.is_there)
			return edit_refuse(edit, statement.at,
			    N_("the table is there twice; take one away"), err);
		if (statement.is_table ? statement.is_array && is_own : is_own && !in_own)
			entry.is_elsewise = true;
		/* LIST = { ... } can't be added to. */
		if (!statement.is_table &&
		    !strncmp(statement.key, own.data, strlen(statement.key)))
			entry.is_elsewise = true;
		if (entry.is_elsewise && !entry.at)
			entry.at = statement.at + 1;
		if (!strcmp(table, own.data)) {
			entry.is_there = true;
			entry.header_end = statement.end;
		}
	}
	*ret_entry = entry;
	return toml.why ? edit_refuse(edit, toml.at, toml.why, err) : ERR_OK;
}

static const struct edit_pair *find_pair(
    const struct edit_pair *pairs, const char *whole, const struct buf *own)
{
	const char *key = whole + own->len;

	for (const struct edit_pair *pair = pairs; pair->key; pair++)
		if (!strncmp(key, pair->key, strlen(pair->key)) &&
		    !strcmp(key + strlen(pair->key), "\n"))
			return pair;
	return NULL;
}

/* The table is there: its own values get ours, and what lacks stands behind them. */
static void change(const struct edit *edit, const struct entry *entry,
    const struct edit_pair *pairs, struct buf *into)
{
	_cleanup_(buf_release) struct buf own = buf_make(KEY_BYTES);
	struct toml toml = { .edit = edit, .text = edit->text };
	struct statement statement;
	char table[KEY_BYTES] = "";
	uint64_t seen = 0;
	size_t kept_to = 0;

	own_key(edit, &own);
	while (next(&toml, table, &statement)) {
		const struct edit_pair *pair;

		if (statement.is_table) {
			memcpy(table, statement.key, sizeof(table));
			continue;
		}
		if (strcmp(table, own.data) != 0)
			continue;
		pair = find_pair(pairs, statement.key, &own);
		if (!pair)
			continue;
		seen |= 1ULL << (pair - pairs);
		if (pair->is_choice)
			continue;
		buf_add(into, edit->text + kept_to, statement.value - kept_to);
		buf_addf(into, "%s", pair->value);
		kept_to = statement.value_end;
	}
	if (entry->header_end > kept_to) {
		buf_add(into, edit->text + kept_to, entry->header_end - kept_to);
		kept_to = entry->header_end;
	}
	for (size_t i = 0; pairs[i].key; i++)
		if (!pairs[i].is_choice && !(seen & 1ULL << i))
			buf_addf(into, "\n%s = %s", pairs[i].key, pairs[i].value);
	buf_add(into, edit->text + kept_to, strlen(edit->text + kept_to));
}

static void append(
    const struct edit *edit, const struct edit_pair *pairs, struct buf *into)
{
	const size_t len = strlen(edit->text);
	const char *newline = strstr(edit->text, "\r\n") ? "\r\n" : "\n";

	buf_add(into, edit->text, len);
	if (len > 0)
		buf_addf(
		    into, "%s%s", edit->text[len - 1] == '\n' ? "" : newline, newline);
	buf_addf(into, "[%s.%s]%s", edit->list, edit->name, newline);
	for (const struct edit_pair *pair = pairs; pair->key; pair++)
		buf_addf(into, "%s = %s%s", pair->key, pair->value, newline);
}

enum err_kind toml_entry_put(const struct edit *edit, const struct edit_pair *pairs,
    struct buf *into, struct err *err)
{
	struct entry entry;

	if (look(edit, &entry, err))
		return err->kind;
	if (entry.is_elsewise)
		return edit_refuse(edit, entry.at - 1,
		    N_("the entry is written in another form than a table of its own; "
		       "take "
		       "it away"),
		    err);
	if (entry.is_there)
		change(edit, &entry, pairs, into);
	else
		append(edit, pairs, into);
	return buf_failed(into) ? err_set(err, ERR_NOMEM, "out of memory") : ERR_OK;
}
