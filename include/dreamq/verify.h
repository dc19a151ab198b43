/*
 * verify.h - the ledger compared with the disk, both ways, and what differs put right.
 * Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One thing in which they differ. */
struct dq_finding {
	/* "missing", "altered", "unknown", "leftover", "unfinished", "moved", "unjudged"
	 * (as it was stored; whether that was all of it, nothing can tell). */
	const char *what;
	const char *path; /* absolute; NULL: it has no place yet */
	const char *submit_id; /* NULL for unknown */
	int index; /* of the asset; -1 none */
	int64_t want_bytes, bytes; /* as recorded, as found; -1 none */
	bool is_repaired;
	const char *text; /* one sentence about it, in English */
	const char *shown; /* the same in the language of the program, for people */
};
struct dq_verified {
	size_t files, missing, altered, unknown, leftover, unfinished, repaired;
	uint64_t bytes; /* read and hashed */
};
struct dq_verify {
	size_t size_bytes;
	/*
	 * Also look here for unknown files, and for missing ones that were moved: those
	 * get their new place in the ledger ("moved", among the repaired).
	 * NULL-terminated; or NULL.
	 */
	const char *const *folders;
	bool repair;
	/* For the repair: jobs and waiting; the sink is where each file was. */
	struct dq_get get;
	/* May be NULL; the finding is borrowed until it returns. */
	void (*on_finding)(void *payload, const struct dq_finding *finding);
	void *payload;
	/* Change nothing, the ledger neither: what has moved is missing, and unknown. */
	bool dry_run;
};
/*
 * Compare ledger and disk, both ways: every stored file of the profile is read again.
 * `repair` fetches what is missing or altered to the place where it was (an altered file
 * is put aside, never overwritten), goes on with what is unfinished, and removes
 * leftovers. DQ_OK: everything that the ledger has stored is there, byte for byte
 * (unknown and unjudged files are told, and nobody's fault); else DQ_STORAGE, or why the
 * repair failed.
 */
DQ_API enum dq_status dq_verify(struct dq *dq, const struct dq_verify *verify,
    struct dq_verified *ret_verified, struct dq_error *err);

#ifdef __cplusplus
}
#endif
