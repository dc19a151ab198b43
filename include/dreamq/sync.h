/*
 * sync.h - everything that an account ever made, wherever it was made, brought home.
 * Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_sync {
	size_t size_bytes;
	struct dq_get get; /* as of dq_get(); .wait.any is ignored */
	const char *kind; /* "image", "video", "audio": only those; NULL: all */
	int64_t since_unix_ms; /* made then or later; 0: all */
	size_t limit; /* at most so many new tasks, the newest; 0: all */
	/* Tell a TASK event for each that is new, and do no more: no task is taken into
	 * the ledger, and nothing is fetched. */
	bool dry_run;
	/* Walk through all of the history, also what a former walk has seen. */
	bool full;
};
struct dq_synced {
	size_t
	    listed; /* tasks on the pages, each as often as the service has listed it */
	size_t adopted; /* new to the ledger (dry_run: they would be) */
	size_t files; /* stored by this run */
	uint64_t bytes; /* of downloads */
	uint64_t requests; /* to the API */
};
/*
 * Walk through all that the service lists of the account, page by page, take each task
 * into the ledger, and fetch its files; also go on with what was left unfinished. It may
 * be ended at any moment: the next call goes on from there, and none is lost or skipped.
 * Once all was seen, a call asks for what is new (mostly one request a listing), and
 * looks back a bit, because the service shows some tasks late.
 *
 * DQ_OK: every file that exists is stored; a task of the history that failed is told, and
 * no failure of the call. DQ_RUNNING, too: the waiting time ended before all was seen.
 * DQ_CONTRACT: pages that lead nowhere; what could be seen was taken in. DQ_USAGE: the
 * service can't list what an account has. `ret_synced` may be NULL; it is filled whatever
 * the status.
 */
DQ_API enum dq_status dq_sync(struct dq *dq, const struct dq_sync *sync,
    struct dq_synced *ret_synced, struct dq_error *err);

#ifdef __cplusplus
}
#endif
