/*
 * ids_impl.h - what ids.c, the set, and ids_text.c, the reading of texts, share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { IDS_TEXT_MAX = 64 << 20 /* bytes */ };

struct dq_ids;

/* Once each, at the end. `id` is valid, and copied. */
enum err_kind ids_insert(struct dq_ids *ids, const char *id, struct err *err);
/* ERR_USAGE, in words. */
enum err_kind ids_refuse(const char *text, const char *where, struct err *err);

/* Where the good ids go, and whom to tell of the bad ones. */
struct ids_reader {
	struct dq_ids *ids;
	const char *name;
	bool is_argument; /* which is no file, and has no lines to name */
	void (*on_bad)(void *payload, const char *message);
	void *payload;
};

/* Bad ones are told, and are no error. */
enum err_kind ids_read_text(
    const struct ids_reader *reader, const char *text, size_t len, struct err *err);
