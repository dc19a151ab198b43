/*
 * sink_impl.h - what the files behind the folder kind of sink.h share: the folder
 * (sink.c, root.c), the partial files in it (partial.c), what their bytes are (sums.c),
 * how they reach the disk (seal.c), their final names (commit.c), the files that are
 * there (files.c, scan.c). For store/folder/ only.
 *
 * A partial is ".dreamq-<key>.part", hidden, beside the targets.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "base/fs.h"
#include "base/hash.h"
#include "store/folder/promise.h"
#include "store/sink_ops.h"

struct folder {
	struct sink base;
	char *root; /* absolute; NULL: of one for looking */
	int fd;
	mode_t file_mode; /* what the umask leaves of 0666 */
	atomic_bool may_share; /* seal.h: one sync of all may stand for many */
	bool never_syncs; /* what it stores need not be durable */
	struct promises promises; /* of names that are chosen */
};

struct folder_partial {
	struct partial base;
	struct folder *folder;
	char *path;
	const char *name; /* the end of `path` */
	int fd;
	struct fs_file file; /* that `fd` is */
	uint64_t size_bytes;
	bool has_name; /* false: committed, or it is somebody else's by now */
	_Atomic bool is_spoilt; /* a sync failed: who knows what is on the disk */
	pthread_mutex_t
	    sums_lock; /* these four: of who writes, and who syncs meanwhile */
	struct hash *sha256, *md5; /* of the first `hashed_bytes`; NULL: none yet */
	uint64_t hashed_bytes;
	bool wants_md5;
	struct promise promise;
};

static inline struct folder_partial *folder_partial(struct partial *partial)
{
	return (struct folder_partial *)partial;
}

static inline const struct folder_partial *folder_partial_const(
    const struct partial *partial)
{
	return (const struct folder_partial *)partial;
}

/* --- root.c ------------------------------------------------------------------------ */

enum err_kind folder_no_memory(struct err *err);
/* The folder that a url means, absolute; malloc'ed. NULL: *err says why not. */
char *folder_find_root(const char *url, struct err *err);
/*
 * Prove that we may write there, and find the mode that new files get (umask, or the
 * folder's default list), without touching the process's umask.
 */
enum err_kind folder_probe(
    const struct folder *folder, mode_t *ret_mode, struct err *err);
/* Does the path that we show people still lead to the folder that we hold? */
enum err_kind folder_check_path(const struct folder *folder, struct err *err);

/* --- what stands in the table of sink.c; each as its like in sink_ops.h ------------- */

/* partial.c */
enum err_kind folder_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err);
enum err_kind folder_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err);
enum err_kind folder_read(const struct partial *partial, uint64_t offset, void *ret_bytes,
    size_t len, struct err *err);
enum err_kind folder_truncate(
    struct partial *partial, uint64_t size_bytes, struct err *err);
void folder_close(struct partial *partial);
void folder_discard(struct partial *partial);
/* Returns ".dreamq-<key>.part" in `place`, malloc'ed; NULL: no memory. */
char *folder_partial_at(struct sink *sink, const char *place, const char *key);

/* sums.c */
void folder_want_md5(struct partial *partial);
enum err_kind folder_sum(
    struct partial *partial, struct sealed *ret_sealed, struct err *err);
enum err_kind folder_trust(struct partial *partial, const struct synced *synced,
    uint64_t *ret_size_bytes, struct err *err);
enum err_kind folder_sync(struct partial *partial, uint64_t size_bytes,
    struct synced *ret_synced, struct err *err);
/* For partial.c: the sums of a partial that was made shorter. */
void folder_forget_sums(struct folder_partial *partial);
/* These were written where the partial ends, which is not moved yet. */
void folder_sum_next(struct folder_partial *partial, const void *bytes, size_t len);

/* commit.c */
enum err_kind folder_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_location, struct err *err);
void folder_flush(struct sink *sink, const struct flush *flush);

/* files.c */
int64_t folder_size(struct sink *sink, const char *path, int64_t believed_bytes);
enum err_kind folder_settle(struct sink *sink, const char *path, uint64_t size_bytes,
    const char *sha256, bool *ret_matches, struct err *err);
enum err_kind folder_copy(
    struct sink *sink, const char *path, struct partial *into, struct err *err);
enum err_kind folder_path(
    struct sink *sink, const char *path, char **ret_path, struct err *err);
enum err_kind folder_note(
    struct sink *sink, const struct note *note, struct err *ret_taken, struct err *err);
enum err_kind folder_tells_end(struct sink *sink, const char *path, uint64_t size_bytes,
    const struct media_type **ret_type, bool *ret_tells, struct err *err);
bool folder_place_is_gone(struct sink *sink, const char *path);
enum err_kind folder_move(struct sink *sink, const char *from, const char *to,
    bool *ret_exists, struct err *err);
enum err_kind folder_duplicate(
    struct sink *sink, const char *from, const char *to, struct err *err);
/* relocate.c */
enum stored_what folder_look(struct sink *sink, const char *path, const char *file);
void folder_give(struct sink *sink, const char *place, struct relocation *all, size_t n);
void folder_take(struct sink *sink, const char *place, struct relocation *all, size_t n);

/* files.c */
char *folder_true_place(struct sink *sink, const char *folder);
bool folder_reaches(struct sink *sink, const char *root, const char *folder);

/* scan.c */
enum err_kind folder_inspect(struct sink *sink, const char *path,
    const struct synced *want, const struct file_watch *watch,
    struct file_found *ret_found, struct err *err);
enum err_kind folder_scan(struct sink *sink, const char *folder, bool is_deep,
    scan_on_entry *on_entry, void *payload, struct err *err);
bool folder_is_held(struct sink *sink, const char *path);
enum err_kind folder_remove(struct sink *sink, const char *path,
    bool (*may_go)(void *payload), void *payload, bool *ret_removed, struct err *err);
