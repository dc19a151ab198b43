/*
 * care.h - is a ledger whole? What can be saved of one that is not? Which shall
 * it be from now on?
 *
 * These take the ledger's name, not an open one: they also work on what ledger_open()
 * refuses. None of them writes into a damaged file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum care_verdict {
	CARE_GOOD,
	CARE_BEHIND, /* sound, and something that was written is missing */
	CARE_DAMAGED,
	CARE_GONE, /* a mark or a log says that there was one */
};

struct care_health {
	enum care_verdict verdict;
	int64_t tasks, keys, assets; /* rows; -1: could not be counted */
	int64_t want_tasks, want_keys, want_assets; /* as the books say; -1 unknown */
	int64_t mark_tasks; /* as the mark says; -1: there is none */
	struct err said; /* one sentence about it; its kind says nothing */
};
/*
 * Every page is read, and nothing is written, beside it neither. ERR_NOT_FOUND: there is
 * none, and there was none. ERR_LEDGER: it can't be judged, being of another program, of
 * a newer dreamq, or of several names. An older schema is no damage.
 */
enum err_kind care_check(
    const char *url, struct care_health *ret_health, struct err *err);

/* Can it be the name of a ledger? ERR_USAGE; of its place on the disk nothing is asked.
 */
enum err_kind care_check_name(const char *url, struct err *err);

/* Writes what keeps it, and its version, "SQLite 3.40.1"; returns `into`. */
const char *care_engine(char *into, size_t room);

enum { CARE_PARTS_MAX = 15 };

struct care_saved {
	int64_t tasks, keys, assets; /* rows of the new file */
	int64_t names; /* of these tasks: only id and key are left */
	int64_t lost_tasks; /* at least so many are missing */
	int64_t notes, tags; /* rows; a rating is one of the notes */
	/* Of which not all could be read: "tasks", "files", "events", "accounts",
	 * "notes", "tags", "deliveries", "newer" (what only a newer dreamq knows); NULL
	 * behind the last. */
	const char *unread[CARE_PARTS_MAX + 1];
};
/*
 * Whatever can be read, into the new ledger `to` (a path; ERR_USAGE when it exists). What
 * waited or was being sent becomes TASK_UNKNOWN: it may have been sent since, and is
 * asked for. Where only an index still has a task, its id is saved; where only a key is
 * left, it gets a task "lost-N" in TASK_NOT_FOUND, so that the key stays used. These
 * are never forgotten by themselves. A tag is read from its table and from its index.
 * ERR_LEDGER: not even the list of tables can be read.
 */
enum err_kind care_recover(
    const char *url, const char *to, struct care_saved *ret_saved, struct err *err);

/*
 * A copy of the ledger as it is at one moment, into the file `to`, while others work on
 * it; whole and durable under its name, or not there at all. It is read again before it
 * gets that name: ERR_LEDGER when it is not whole. ERR_USAGE: something has that name
 * (with is_forced a file may be replaced), or it is the ledger, or one that is in use.
 * A dry run says the same of the place, and *ret_health is that of the ledger.
 */
struct care_copying {
	bool is_forced, is_dry_run;
};
enum err_kind care_backup(const char *url, const char *to, const struct care_copying *how,
    struct care_health *ret_health, struct err *err);

/*
 * From now on the ledger is a copy of `from` (a path, on whatever file system; it stays
 * as it is), or, with NULL, what lies in its place as it is; with nothing there, a new
 * one. What was in its place before is kept as NAME.old-TIME. What waited to be sent may
 * have been sent since, and becomes TASK_UNKNOWN. ERR_LEDGER when what is to be taken is
 * damaged; ERR_NOT_FOUND when it is not there. When it fails, or is killed, the old
 * ledger is in its place, or none that anything is paid with (files.h).
 */
enum err_kind care_accept(const char *url, const char *from, struct err *err);
