/*
 * ids.c - dq_ids: task ids in the order given, each once, from arguments and
 * from texts (ids_text.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "core/common/index.h"
#include "core/verbs/ids_impl.h"
#include "dreamq/ids.h"
#include "model/taskid.h"

enum {
	IDS_SHOWN_MAX = 80, /* bytes of a bad id in a message */
	PIECE_SIZE = 64000,
};

/* A piece of memory for texts: they never move, and go all at once. */
struct piece {
	struct piece *before;
	size_t used;
	char bytes[PIECE_SIZE];
};

struct dq_ids {
	const char **list;
	struct piece *pieces; /* of the list */
	size_t len, room;
	struct index index; /* of the list */
};

static const char *id_at(const void *owner, size_t place)
{
	const struct dq_ids *ids = owner;

	return ids->list[place];
}

ANALYZER_LOSES_SIGHT
/* NULL: no memory. */
static const char *copy(struct dq_ids *ids, const char *id)
{
	const size_t size = strlen(id) + 1;

	if (!ids->pieces || PIECE_SIZE - ids->pieces->used < size) {
		struct piece *more = malloc(sizeof(*more));

		if (!more)
			return NULL;
		more->before = ids->pieces;
		more->used = 0;
		ids->pieces = more;
	}
	ids->pieces->used += size;
	return memcpy(ids->pieces->bytes + ids->pieces->used - size, id, size);
}

ANALYZER_SEES_AGAIN

enum err_kind ids_insert(struct dq_ids *ids, const char *id, struct err *err)
{
	if (index_find(&ids->index, id) != INDEX_NONE)
		return ERR_OK;
	if (!index_reserve(&ids->index, ids->len + 1) ||
	    !ARRAY_RESERVE(ids->list, ids->room, ids->len + 1))
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", ids->len);
	ids->list[ids->len] = copy(ids, id);
	if (!ids->list[ids->len])
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", ids->len);
	index_add(&ids->index, id, ids->len++);
	return ERR_OK;
}

enum err_kind ids_refuse(const char *text, struct err *err)
{
	char shown[IDS_SHOWN_MAX];

	return err_set(err, ERR_USAGE,
	    "'%s' is no task id (1 to 64 of letters, digits, '_' and '-')",
	    text_copy(text, shown, sizeof(shown)));
}

/* An address is shown without what may be a signature. */
static void refuse_address(const char *text, struct err *err)
{
	static const char *const of_files[] = { "/tos-", "~tplv-", "/video/tos/" };
	const char *begin = strstr(text, "://");
	const char *end = begin + strcspn(begin, "?#\"' ");
	char shown[IDS_SHOWN_MAX];
	bool is_file = false;

	while (
	    begin > text && text_lower(begin[-1]) >= 'a' && text_lower(begin[-1]) <= 'z')
		begin--;
	for (size_t i = 0; i < sizeof(of_files) / sizeof(*of_files); i++)
		is_file = is_file || strstr(text, of_files[i]);
	(void)text_copy(begin, shown,
	    (size_t)(end - begin) < sizeof(shown) ? (size_t)(end - begin) + 1
						  : sizeof(shown));
	if (is_file)
		(void)err_set(err, ERR_USAGE,
		    "'%s' is the link of a file, and names no task", shown);
	else
		(void)err_set(
		    err, ERR_USAGE, "'%s' is an address without the id of a task", shown);
}

void ids_explain(const char *text, struct err *err)
{
	if (!*text)
		(void)err_set(err, ERR_USAGE, "there is no id in it");
	else if (strstr(text, "://"))
		refuse_address(text, err);
	else
		(void)ids_refuse(text, err);
}

enum dq_status dq_ids_new(struct dq_ids **ret_ids, struct dq_error *ret_error)
{
	struct dq_ids *ids = calloc(1, sizeof(*ids));
	struct err err;

	if (!ids) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return session_fail(&err, ret_error);
	}
	ids->index = index_make(id_at, ids);
	*ret_ids = ids;
	return DQ_OK;
}

void dq_ids_free(struct dq_ids *ids)
{
	if (!ids)
		return;
	while (ids->pieces) {
		struct piece *last = ids->pieces;

		ids->pieces = last->before;
		free(last);
	}
	free(ids->list);
	index_release(&ids->index);
	free(ids);
}

/* --- the public form --------------------------------------------------------- */

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
	const struct ids_reader reader = { .ids = ids,
		.name = where,
		.is_argument = true,
		.on_bad = keep_first,
		.payload = &first };
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
	const struct ids_reader reader = {
		.ids = ids, .name = name, .on_bad = on_bad, .payload = payload
	};
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

enum err_kind ids_text_stream(
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
	return ids_text_stream(&t, &source, &err) ? session_fail(&err, ret_error) : DQ_OK;
}

size_t dq_ids_count(const struct dq_ids *ids)
{
	return ids->len;
}

const char *const *dq_ids_list(const struct dq_ids *ids)
{
	return ids->list;
}
