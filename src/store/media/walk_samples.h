/*
 * walk_samples.h - where, by the tables of a film or picture, its last byte lies. For
 * walk_box.c only.
 */
#pragma once

#include <stdbool.h>

#include "store/media/source.h"

struct box {
	uint64_t at, body, end;
	char type[4];
	bool is_open; /* it says: to the end of the file */
};

/* The boxes of one stbl; `end` 0: not there. */
struct sample_tables {
	struct box chunks, runs, sizes;
};

void samples_note(struct sample_tables *tables, const struct box *box);
/*
 * Behind the last sample of the last chunk; 0: no chunk. Not exact: it may lie further.
 */
enum err_kind samples_end(struct source *source, const struct sample_tables *tables,
    uint64_t *ret_end, bool *ret_is_exact, struct err *err);
/* iloc: behind the item that lies last in the file; 0: it does not say. */
enum err_kind items_end(
    struct source *source, const struct box *box, uint64_t *ret_end, struct err *err);
/* sidx: behind the last fragment. */
enum err_kind fragments_end(
    struct source *source, const struct box *box, uint64_t *ret_end, struct err *err);
