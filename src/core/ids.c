/*
 * ids.c - dq_ids: task ids in the order given, each once, from arguments and
 * from texts. What we print is read again: rows, --json, export, paths, addresses
 * (idtext.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "core/idtext.h"
#include "core/session.h"
#include "dreamq/dreamq.h"
#include "model/taskid.h"

enum {
	IDS_TEXT_MAX = 64 << 20, /* bytes */
	IDS_JSON_MAX = 1000000, /* elements */
	IDS_SHOWN_MAX = 80, /* bytes of a bad id in a message */
};

struct dq_ids {
	char **list;
	size_t len, room;
	size_t *buckets; /* open addressing: place in list, +1; 0 free */
	size_t n_buckets; /* a power of two, at least twice len */
};

/* FNV-1a. An attacker who chooses ids only slows down himself. */
static size_t hash_of(const char *id)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 0x100000001b3U;
	return (size_t)(hash ^ (hash >> 32));
}

/* The bucket of `id`, or the free one where it would go. */
static size_t *bucket_of(struct dq_ids *ids, const char *id)
{
	const size_t mask = ids->n_buckets - 1;
	size_t i = hash_of(id) & mask;

	while (ids->buckets[i] && strcmp(ids->list[ids->buckets[i] - 1], id) != 0)
		i = (i + 1) & mask;
	return &ids->buckets[i];
}

/* The analyzer of gcc 12 loses sight of what is stored in an array that moves. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static bool grow(struct dq_ids *ids)
{
	const size_t room = ids->room ? ids->room * 2 : 64;
	char **list = realloc(ids->list, room * sizeof(*list));
	size_t *buckets;

	if (!list)
		return false;
	ids->list = list;
	buckets = calloc(room * 2, sizeof(*buckets));
	if (!buckets)
		return false;
	free(ids->buckets);
	ids->buckets = buckets;
	ids->n_buckets = room * 2;
	ids->room = room;
	for (size_t i = 0; i < ids->len; i++)
		*bucket_of(ids, ids->list[i]) = i + 1;
	return true;
}

static enum err_kind insert(struct dq_ids *ids, const char *id, struct err *err)
{
	size_t *bucket;
	char *copy;

	if (ids->len == ids->room && !grow(ids))
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", ids->len);
	bucket = bucket_of(ids, id);
	if (*bucket)
		return ERR_OK;
	copy = strdup(id);
	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", ids->len);
	ids->list[ids->len++] = copy;
	*bucket = ids->len;
	return ERR_OK;
}

#ifndef __clang__
#pragma GCC diagnostic pop
#endif

static enum err_kind refuse(const char *text, const char *where, struct err *err)
{
	char shown[IDS_SHOWN_MAX];

	(void)snprintf(shown, sizeof(shown), "%s", text);
	text_make_printable(shown);
	return err_set(err, ERR_USAGE,
	    "%s: '%s' is no task id (1 to 64 of letters, digits, '_' and '-')", where,
	    shown);
}

enum dq_status dq_ids_new(struct dq_ids **ret_ids, struct dq_error *ret_error)
{
	struct dq_ids *ids = calloc(1, sizeof(*ids));
	struct err err;

	if (!ids) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return session_fail(&err, ret_error);
	}
	*ret_ids = ids;
	return DQ_OK;
}

void dq_ids_free(struct dq_ids *ids)
{
	if (!ids)
		return;
	for (size_t i = 0; i < ids->len; i++)
		free(ids->list[i]);
	free(ids->list);
	free(ids->buckets);
	free(ids);
}

/* Where the good ids go, and whom to tell of the bad ones. */
struct reader {
	struct dq_ids *ids;
	const char *name;
	bool is_argument; /* which is no file, and has no lines to name */
	void (*on_bad)(void *payload, const char *message);
	void *payload;
};

/* A bad one is told, and is no error. */
static enum err_kind tell_bad(const struct reader *reader, const char *text,
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
	(void)refuse(text, where, err);
	if (reader->on_bad)
		reader->on_bad(reader->payload, err->msg);
	return ERR_OK;
}

static enum err_kind take(void *payload, const char *id, struct err *err)
{
	return insert(payload, id, err);
}

/* ERR_OK also for a bad one, which was told; else trouble of our own. */
static enum err_kind read_one(const struct reader *reader, const char *text,
    const char *unit, size_t number, struct err *err)
{
	const struct idtext_taker taker = { take, reader->ids };
	_cleanup_free_ char *copy = strdup(text);
	size_t n = 0;

	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (taskid_is_valid(text))
		return insert(reader->ids, text, err);
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
    const struct reader *reader, const char *text, size_t len, struct err *err)
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

static enum err_kind read_object(const struct reader *reader, const char *text,
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
		return *id ? insert(reader->ids, id, err) : ERR_OK;
	copy = copy_line(text, len);
	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	/* Not JSON, but braces around something that is known? */
	return read_one(reader, copy, "line", number, err);
}

/* --- tables and lines
 * ------------------------------------------------------------------- */

static enum err_kind read_rows(const struct reader *reader,
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

static enum err_kind read_line(const struct reader *reader, const char *text, size_t len,
    size_t number, struct err *err)
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
    const struct reader *reader, const char *text, size_t len, struct err *err)
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

static enum err_kind read_text(
    const struct reader *reader, const char *text, size_t len, struct err *err)
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

/* --- the public form
 * ---------------------------------------------------------------------- */

static void keep_first(void *payload, const char *message)
{
	struct err *first = payload;

	if (!first->kind)
		(void)err_set(first, ERR_USAGE, "%s", message);
}

enum dq_status dq_ids_add(
    struct dq_ids *ids, const char *id, const char *where, struct dq_error *ret_error)
{
	struct err err = { 0 }, first = { 0 };
	const struct reader reader = { ids, where, true, keep_first, &first };
	const size_t before = ids->len;

	if (read_text(&reader, id, strlen(id), &err))
		return session_fail(&err, ret_error);
	if (!first.kind && (ids->len > before || id[strspn(id, " \t\r\n")]))
		return DQ_OK;
	if (!first.kind)
		(void)refuse(id, where, &first);
	return session_fail(&first, ret_error);
}

/* NOLINTNEXTLINE(readability-function-size): the public form, frozen */
enum dq_status dq_ids_add_text(struct dq_ids *ids, const char *text, size_t len,
    const char *name, void (*on_bad)(void *payload, const char *message), void *payload,
    struct dq_error *ret_error)
{
	const struct reader reader = { ids, name, false, on_bad, payload };
	struct err err = { 0 };

	if (len > IDS_TEXT_MAX) {
		err_set(&err, ERR_USAGE, "%s is larger than %d MiB", name,
		    IDS_TEXT_MAX >> 20);
		return session_fail(&err, ret_error);
	}
	return read_text(&reader, text, len, &err) ? session_fail(&err, ret_error)
						   : DQ_OK;
}

size_t dq_ids_count(const struct dq_ids *ids)
{
	return ids->len;
}

const char *const *dq_ids_list(const struct dq_ids *ids)
{
	return (const char *const *)ids->list;
}
