/*
 * ids.c - dq_ids: task ids in the order given, each once, from arguments and
 * from texts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
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

static enum err_kind add(
    struct dq_ids *ids, const char *id, const char *where, struct err *err)
{
	char shown[IDS_SHOWN_MAX];

	if (taskid_is_valid(id))
		return insert(ids, id, err);
	(void)snprintf(shown, sizeof(shown), "%s", id);
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

enum dq_status dq_ids_add(
    struct dq_ids *ids, const char *id, const char *where, struct dq_error *ret_error)
{
	struct err err;

	return add(ids, id, where, &err) ? session_fail(&err, ret_error) : DQ_OK;
}

/* Where the good ids go, and whom to tell of the bad ones. */
struct reader {
	struct dq_ids *ids;
	const char *name;
	void (*on_bad)(void *payload, const char *message);
	void *payload;
};

/* ERR_OK also for a bad id, which was told; else trouble of our own. */
static enum err_kind read_one(const struct reader *reader, const char *id,
    const char *unit, size_t number, struct err *err)
{
	_cleanup_free_ char *where = NULL;
	enum err_kind kind;

	if (asprintf(&where, "%s, %s %zu", reader->name, unit, number) < 0) {
		where = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	kind = add(reader->ids, id, where, err);
	if (kind != ERR_USAGE)
		return kind;
	if (reader->on_bad)
		reader->on_bad(reader->payload, err->msg);
	return ERR_OK;
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
		const char *id =
		    cJSON_IsString(element) ? element->valuestring : "(not a string)";

		if (++number > IDS_JSON_MAX)
			return err_set(err, ERR_USAGE, "%s has more than %d ids",
			    reader->name, IDS_JSON_MAX);
		if (read_one(reader, id, "element", number, err))
			return err->kind;
	}
	return ERR_OK;
}

/* Cut the comment and the white space; false when nothing is left. */
static bool trim(char **line)
{
	char *end;

	(*line)[strcspn(*line, "#")] = '\0';
	*line += strspn(*line, " \t\r\v\f");
	end = *line + strlen(*line);
	while (end > *line && strchr(" \t\r\v\f", end[-1]))
		*--end = '\0';
	return **line != '\0';
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

static enum err_kind read_lines(
    const struct reader *reader, const char *text, size_t len, struct err *err)
{
	const char *const end = text + len;
	size_t number = 0;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		_cleanup_free_ char *copy = NULL;
		char *line;

		stop = stop ? stop : end;
		line = copy = copy_line(text, (size_t)(stop - text));
		if (!copy)
			return err_set(err, ERR_NOMEM, "out of memory");
		text = stop + 1;
		number++;
		if (trim(&line) && read_one(reader, line, "line", number, err))
			return err->kind;
	}
	return ERR_OK;
}

/* NOLINTNEXTLINE(readability-function-size): the public form, frozen */
enum dq_status dq_ids_add_text(struct dq_ids *ids, const char *text, size_t len,
    const char *name, void (*on_bad)(void *payload, const char *message), void *payload,
    struct dq_error *ret_error)
{
	static const char mark[] = "\xef\xbb\xbf";
	const struct reader reader = { ids, name, on_bad, payload };
	enum err_kind kind;
	struct err err;
	size_t blank;

	if (len > IDS_TEXT_MAX) {
		err_set(&err, ERR_USAGE, "%s is larger than %d MiB", name,
		    IDS_TEXT_MAX >> 20);
		return session_fail(&err, ret_error);
	}
	if (len >= 3 && memcmp(text, mark, 3) == 0) {
		text += 3;
		len -= 3;
	}
	for (blank = 0; blank < len && strchr(" \t\r\n", text[blank]) && text[blank];)
		blank++;
	if (blank < len && text[blank] == '[')
		kind = read_json(&reader, text + blank, len - blank, &err);
	else
		kind = read_lines(&reader, text, len, &err);
	return kind ? session_fail(&err, ret_error) : DQ_OK;
}

size_t dq_ids_count(const struct dq_ids *ids)
{
	return ids->len;
}

const char *const *dq_ids_list(const struct dq_ids *ids)
{
	return (const char *const *)ids->list;
}
