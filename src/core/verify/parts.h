/*
 * parts.h - what the files behind dq_verify() share: the verb (verify.c), what
 * the ledger and the disk say (disk.c, stray.c), what was moved
 * (adopt.c), putting it right (repair.c).
 *
 * A file here is an asset of the profile that the ledger calls stored, or that
 * should be: its task has succeeded. A stray is a file on the disk that no row names.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/account/session.h"
#include "core/common/texts.h"
#include "core/common/workers.h"
#include "dreamq/dreamq.h"
#include "dreamq/verify.h"
#include "model/task.h"
#include "store/sink.h"

enum verdict {
	VERDICT_GOOD,
	VERDICT_MISSING,
	VERDICT_MOVED, /* and adopted where it is now */
	VERDICT_ALTERED,
	VERDICT_UNFINISHED, /* wanted or fetched */
	VERDICT_UNREADABLE, /* `err` says why; no finding */
};

struct verify_file {
	struct job job; /* first: a job is its file */
	struct verify *verify;
	char id[TASKID_MAX + 1];
	int index;
	enum asset_state state;
	char *path; /* as the ledger has it; NULL: none yet */
	char *old_path; /* as it had it, before a repair to another place; or NULL */
	int64_t want_bytes;
	char sha256[65];
	char *choice; /* as the ledger has it; NULL none */
	size_t task; /* its place among the tasks */
	struct file_found found;
	enum verdict verdict; /* before any repair */
	bool was_promised; /* the service told its length or md5: that was kept */
	/* It is good, but its container, of this format, does not tell where it ends, and
	 * nothing was promised: all of it or not, nobody knows. "": it is not all of it,
	 * as `words` say. NULL: it is. */
	const char *unjudged;
	bool is_folder_gone; /* missing, and so is the folder it was in */
	struct err err; /* of the last look at the file, or of its repair */

	/* The repair's. */
	char *root; /* the sink's place */
	bool is_repaired;
	bool is_lost;
	/* What was done, or why not, in English and as it is shown; NULL: nothing. */
	char *words, *shown_words;
};

struct verify_stray {
	enum scan_kind kind;
	char *path;
	int64_t bytes;
	char id[TASKID_MAX + 1]; /* of a partial */
	int index;
	char sha256[65]; /* "" until it was read */
	bool is_gone; /* removed */
	bool is_asked_for; /* below a folder that the options name */
	bool is_adopted; /* a file of ours, moved here, or its sidecar */
};

struct verify {
	struct dq *dq;
	const struct dq_verify *options;
	struct sinks *sinks;
	struct verify_file **files; /* by id and index */
	size_t n_files, files_room;
	struct texts known; /* where every row of every account says that a file is */
	struct texts accounts; /* whose names the rows have */
	struct verify_stray *strays; /* by path */
	size_t n_strays, strays_room;
	size_t *left; /* files of each task that are not read yet */
	size_t n_tasks;
	_Atomic uint64_t bytes; /* read */
	struct err trouble; /* the most serious so far; kind ERR_OK: none */
};

/* disk.c */

/* Rows of the ledger become files. */
enum err_kind verify_collect(struct verify *verify, struct err *err);
/* Read these on worker threads; each gets `found`, or `err`. ERR_CANCELLED. */
enum err_kind verify_read(
    struct verify *verify, struct verify_file **files, size_t n, struct err *err);
/* Gives each file's verdict, by what was found. */
void verify_judge(struct verify_file *file);
enum err_kind verify_no_memory(struct err *err);
enum err_kind verify_interrupted(struct err *err);
void verify_release(struct verify *verify);
/* Says what was done about it, or why not, in place of what was said before. */
void verify_say(struct verify_file *file, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void verify_say_err(struct verify_file *file, const struct err *err);
/* Says more of it, behind what was said. */
void verify_more(struct verify_file *file, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Keep the most serious. */
void verify_note(struct verify *verify, const struct err *err);
/* Calls stored_check(), with what is counted and what stops it. */
enum err_kind verify_check(struct verify *verify, const char *location,
    int64_t size_bytes, const char *sha256, struct file_found *ret_found,
    struct err *err);

/* stray.c */

/* Look for strays in the folders of the files, and of the options. */
enum err_kind verify_scan(struct verify *verify, struct err *err);
/*
 * Scans once more, after a repair: a partial that was progress is none any more when its
 * file is stored in another folder.
 */
enum err_kind verify_scan_leftovers(struct verify *verify, struct err *err);

/* Has this stray the bytes of the file? ERR_CANCELLED. */
enum err_kind verify_is_same(struct verify *verify, struct verify_stray *stray,
    const struct verify_file *file, bool *ret_is, struct err *err);
/* A missing file that lies there as a stray gets its name back. ERR_CANCELLED. */
enum err_kind verify_put_back(
    struct verify *verify, struct verify_file *file, struct err *err);
/* Removes those that nobody holds. */
void verify_remove_leftovers(struct verify *verify);
/* What is lost needs no partial any more. */
void verify_remove_lost(struct verify *verify, const struct verify_file *file);

/* adopt.c */

/*
 * Missing files whose bytes lie in the folders of the options get the place where they
 * are now in the ledger. ERR_CANCELLED.
 */
enum err_kind verify_adopt(struct verify *verify, struct err *err);

/* place.c */

/* Each file, given by id, gets its root; then they are sorted by root and id. */
enum err_kind verify_find_roots(
    struct verify *verify, struct verify_file **files, size_t n, struct err *err);

/* repair.c */

/*
 * Put right what can be put right. ERR_OK also when something could not: its file
 * says why. An error ends the verb.
 */
enum err_kind verify_repair(struct verify *verify, struct err *err);
