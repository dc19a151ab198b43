/*
 * ids.h - sets of ids, and reading them out of what people and programs have: arguments,
 * lists, tables, JSON, what dreamq itself prints.
 *
 * A set is in order and has no duplicates. It belongs to no session, and to one thread.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_ids;
/* Make an empty set, which the caller frees. */
DQ_API enum dq_status dq_ids_new(struct dq_ids **ret_ids, struct dq_error *err);
DQ_API void dq_ids_free(struct dq_ids *ids); /* NULL is fine */
/*
 * Add what `id` names: an id, a list with commas, what dreamq prints (rows, --json,
 * export, paths), or an address. DQ_USAGE names what has no id, with `where` ("argument
 * 2"; or NULL) in front.
 */
DQ_API enum dq_status dq_ids_add(
    struct dq_ids *ids, const char *id, const char *where, struct dq_error *err);
/*
 * Add the ids of a text of `len` bytes. It has what dq_ids_add() takes in each line, with
 * '#' comments and blank lines; or it is a JSON array, objects with "submit_id", or a
 * table (CSV) whose heading has "submit_id". A bad line is told to on_bad, as a sentence
 * with `name` and its number, and the rest go on. DQ_USAGE: the text as a whole can't be
 * read (broken JSON, over 64 MiB).
 */
DQ_API enum dq_status dq_ids_add_text(struct dq_ids *ids, const char *text, size_t len,
    const char *name, void (*on_bad)(void *payload, const struct dq_error *error),
    void *payload, struct dq_error *err);
struct dq_ids_source {
	size_t size_bytes;
	const char *name; /* of the text, for messages */
	/* Write up to `room` bytes, none at the end; other than 0: it can't be read. */
	int (*read)(void *payload, char *into, size_t room, size_t *ret_n);
	void (*on_bad)(void *payload, const struct dq_error *error);
	void *payload;
};
/*
 * Add the ids of such a text that comes in pieces, of at most 1 GiB. Only an array, or
 * one object or line, is held as a whole, and may have 64 MiB. DQ_STORAGE: `read` failed.
 */
DQ_API enum dq_status dq_ids_add_stream(
    struct dq_ids *ids, const struct dq_ids_source *source, struct dq_error *err);
DQ_API size_t dq_ids_count(const struct dq_ids *ids);
/* Return the ids, dq_ids_count() of them; they are the set's, until it changes. */
DQ_API const char *const *dq_ids_list(const struct dq_ids *ids);

#ifdef __cplusplus
}
#endif
