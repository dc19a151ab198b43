/*
 * prune.h - what is over and old goes out of the ledger, and if wanted its files, too.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why a task stays that would go by its age or its files. */
enum dq_kept {
	DQ_KEPT_UNFINISHED, /* it has not ended, or files of it are still to be had */
	DQ_KEPT_KEY, /* it has an idempotency key, which would pay once more then */
	DQ_KEPT_MARKED, /* it has tags, a note or a rating */
	DQ_KEPT_ALTERED, /* a file is no longer what was stored; only with `files` */
	DQ_KEPT_AWAY, /* what its files lie in is not there: a disk that is not mounted?
		       */
	DQ_KEPT_COUNT,
};

struct dq_prune {
	size_t size_bytes;
	int64_t older_than_ms; /* ended so long ago, or longer; 0: whenever */
	bool gone; /* of those only tasks that had files, none of which is there any more
		    */
	bool files; /* remove the stored files, too: those that are what was stored, and
		       that no other row has; their sidecars go with them */
	bool keys; /* also tasks with an idempotency key */
	bool dry_run; /* only count */
};
struct dq_pruned {
	size_t tasks, files; /* that went; or that would */
	uint64_t bytes; /* of these files */
	size_t kept[DQ_KEPT_COUNT];
};
/*
 * Remove the profile's tasks that are over. A TASK event for each that goes. Files go
 * first, then their task, durably: whoever is killed runs it again. DQ_USAGE: neither
 * older_than_ms nor gone is set. DQ_STORAGE: a file can't be read or removed; what went
 * before is counted.
 */
DQ_API enum dq_status dq_prune(struct dq *dq, const struct dq_prune *prune,
    struct dq_pruned *ret_pruned, struct dq_error *err);

#ifdef __cplusplus
}
#endif
