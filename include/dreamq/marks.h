/*
 * marks.h - what people say of tasks, for themselves: tags, a note, a rating. Kept in the
 * ledger; nothing of it is sent. A task that is forgotten takes it along.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	DQ_RATING_REJECTED = -1,
	DQ_RATING_MAX = 5, /* the best; 0: none */
};

struct dq_mark {
	size_t size_bytes;
	/*
	 * Tags, of up to 64 bytes, without blanks and commas, not beginning with '+' or
	 * '-'; case and width of letters don't count. A task has at most 50.
	 */
	const char *const *add, *const *remove;
	size_t n_add, n_remove;
	const char *note; /* NULL: as it is; "": none; up to 16 KiB */
	bool has_rating;
	int rating; /* DQ_RATING_REJECTED to DQ_RATING_MAX */
};
/*
 * Write it, durably, all of it or nothing. DQ_USAGE: a tag, a note or a rating that is
 * none. DQ_FAILED: the ledger has no such task.
 */
DQ_API enum dq_status dq_mark(
    struct dq *dq, const char *id, const struct dq_mark *mark, struct dq_error *err);

/* Tell the tags of the profile, sorted, and on how many tasks each is. */
DQ_API enum dq_status dq_tags(struct dq *dq,
    void (*on_tag)(void *payload, const char *tag, int64_t n_tasks), void *payload,
    struct dq_error *err);

#ifdef __cplusplus
}
#endif
