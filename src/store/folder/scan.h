/*
 * scan.h - what lies on the disk: is a file what it was, and what else is in a folder?
 *
 * Nothing here changes anything but scan_remove(). file_check() blocks and may run on
 * any thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/taskid.h"

enum file_state {
	FILE_GOOD,
	FILE_MISSING,
	FILE_OTHER_SIZE,
	FILE_OTHER_BYTES,
	FILE_IS_LINK,
	FILE_IS_FOLDER,
	FILE_IS_SPECIAL, /* a device, a pipe, a socket */
};

struct file_found {
	enum file_state state;
	int64_t bytes; /* of a regular file; else -1 */
	char sha256[65]; /* "" when it was not read to its end */
};

/* Of a long reading; either may be NULL. */
struct file_watch {
	const atomic_bool *is_stopped; /* then it is ERR_CANCELLED */
	_Atomic uint64_t *bytes_read; /* added to */
};

/*
 * Is the very file with this size and sha256 at `path`? A link is none, wherever it
 * leads. What can't be read is an error.
 */
enum err_kind file_check(const char *path, int64_t size_bytes, const char *sha256,
    const struct file_watch *watch, struct file_found *ret_found, struct err *err);

enum scan_kind {
	SCAN_FILE, /* a regular file that is not hidden */
	SCAN_PARTIAL, /* of `id` and `index` */
	SCAN_TEMPORARY, /* a file on its way to its name, not touched for SCAN_STALE_S */
};
enum { SCAN_STALE_S = 600 };

struct scan_entry { /* good until on_entry returns */
	enum scan_kind kind;
	const char *path; /* the folder's, and what is below it */
	int64_t bytes;
	char id[TASKID_MAX + 1]; /* SCAN_PARTIAL */
	int index;
};
/* False: stop. */
typedef bool scan_on_entry(void *payload, const struct scan_entry *entry);

/*
 * Each file in `folder`; is_deep: and in the folders below it that are not hidden.
 * Links are not followed, but `folder` may be one. A folder that is not there has no
 * files. What can't be read is passed over, and the first of it is the error at the end.
 */
enum err_kind scan_folder(const char *folder, bool is_deep, scan_on_entry *on_entry,
    void *payload, struct err *err);

/* Does somebody hold the lock of this partial, or may we not know? */
bool scan_is_held(const char *path);
/*
 * Remove what a dead process left, under its lock: nobody can be writing there.
 * *ret_removed false: somebody holds it, it is gone, or `may_go`, asked under the lock,
 * says no.
 */
enum err_kind scan_remove(const char *path, bool (*may_go)(void *payload), void *payload,
    bool *ret_removed, struct err *err);
