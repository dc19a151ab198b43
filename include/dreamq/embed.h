/*
 * embed.h - copies of stored files that carry how they were made in their own metadata.
 * docs/metadata.md tells users of it. Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A stored file and its copy; borrowed until on_embedded returns. */
struct dq_embedded {
	const char *submit_id;
	int index;
	const char *from; /* absolute */
	const char *to; /* absolute; NULL: there is no copy */
	const char *state; /* "made", "there" (it was already), "failed" */
	const char *text; /* why it failed, in English; NULL */
	const char *shown; /* the same in the language of the program */
};
struct dq_embed_counts {
	size_t made, there;
	size_t failed; /* and tasks that have no such file, which a note tells of */
};
struct dq_embed {
	size_t size_bytes;
	const char *sink; /* where the copies go: not NULL */
	/* NULL: as the stored file is called, without its folders; else as that of
	 * dq_get.
	 */
	const char *name_template;
	bool windows_filenames; /* names.h */
	const char *const *ids;
	size_t n;
	const int *indexes; /* files at these places (from 0); NULL: at any */
	size_t n_indexes;
	void (*on_embedded)(void *payload, const struct dq_embedded *embedded);
	void *payload;
};
/*
 * Copy the stored files of these tasks, with prompt and parameters in the copies: pixels
 * and sound are the same to the bit, and the stored files stay as they are. Nothing is
 * replaced: a name that is taken gets the lowest number that is free, and a copy of the
 * same bytes that is there is taken for it. A copy has its name when it is complete and
 * durable. DQ_FAILED: of one of the tasks no file is stored, or the kind of a file can't
 * carry them; DQ_STORAGE: the disk, or a file is not what was stored.
 */
DQ_API enum dq_status dq_embed(struct dq *dq, const struct dq_embed *embed,
    struct dq_embed_counts *ret_counts, struct dq_error *err);

#ifdef __cplusplus
}
#endif
