/*
 * ids_text.c - task ids out of whole texts. What we print is read again: rows, --json,
 * export, paths, addresses (idtext.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "core/ids_impl.h"
#include "core/idtext.h"
#include "model/taskid.h"

enum { IDS_JSON_MAX = 1000000 /* elements */ };

/* A bad one is told, and is no error. */
static enum err_kind tell_bad(const struct ids_reader *reader, const char *text,
    const char *unit, size_t number, struct err *err)
{
	_cleanup_free_ char *where = NULL;
	const int len = reader->is_argument
	    ? asprintf(&where, "%s", reader->name)
	    : asprintf(&where, "%s, %s %zu", reader->name, unit, number);

	if (len < 0) {
		where = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	(void)ids_refuse(text, where, err);
	if (reader->on_bad)
		reader->on_bad(reader->payload, err->msg);
	return ERR_OK;
}

static enum err_kind take(void *payload, const char *id, struct err *err)
{
	return ids_insert(payload, id, err);
}

/* ERR_OK also for a bad one, which was told; else trouble of our own. */
static enum err_kind read_one(const struct ids_reader *reader, const char *text,
    const char *unit, size_t number, struct err *err)
{
	const struct idtext_taker taker = { take, reader->ids };
	_cleanup_free_ char *copy = strdup(text);
	size_t n = 0;

	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (taskid_is_valid(text))
		return ids_insert(reader->ids, text, err);
	if (idtext_line(copy, &taker, &n, err))
		return err->kind;
	return n > 0 ? ERR_OK : tell_bad(reader, text, unit, number, err);
}

/* --- JSON -----------------------------------------------------------------------------
 */

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
	cJSON_ArrayForEach(element, array)
	{
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
		if (read_one(reader, id, "element", number, err))
			return err->kind;
	}
	return ERR_OK;
}

/* Malloc'ed, NUL-terminated. A NUL inside becomes what no id has and no terminal sees. */
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
		return *id ? ids_insert(reader->ids, id, err) : ERR_OK;
	copy = copy_line(text, len);
	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	/* Not JSON, but braces around something that is known? */
	return read_one(reader, copy, "line", number, err);
}

/* --- tables and lines
 * ------------------------------------------------------------------- */

static enum err_kind read_rows(const struct ids_reader *reader,
    const struct idtext_table *table, const char *text, size_t len, struct err *err)
{
	size_t at = 0, number = 1; /* the heading was the first */

	while (at < len) {
		_cleanup_free_ char *id = NULL;

		if (!idtext_row(table, text, len, &at, &id))
			return err_set(err, ERR_NOMEM, "out of memory");
		number++;
		if (*id && read_one(reader, id, "row", number, err))
			return err->kind;
	}
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
	return trim(&line) ? read_one(reader, line, "line", number, err) : ERR_OK;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* An object may reach over lines; what is behind it is of no interest. */
static enum err_kind read_lines(
    const struct ids_reader *reader, const char *text, size_t len, struct err *err)
{
	bool has_open_end = false; /* some object had no end: none is looked for again */
	size_t number = 0;

	for (size_t at = 0; at < len;) {
		const char *stop = memchr(text + at, '\n', len - at);
		const size_t end = stop ? (size_t)(stop - text) : len;
		size_t blank = 0, object = 0;
		bool is_object;

		number++;
		while (at + blank < end && strchr(" \t\r", text[at + blank]) &&
		    text[at + blank])
			blank++;
		is_object = at + blank < end && text[at + blank] == '{';
		if (is_object)
			object = idtext_object(
			    text + at + blank, (has_open_end ? end : len) - at - blank);
		has_open_end = has_open_end || (is_object && object == 0);
		if (object == 0) {
			if (read_line(reader, text + at, end - at, number, err))
				return err->kind;
			at = end + 1;
			continue;
		}
		if (read_object(reader, text + at + blank, object, number, err))
			return err->kind;
		number += count_lines(text + at, blank + object);
		at += blank + object;
		stop = memchr(text + at, '\n', len - at);
		at = stop ? (size_t)(stop - text) + 1 : len;
	}
	return ERR_OK;
}

enum err_kind ids_read_text(
    const struct ids_reader *reader, const char *text, size_t len, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct idtext_table table;
	size_t blank;

	if (len >= 3 && memcmp(text, mark, 3) == 0) {
		text += 3;
		len -= 3;
	}
	for (blank = 0; blank < len && strchr(" \t\r\n", text[blank]) && text[blank];)
		blank++;
	if (blank < len && text[blank] == '[')
		return read_json(reader, text + blank, len - blank, err);
	if (idtext_table(text, len, &blank, &table))
		return read_rows(reader, &table, text + blank, len - blank, err);
	return read_lines(reader, text, len, err);
}
