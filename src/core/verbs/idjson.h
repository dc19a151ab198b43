/*
 * idjson.h - tasks out of JSON that programs wrote about them, however large: answers and
 * requests of the service, what its command lines print, what dreamq prints, and a record
 * of a browser's traffic (HAR), whose bodies are JSON texts themselves. It comes in
 * pieces, and nothing is kept but what is told. Pure.
 *
 * A task is an object with an id under a name that the service, its command lines or
 * dreamq have for it ("submit_id", "submitId", "history_record_id" ...), or one that has
 * an id as its key below "data" and looks like a record; or else a text in an array
 * "submit_ids". Of a HAR only the bodies count, and only those of requests to the
 * service; headers and cookies are passed over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What is said of a task; borrowed until take() returns. */
struct idjson_task {
	const char *submit_id, *history_id; /* valid, or NULL; not both are */
	const char *prompt, *model; /* NULL unknown */
	const char *state, *type; /* words of whoever wrote it; NULL unknown */
	int64_t credits; /* -1 unknown */
	int64_t created_unix_ms; /* 0 unknown */
	size_t number; /* of the entry, element or value, from 1 */
};

struct idjson_taker {
	/* The same task may be told several times, with more or less of it. */
	enum err_kind (*take)(
	    void *payload, const struct idjson_task *task, struct err *err);
	/* A text that is an element of the outermost array; may be an id, or not. */
	enum err_kind (*take_text)(
	    void *payload, const char *text, size_t number, struct err *err);
	/* An element of the outermost array that has no id in it. */
	enum err_kind (*pass_over)(void *payload, size_t number, struct err *err);
	/*
	 * An entry of a HAR has ended; what was taken since the last one counts, or not:
	 * it was no request to the service.
	 */
	void (*settle)(void *payload, bool is_ours);
	void *payload;
};

/* Is a member of this name an id of a task? */
bool idjson_is_id_name(const char *name);

struct idjson;
/* NULL: no memory. `taker` is borrowed. */
struct idjson *idjson_new(const struct idjson_taker *taker);
void idjson_free(struct idjson *reader);
void idjson_freep(struct idjson **reader);
/* ERR_CONTRACT: no JSON from here on; what was told stays. */
enum err_kind idjson_add(
    struct idjson *reader, const char *bytes, size_t len, struct err *err);
/* ERR_CONTRACT: it is cut. */
enum err_kind idjson_end(struct idjson *reader, struct err *err);
/* Begin anew; *text is `number`, and is a whole. */
enum err_kind idjson_whole(
    struct idjson *reader, const char *text, size_t len, size_t number, struct err *err);
/* Is it a HAR; how many requests had it, and how many of these were to the service? */
bool idjson_is_har(const struct idjson *reader, size_t *ret_entries, size_t *ret_ours);
