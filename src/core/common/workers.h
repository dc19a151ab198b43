/*
 * workers.h - a few threads for work that blocks on the disk.
 *
 * A job runs on some thread (`run`), then comes back to the loop's thread:
 * workers_collect() calls `done` for every finished one, in the order they
 * finished. `wake` is called from the worker's thread after each, so that a sleeping loop
 * notices. Between post and done, a job's data belongs to the job.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct workers;

struct job {
	void (*run)(struct job *job); /* on a worker's thread */
	void (*done)(struct job *job); /* on the loop's thread */
	void (*drop)(
	    struct job *job); /* instead of `done`, at the end; NULL: nothing to free */
	struct job *next; /* the queue's */
};

enum err_kind workers_new(unsigned n_threads, void (*wake)(void *payload), void *payload,
    struct workers **ret_workers, struct err *err);
/*
 * Waits for the jobs that run, drops those that have not begun; no `done` comes any more.
 */
void workers_free(struct workers *workers);

void workers_post(struct workers *workers, struct job *job);
size_t workers_collect(struct workers *workers); /* how many came back */
size_t workers_busy(const struct workers *workers); /* posted and not collected */
