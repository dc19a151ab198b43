/*
 * downloads.h - the files of tasks, from wanted to stored. A part: it knows tasks by the
 * key of their id, as sched.h does, and calls nobody back.
 *
 *   downloads_give(downloads, key, id, task);        a poll brought it
 *   downloads_step(downloads, may_begin);
 *   while (downloads_told(downloads, &told))         what came of it
 *           ...
 *
 * The way of one file:
 *
 *   ready ──► fetching ──► finishing: summed, sealed ──► named ──► stored
 *     ▲          │            │ bad bytes      │ ledger:   │ ledger:
 *     │          ▼            ▼                ▼ fetched   ▼ stored
 *     ├──── later (time) ◄────┴── no_link (a poll renews it)
 *     ├──── busy elsewhere, no room on the disk: later, and the ledger is asked again
 *     └──── old_link (it died while the file waited) ──► no_link, when its turn is near
 *
 * Whoever holds the lock of the partial file works on it; under the lock the
 * ledger is asked once more, so that two processes never fetch one file
 * twice. The file whose link dies first is fetched first. A link that died in our own
 * queue costs the file none of its tries.
 *
 * Loop's thread only; what blocks on the disk is left to workers.
 */
#pragma once

#include "core/account/session.h"

struct downloads;
struct group_commit;

struct downloads_setup {
	struct dq *dq; /* its ledger, account, network, events and totals */
	struct group_commit *commits; /* collected by the caller */
	const struct dq_get *get; /* folder, template, jobs, sidecar, command */
	bool perseveres; /* trouble is waited out, not an end: a watch */
	/* A file's name below the sink in place of the template's, malloc'ed; NULL: no
	 * other name. Itself NULL: the template. */
	char *(*name_of)(void *payload, const char *submit_id, int index);
	void *payload;
	uint64_t seed; /* of the jitter between two tries */
};

/* All of it is borrowed until downloads_free(). ERR_USAGE, ERR_NOMEM, ERR_IO. */
enum err_kind downloads_new(const struct downloads_setup *setup,
    struct downloads **ret_downloads, struct err *err);
/* Partial files stay; commands that run get a second, those that wait are told of. The
 * commits are stopped. */
void downloads_free(struct downloads *downloads);

/*
 * A poll brought this task: new files, new links. It is taken over, and kept until the
 * next one, until downloads_forget(), or until downloads_drop_idle(). `id` is what the
 * user calls it; borrowed until downloads_forget().
 */
void downloads_give(
    struct downloads *downloads, size_t key, const char *id, struct task *task);
/* Start what can start; without may_begin nothing is begun. */
void downloads_step(struct downloads *downloads, bool may_begin);
/* Takes what has come back from the disk, from commands and from sidecars. */
void downloads_collect(struct downloads *downloads);
/* When downloads_step() has something to begin; INT64_MAX: nothing waits for time. */
int64_t downloads_next_ms(const struct downloads *downloads);
/* Returns when downloads_collect() has to be called although nothing wakes the loop. */
int64_t downloads_collect_next_ms(const struct downloads *downloads);

/* No poll will bring this task a link any more, because of *why: what waits for one is
 * given up, and when the time is up, whatever waits. */
void downloads_no_links(struct downloads *downloads, size_t key, const struct err *why);
/* Another process owns the task now: what is not under way is left to it. */
void downloads_let_go(struct downloads *downloads, size_t key);
/* The run is done with it: none of its files may be open. */
void downloads_forget(struct downloads *downloads, size_t key);
/* Its task is not needed until the next poll, unless a file of it is open. */
void downloads_drop_idle(struct downloads *downloads, size_t key);
/* The waiting time is over: what is not here is not waited for. */
void downloads_time_is_up(struct downloads *downloads);
/* Cut what is under way; its partial stays. */
void downloads_stop(struct downloads *downloads);
/* The task has ended for this run: its sidecars say how. */
void downloads_task_ended(struct downloads *downloads, const char *submit_id);

/* How many files of this task are neither stored nor given up? */
size_t downloads_open(const struct downloads *downloads, size_t key);
/* The most serious reason why one of them was given up; NULL: none was. */
const struct err *downloads_trouble(const struct downloads *downloads, size_t key);
/* As it was given, with what has become of its files; NULL: none is kept. */
const struct task *downloads_task(const struct downloads *downloads, size_t key);

enum downloads_what {
	DOWNLOADS_TASK_MOVED, /* `key`: a file of it is open no more */
	DOWNLOADS_LINK_WANTED, /* `key`: poll it soon */
	DOWNLOADS_NO_ROOM, /* begin nothing until `bytes` are free (-1 unknown): why */
	DOWNLOADS_TROUBLE, /* go on, but the run ends with it: why */
	DOWNLOADS_IN_THE_WAY, /* the disk, of every file: no more polls, why */
	DOWNLOADS_CANT_GO_ON, /* without memory or ledger: why */
};
struct downloads_told {
	enum downloads_what what;
	size_t key;
	int64_t bytes;
	struct err why;
};
/* Tells what has happened since it was asked last; false: nothing more. */
bool downloads_told(struct downloads *downloads, struct downloads_told *ret_told);

/*
 * Do so many files wait for a place that what another poll brings could only join them,
 * with a link that dies meanwhile?
 */
bool downloads_have_enough(const struct downloads *downloads);
unsigned downloads_active(const struct downloads *downloads); /* under way, finishing */
bool downloads_have_jobs(const struct downloads *downloads); /* on workers */
/* Are there jobs, sidecars or commands, under way or waiting? */
bool downloads_are_busy(const struct downloads *downloads);
bool downloads_run_commands(const struct downloads *downloads);
int64_t downloads_free_bytes(const struct downloads *downloads); /* -1 unknown */
/* Is this file among those that the run is about? */
bool downloads_want(const struct downloads *downloads, const struct task *task,
    const struct asset *asset);
/* Is this file stored and still there, in whatever folder? */
bool downloads_have(const struct downloads *downloads, const struct asset *asset);
/* Every file of this task that is wanted stored (or lost), and below the folder of this
 * run? */
bool downloads_are_stored(const struct downloads *downloads, const struct task *task);
/* The same, in whatever folder: a copy needs no link. */
bool downloads_are_here(const struct downloads *downloads, const struct task *task);
