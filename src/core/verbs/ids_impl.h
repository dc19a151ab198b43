/*
 * ids_impl.h - what ids.c, the set, and ids_text.c, the reading of texts, share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "core/verbs/idtext.h"
#include "dreamq/ids.h"

enum {
	IDS_TEXT_MAX = 64 << 20, /* bytes: of a text, or of what must be there at once */
	IDS_STREAM_MAX = 1 << 30, /* bytes */
	IDS_PIECE = 256 << 10, /* bytes */
};

struct dq_ids;

/* Once each, at the end. `id` is valid, and copied. */
enum err_kind ids_insert(struct dq_ids *ids, const char *id, struct err *err);
/* Says ERR_USAGE in words. */
enum err_kind ids_refuse(const char *text, struct err *err);
/* Says why a text names no task; of an address without what may be a signature. */
void ids_explain(const char *text, struct err *err);

/* Where the good ids go, and whom to tell of the bad ones. */
struct ids_reader {
	struct dq_ids *ids; /* NULL: who looks for tasks in a text takes them */
	/* Then: one of them, or what is none, in this line or row. */
	enum err_kind (*take)(void *payload, const char *id, const char *unit,
	    size_t number, struct err *err);
	enum err_kind (*pass_over)(void *payload, const char *text, const char *unit,
	    size_t number, struct err *err);
	const char *name;
	bool is_argument; /* which is no file, and has no lines to name */
	void (*on_bad)(void *payload, const struct dq_error *error);
	void *payload;
};

/* A text that is being read, in pieces or whole. Zeroed, but for the reader. */
struct ids_text {
	const struct ids_reader *reader;
	enum { IDS_UNSEEN, IDS_LINES, IDS_TABLE, IDS_ARRAY } kind;
	struct idtext_table table;
	size_t number; /* of the last line or row */
	bool has_open_end; /* some object had no end: none is looked for again */
};

/*
 * Read on. *ret_used bytes are done with; the others are to be there again, with more
 * behind them. is_end: nothing is behind them. Bad ids are told, and are no error.
 */
enum err_kind ids_text_read(struct ids_text *t, const char *text, size_t len, bool is_end,
    size_t *ret_used, struct err *err);
/* Reads a text that comes in pieces; `t` is new. */
enum err_kind ids_text_stream(
    struct ids_text *t, const struct dq_ids_source *source, struct err *err);
