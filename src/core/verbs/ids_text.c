/*
 * ids_text.c - task ids out of whole texts. What we print is read again: rows, --json,
 * export, paths, addresses (idtext.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/say.h"
#include "core/account/session.h"
#include "core/verbs/ids_impl.h"
#include "core/verbs/idtext.h"
#include "model/taskid.h"

enum { IDS_JSON_MAX = 1000000 /* elements */ };

/* A bad one is told, and is no error. */
static enum err_kind tell_bad(const struct ids_reader *reader, const char *text,
    const char *unit, size_t number, struct err *err)
{
	struct dq_error error;

	if (!reader->ids)
		return reader->pass_over(reader->payload, text, unit, number, err);
	if (!reader->on_bad)
		return ERR_OK;
	(void)ids_refuse(text, err);
	if (!reader->is_argument)
		(void)err_note(err, "%s, %s %zu", reader->name, unit, number);
	else if (reader->name)
		(void)err_note(err, "%s", reader->name);
	(void)session_fail(err, &error);
	reader->on_bad(reader->payload, &error);
	return ERR_OK;
}

struct place {
	const struct ids_reader *reader;
	const char *unit;
	size_t number;
};

static enum err_kind take(void *payload, const char *id, struct err *err)
{
	const struct place *place = payload;
	const struct ids_reader *reader = place->reader;

	return reader->ids
	    ? ids_insert(reader->ids, id, err)
	    : reader->take(reader->payload, id, place->unit, place->number, err);
}

/* Returns ERR_OK also for a bad one, which was told; else trouble of our own. */
static enum err_kind read_one(const struct ids_reader *reader, const char *text,
    const char *unit, size_t number, struct err *err)
{
	struct place place = { reader, unit, number };
	const struct idtext_taker taker = { take, &place };
	_cleanup_free_ char *copy = strdup(text);
	size_t n = 0;

	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (taskid_is_valid(text))
		return take(&place, text, err);
	if (idtext_line(copy, &taker, &n, err))
		return err->kind;
	return n > 0 ? ERR_OK : tell_bad(reader, text, unit, number, err);
}

/* --- JSON ------------------------------------------------------------------------ */

/* NULL: it has none. "": it is a line of ours that is about no task. */
static const char *id_of(const cJSON *object)
{
	static const char *const keys[] = { "submit_id", "history_id" };

	if (!cJSON_IsObject(object))
		return NULL;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, keys[i]);

		if (cJSON_IsString(member) && taskid_is_valid(member->valuestring))
			return member->valuestring;
	}
	return cJSON_HasObjectItem(object, "schema_version") ? "" : NULL;
}

static enum err_kind read_json(
    const struct ids_reader *reader, const char *text, size_t len, struct err *err)
{
	_cleanup_(json_deletep) cJSON *array = NULL;
	const cJSON *element;
	size_t number = 0;

	if (json_parse(text, len, &array, err)) {
		if (err->kind == ERR_NOMEM)
			return err->kind;
		err_note(err, "%s is not a JSON array", reader->name);
		return err->kind = ERR_USAGE;
	}
	cJSON_ArrayForEach(element, array) {
		const char *id = id_of(element);

		if (++number > IDS_JSON_MAX)
			return err_set(err, ERR_USAGE, "%s has more than %d ids",
			    reader->name, IDS_JSON_MAX);
		if (id && !*id)
			continue;
		if (cJSON_IsString(element))
			id = element->valuestring;
		else if (!id)
			id = "(not a string)";
		if (read_one(reader, id, N_("element"), number, err))
			return err->kind;
	}
	return ERR_OK;
}

/*
 * Copies it, malloc'ed and NUL-terminated. A NUL inside becomes what no id has and no
 * terminal sees.
 */
static char *copy_line(const char *line, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, line, len);
	copy[len] = '\0';
	for (char *nul; (nul = memchr(copy, '\0', len));)
		*nul = '\1';
	return copy;
}

static enum err_kind read_object(const struct ids_reader *reader, const char *text,
    size_t len, size_t number, struct err *err)
{
	_cleanup_(json_deletep) cJSON *object = NULL;
	_cleanup_free_ char *copy = NULL;
	const char *id = NULL;

	if (!json_parse(text, len, &object, err))
		id = id_of(object);
	else if (err->kind == ERR_NOMEM)
		return err->kind;
	if (id)
		return *id ? read_one(reader, id, N_("line"), number, err) : ERR_OK;
	copy = copy_line(text, len);
	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	/* Not JSON, but braces around something that is known? */
	return read_one(reader, copy, N_("line"), number, err);
}

/* --- tables and lines ------------------------------------------------------------ */

/* A row without its end may go on in what is to come. */
static enum err_kind read_rows(struct ids_text *t, const char *text, size_t len,
    bool is_end, size_t *ret_used, struct err *err)
{
	size_t at = 0;

	while (at < len) {
		_cleanup_free_ char *id = NULL;
		const size_t begin = at;

		if (!idtext_row(&t->table, text, len, &at, &id))
			return err_set(err, ERR_NOMEM, "out of memory");
		if (!is_end && at == len) {
			at = begin;
			break;
		}
		t->number++;
		if (*id && read_one(t->reader, id, N_("row"), t->number, err))
			return err->kind;
		/* Who looks for tasks wants to know of a row without one. */
		if (!*id && !t->reader->ids && at > begin + 2 &&
		    tell_bad(t->reader, "", N_("row"), t->number, err))
			return err->kind;
	}
	*ret_used = at;
	return ERR_OK;
}

/* Cut the comment and the white space; false when nothing is left. An address may have a
 * '#' in it. */
static bool trim(char **line)
{
	const bool is_address = strstr(*line, "://") != NULL;
	char *end;

	for (char *c = *line; *c; c++)
		if (*c == '#' &&
		    (!is_address || c == *line || c[-1] == ' ' || c[-1] == '\t')) {
			*c = '\0';
			break;
		}
	*line += strspn(*line, " \t\r\v\f");
	end = *line + strlen(*line);
	while (end > *line && strchr(" \t\r\v\f", end[-1]))
		*--end = '\0';
	return **line != '\0';
}

static enum err_kind read_line(const struct ids_reader *reader, const char *text,
    size_t len, size_t number, struct err *err)
{
	_cleanup_free_ char *copy = copy_line(text, len);
	char *line = copy;

	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	return trim(&line) ? read_one(reader, line, N_("line"), number, err) : ERR_OK;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* The object that the line begins with, white space aside; 0: none, or it has no end. */
static size_t find_object(
    struct ids_text *t, const char *line, size_t line_len, size_t len, size_t *ret_blank)
{
	size_t blank = 0, object;

	while (blank < line_len && line[blank] && strchr(" \t\r", line[blank]))
		blank++;
	*ret_blank = blank;
	if (blank == line_len || line[blank] != '{')
		return 0;
	object = idtext_object(line + blank, (t->has_open_end ? line_len : len) - blank);
	t->has_open_end = t->has_open_end || object == 0;
	return object;
}

/*
 * Reads one line, or the lines that an object reaches over; what is behind that is of no
 * interest. *ret_used 0: its end is still to come.
 */
static enum err_kind read_next(struct ids_text *t, const char *text, size_t len,
    bool is_end, size_t *ret_used, struct err *err)
{
	const char *stop = memchr(text, '\n', len);
	const size_t line_len = stop ? (size_t)(stop - text) : len;
	const bool had_open_end = t->has_open_end;
	size_t blank, object;

	*ret_used = 0;
	if (!stop && !is_end)
		return ERR_OK;
	object = find_object(t, text, line_len, len, &blank);
	if (!is_end && t->has_open_end && !had_open_end) {
		t->has_open_end = false;
		return ERR_OK;
	}
	if (object == 0) {
		*ret_used = stop ? line_len + 1 : len;
		return read_line(t->reader, text, line_len, ++t->number, err);
	}
	stop = memchr(text + blank + object, '\n', len - blank - object);
	if (!stop && !is_end)
		return ERR_OK;
	if (read_object(t->reader, text + blank, object, ++t->number, err))
		return err->kind;
	t->number += count_lines(text, blank + object);
	*ret_used = stop ? (size_t)(stop - text) + 1 : len;
	return ERR_OK;
}

static enum err_kind read_lines(struct ids_text *t, const char *text, size_t len,
    bool is_end, size_t *ret_used, struct err *err)
{
	size_t at = 0, used = 1;

	for (; at < len && used > 0; at += used)
		if (read_next(t, text + at, len - at, is_end, &used, err))
			return err->kind;
	*ret_used = at;
	return ERR_OK;
}

/* What kind of text is it? *ret_used: the beginning that says so and nothing else. */
static void recognise(
    struct ids_text *t, const char *text, size_t len, bool is_end, size_t *ret_used)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t skip = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
	size_t blank = skip;

	*ret_used = 0;
	while (blank < len && text[blank] && strchr(" \t\r\n", text[blank]))
		blank++;
	if (!is_end && (blank == len || !memchr(text + blank, '\n', len - blank)))
		return;
	*ret_used = skip;
	t->kind = IDS_LINES;
	if (blank < len && text[blank] == '[') {
		t->kind = IDS_ARRAY;
		*ret_used = blank;
	} else if (idtext_table(text, len, &blank, &t->table)) {
		t->kind = IDS_TABLE;
		t->number = 1; /* the heading */
		*ret_used = blank;
	}
}

enum err_kind ids_text_read(struct ids_text *t, const char *text, size_t len, bool is_end,
    size_t *ret_used, struct err *err)
{
	size_t head = 0, used = 0;
	enum err_kind kind = ERR_OK;

	if (t->kind == IDS_UNSEEN)
		recognise(t, text, len, is_end, &head);
	text += head;
	len -= head;
	if (t->kind == IDS_TABLE) {
		kind = read_rows(t, text, len, is_end, &used, err);
	} else if (t->kind == IDS_LINES) {
		kind = read_lines(t, text, len, is_end, &used, err);
	} else if (t->kind == IDS_ARRAY && is_end) {
		kind = read_json(t->reader, text, len, err);
		used = len;
	}
	*ret_used = head + used;
	return kind;
}
