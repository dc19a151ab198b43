/*
 * ids.c - dq_ids: task ids in the order given, each once, from arguments and
 * from texts (ids_text.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "core/verbs/ids_impl.h"
#include "dreamq/ids.h"
#include "model/taskid.h"

enum {
	IDS_SHOWN_MAX = 80, /* bytes of a bad id in a message */
};

struct dq_ids {
	char **list;
	size_t len, room;
	size_t *buckets; /* open addressing: place in list, +1; 0 free */
	size_t n_buckets; /* a power of two, at least twice len */
};

/* Computes FNV-1a. An attacker who chooses ids only slows down himself. */
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

ANALYZER_LOSES_SIGHT
static bool grow(struct dq_ids *ids)
{
	size_t room = ids->room, n_buckets = ids->n_buckets ? ids->n_buckets : 2;
	size_t *buckets;

	if (!ARRAY_RESERVE(ids->list, room, ids->len + 1))
		return false;
	while (n_buckets < 2 * room)
		n_buckets *= 2;
	buckets = calloc(n_buckets, sizeof(*buckets));
	if (!buckets)
		return false;
	free(ids->buckets);
	ids->buckets = buckets;
	ids->n_buckets = n_buckets;
	ids->room = room;
	for (size_t i = 0; i < ids->len; i++)
		*bucket_of(ids, ids->list[i]) = i + 1;
	return true;
}

enum err_kind ids_insert(struct dq_ids *ids, const char *id, struct err *err)
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

ANALYZER_SEES_AGAIN

enum err_kind ids_refuse(const char *text, struct err *err)
{
	char shown[IDS_SHOWN_MAX];

	(void)snprintf(shown, sizeof(shown), "%s", text);
	text_make_printable(shown);
	return err_set(err, ERR_USAGE,
	    "'%s' is no task id (1 to 64 of letters, digits, '_' and '-')", shown);
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

/* --- the public form ------------------------------------------------------------- */

static enum err_kind read_whole(
    const struct ids_reader *reader, const char *text, size_t len, struct err *err)
{
	struct ids_text t = { .reader = reader };
	size_t used;

	return ids_text_read(&t, text, len, true, &used, err);
}

static void keep_first(void *payload, const struct dq_error *error)
{
	struct dq_error *first = payload;

	if (!first->status)
		*first = *error;
}

enum dq_status dq_ids_add(
    struct dq_ids *ids, const char *id, const char *where, struct dq_error *ret_error)
{
	struct dq_error first = { 0 };
	struct err err = { 0 };
	const struct ids_reader reader = { ids, where, true, keep_first, &first };
	const size_t before = ids->len;

	if (read_whole(&reader, id, strlen(id), &err))
		return session_fail(&err, ret_error);
	if (!first.status && (ids->len > before || id[strspn(id, " \t\r\n")]))
		return DQ_OK;
	if (first.status) {
		if (ret_error)
			*ret_error = first;
		return first.status;
	}
	(void)ids_refuse(id, &err);
	if (where)
		(void)err_note(&err, "%s", where);
	return session_fail(&err, ret_error);
}

/* NOLINTNEXTLINE(readability-function-size): the public form, frozen */
enum dq_status dq_ids_add_text(struct dq_ids *ids, const char *text, size_t len,
    const char *name, void (*on_bad)(void *payload, const struct dq_error *error),
    void *payload, struct dq_error *ret_error)
{
	const struct ids_reader reader = { ids, name, false, on_bad, payload };
	struct err err = { 0 };

	if (len > IDS_TEXT_MAX) {
		err_set(&err, ERR_USAGE, "%s is larger than %d MiB", name,
		    IDS_TEXT_MAX >> 20);
		return session_fail(&err, ret_error);
	}
	return read_whole(&reader, text, len, &err) ? session_fail(&err, ret_error)
						    : DQ_OK;
}

struct window {
	char *bytes;
	size_t len, room;
};

static void window_release(struct window *window)
{
	free(window->bytes);
}

/* What is too long for it makes it wider. */
static enum err_kind make_room(struct window *window, const char *name, struct err *err)
{
	const size_t room = window->room ? 2 * window->room : IDS_PIECE;
	char *wider;

	if (window->bytes && window->len < window->room)
		return ERR_OK;
	if (room > IDS_TEXT_MAX) {
		err_set(err, ERR_USAGE,
		    "%s is an array, or has a line or an object, of more than %d MiB",
		    name, IDS_TEXT_MAX >> 20);
		return ERR_USAGE;
	}
	wider = realloc(window->bytes, room);
	if (!wider) {
		err_set(err, ERR_NOMEM, "out of memory for %s", name);
		return ERR_NOMEM;
	}
	window->bytes = wider;
	window->room = room;
	return ERR_OK;
}

/* Until it is full, or nothing more comes. */
static enum err_kind fill(struct window *window, const struct dq_ids_source *source,
    bool *ret_is_end, struct err *err)
{
	size_t n = 1;

	while (window->len < window->room && n > 0) {
		if (source->read(source->payload, window->bytes + window->len,
			window->room - window->len, &n))
			return err_set(err, ERR_IO, "%s can't be read", source->name);
		window->len += n;
	}
	*ret_is_end = n == 0;
	return ERR_OK;
}

static enum err_kind read_stream(
    struct ids_text *t, const struct dq_ids_source *source, struct err *err)
{
	_cleanup_(window_release) struct window window = { 0 };
	size_t total = 0, used;
	bool is_end = false;

	while (!is_end) {
		if (make_room(&window, source->name, err) ||
		    fill(&window, source, &is_end, err) ||
		    ids_text_read(t, window.bytes, window.len, is_end, &used, err))
			return err->kind;
		window.len -= used;
		memmove(window.bytes, window.bytes + used, window.len);
		total += used;
		if (total > IDS_STREAM_MAX)
			return err_set(err, ERR_USAGE, "%s is larger than %d MiB",
			    source->name, IDS_STREAM_MAX >> 20);
	}
	return ERR_OK;
}

enum dq_status dq_ids_add_stream(
    struct dq_ids *ids, const struct dq_ids_source *given, struct dq_error *ret_error)
{
	struct dq_ids_source source;
	struct ids_reader reader = { .ids = ids };
	struct ids_text t = { .reader = &reader };
	struct err err = { 0 };

	given_take(&source, sizeof(source), given);
	reader.name = source.name;
	reader.on_bad = source.on_bad;
	reader.payload = source.payload;
	return read_stream(&t, &source, &err) ? session_fail(&err, ret_error) : DQ_OK;
}

size_t dq_ids_count(const struct dq_ids *ids)
{
	return ids->len;
}

const char *const *dq_ids_list(const struct dq_ids *ids)
{
	return (const char *const *)ids->list;
}
