/*
 * sidecar.h - what is written beside each stored file, in the forms that are wanted
 * (core/sidecar/forms.h): without links (they are secrets and die anyway), with the paths
 * of this run's folder only.
 *
 *   a file is durable under its name ──► its sidecar ──► ledger: stored ──► --exec
 *   the last one of its task ──► those of all, before the ledger has the task complete
 *   the end of the task in this run ──► those of all, also of files that were here before
 *
 * So whoever is killed leaves a file that is not stored in the ledger, or sidecars that
 * are complete. What says the same already is left alone; a file of that name which does
 * not speak of the task is somebody else's. Each is written durably, and never names a
 * file that is not.
 *
 * Loop's thread only; the disk is left to workers, one of them for one task.
 */
#pragma once

#include "base/err.h"
#include "model/task.h"

struct downloads;
struct sidecars;
typedef void sidecar_then(void *payload, const struct err *why);

/* Makes those for the files of `downloads`, which lives longer; `forms`: the bits of
 * them. ERR_NOMEM. */
enum err_kind sidecars_new(struct downloads *downloads, unsigned forms,
    struct sidecars **ret_sidecars, struct err *err);
void sidecars_free(struct sidecars *sidecars); /* after workers_free() */

/*
 * `asset` of `task` is durable under its name, and the task says that it is stored. Calls
 * then() when its sidecar is there, or can't be, because of *why (else ERR_OK): that is
 * told at the task's end.
 */
void sidecar_post(struct sidecars *sidecars, const struct task *task,
    const struct asset *asset, sidecar_then *then, void *payload);
/* The task has ended for this run: the ledger tells what its sidecars say. */
void sidecars_renew(struct sidecars *sidecars, const char *submit_id);
void sidecars_step(struct sidecars *sidecars); /* begin what can begin */
bool sidecars_are_busy(const struct sidecars *sidecars);
