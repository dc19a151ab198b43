/*
 * sink.h - where finished files go. A sink is a folder, later also a bucket;
 * the front of this file is all that core/ knows of it.
 *
 * One asset's life at a sink: partial_begin opens (or re-opens) its partial
 * file, partial_write appends, partial_seal makes it durable and looks at it,
 * partial_commit gives it its final name. partial_close at any point keeps the
 * partial for another time; partial_discard removes it. A partial has an
 * owner: partial_begin takes a lock that dies with the process, and says
 * ERR_BUSY while somebody else holds it.
 *
 * partial_begin, partial_write and partial_close belong to the loop's thread;
 * partial_trust, partial_sync, partial_seal and partial_commit block and may run on a
 * worker, one thread at a time per partial. Only partial_write may go on while
 * partial_sync runs.
 *
 * What lies in a partial at partial_begin was written by somebody, some time: after a
 * power cut its end may be zeros, and who can write in the folder can have forged it. It
 * is built upon as far as partial_trust finds what partial_sync once gave back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/media/media.h"

struct sink;
struct partial;

/* The beginning of a partial that is known to be on the disk. */
struct synced {
	uint64_t size_bytes; /* 0: nothing is known */
	char sha256[65];
};

/* What partial_seal found in the bytes. */
struct sealed {
	uint64_t size_bytes;
	char sha256[65], md5[33];
	const struct media_type *type;
};

/*
 * `url`: a path or file:PATH (taken as it is, no percent escapes). Another scheme is
 * ERR_USAGE. Creates folders; a file in the way, no right to write: errors.
 */
enum err_kind sink_open(const char *url, struct sink **ret_sink, struct err *err);
void sink_free(struct sink *sink);
const char *sink_root(const struct sink *sink); /* absolute */
/*
 * Something failed in this sink: is it the sink? ERR_OK: no, its folder is where it was
 * and takes files, so other files may do better.
 */
enum err_kind sink_check(const struct sink *sink, struct err *err);

/*
 * The partial of (key), e.g. "<submit_id>.<index>": hidden, beside the
 * targets, the same after every restart: ".dreamq-<key>.part". *ret_size is what
 * is there already. A key has 1-200 of [A-Za-z0-9._-].
 */
enum err_kind partial_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err);
/* Appends. After an error (ERR_NOSPACE ...) the partial keeps what did get written. */
enum err_kind partial_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err);
/* `len` bytes from `offset` on, all of which must be there. */
enum err_kind partial_read(const struct partial *partial, uint64_t offset,
    void *ret_bytes, size_t len, struct err *err);
/* Never makes it longer. */
enum err_kind partial_truncate(
    struct partial *partial, uint64_t size_bytes, struct err *err);
/*
 * Keep what *synced vouches for, and throw away the rest; all of it, when the bytes are
 * others. *ret_size_bytes: what is left.
 */
enum err_kind partial_trust(struct partial *partial, const struct synced *synced,
    uint64_t *ret_size_bytes, struct err *err);
/*
 * Make the first size_bytes durable; they have been written. After a failed sync nobody
 * knows what the disk has (the kernel may have dropped it): partial_close() will remove
 * the partial.
 */
enum err_kind partial_sync(struct partial *partial, uint64_t size_bytes,
    struct synced *ret_synced, struct err *err);
/* fsync, container walk, sha256, md5. Bad bytes are ERR_CONTRACT; the partial stays. */
enum err_kind partial_seal(
    struct partial *partial, struct sealed *ret_sealed, struct err *err);
/*
 * Choose the final path: `name` below the root, or the first alternative that is free.
 * An existing file with the same bytes (size and sha256) is chosen as it is. Makes
 * the folders in between; links on that way are refused. Absolute; malloc'ed.
 * Nothing moves yet.
 */
enum err_kind partial_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_path, struct err *err);
/*
 * Rename to `path` without replacing, fsync the folder; or, if `path` holds the
 * same bytes, make those durable and drop the partial. It is the very file that was
 * written which gets the name, in the very folder that was opened: ERR_IO when somebody
 * moved or replaced either. *ret_taken: somebody put another file there, or the
 * path is not below this root; choose again. The file's mode follows the umask.
 */
enum err_kind partial_commit(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err);
/* Keeps the bytes (no bytes: no file), drops the lock. NULL is fine. */
void partial_close(struct partial *partial);
void partial_discard(struct partial *partial); /* removes the bytes, too */

/*
 * Is a file with these bytes at `path`? Size first, then sha256. A link is none. If so,
 * it is made durable: its bytes, its name, the folders on the way.
 */
enum err_kind file_settle(const char *path, uint64_t size_bytes, const char *sha256,
    bool *ret_matches, struct err *err);
