/*
 * rescue.h - files whose record at the service is gone, brought home by their own names.
 * Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_rescue {
	size_t size_bytes;
	struct dq_get
	    get; /* as of dq_get(); .wait.any and .wait.interval_ms are ignored */
	/*
	 * Uris of pictures and vids of films, dq_asset.uri of some task or not; NULL: all
	 * that the ledger knows and does not have: files that are lost (unless the user
	 * has given them up), whose place is empty, or that were never fetched of a task
	 * that has ended.
	 */
	const char *const *names;
	size_t n_names;
	/*
	 * Ask and write nothing: only tell of each file that would be asked for. `name`
	 * is that at the service. May be NULL.
	 */
	bool dry_run;
	void (*on_file)(
	    void *payload, const char *submit_id, int index, const char *name);
	void *payload;
};
struct dq_rescued {
	size_t files; /* that were wanted */
	size_t stored; /* of them, now, or before */
	size_t gone; /* that the service does not have any more */
	uint64_t bytes; /* of downloads */
	uint64_t requests; /* to the API */
};
/*
 * Ask the service for links to these files, many in a request, and store what it still
 * has, as dq_get() does. No task is asked for, and no state changes. A file that no task
 * of the ledger has becomes one of its own there, whose id is "rescued-" and a hash of
 * the name; it is forgotten again when there is no such file.
 *
 * DQ_OK: every one is stored, or none was wanted. DQ_FAILED: the service does not have
 * one of them; of a file that no process stores it is noted as lost. DQ_USAGE: a name
 * can't be one, or the service can't be asked by names. `ret_rescued` may be NULL; it is
 * filled whatever the status.
 */
DQ_API enum dq_status dq_rescue(struct dq *dq, const struct dq_rescue *rescue,
    struct dq_rescued *ret_rescued, struct dq_error *err);
/* May this be the name of a file at the service of the session? DQ_USAGE: no. */
DQ_API enum dq_status dq_check_file_name(
    const struct dq *dq, const char *name, struct dq_error *err);

#ifdef __cplusplus
}
#endif
