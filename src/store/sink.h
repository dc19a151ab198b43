/*
 * sink.h - where finished files go: a seam. core/ knows this file; what a sink is, a
 * folder or something else, is behind sink_ops.h, and tests/conformance/sink/ holds each
 * to what stands here.
 *
 * A sink is opened at a place (a folder's path, file:PATH, SCHEME://...). What it stores
 * has a location: PLACE/NAME, a text that the ledger keeps. Parts of it are separated by
 * "/", and what has an ending more lies beside it; nothing else is known of it here: it
 * is compared as text, handed back to its sink and shown.
 *
 * One asset's life at a sink: partial_begin opens (or re-opens) its partial,
 * partial_write appends, partial_sum looks at it, sink_flush makes it durable,
 * partial_choose finds its location, and another sink_flush stores it there.
 * partial_close at any point keeps the partial for another time; partial_discard removes
 * it. A partial has an owner:
 * partial_begin takes a lock that dies with the process, and says ERR_BUSY while somebody
 * else holds it.
 *
 * Threads: functions marked "blocks" belong on a worker, or where nobody waits; the
 * others may be called on the loop. One thread at a time per partial; only partial_write
 * may go on while partial_sync runs.
 *
 * What lies in a partial at partial_begin was written by somebody, some time: after a
 * power cut its end may be zeros, and who can write there can have forged it. It is built
 * upon as far as partial_trust finds what partial_sync once gave back.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/taskid.h"
#include "store/media/media.h"

struct sink;
struct partial;

/* The beginning of a partial that is known to be on the disk. */
struct synced {
	uint64_t size_bytes; /* 0: nothing is known */
	char sha256[65];
};

/* What partial_sum found in the bytes. */
struct sealed {
	uint64_t size_bytes;
	char sha256[65], md5[33]; /* md5 "": nobody wanted it */
	const struct media_type *type;
};

/* --- a sink ----------------------------------------------------------------------- */

/*
 * `url`: a path, file:PATH (taken as it is, no percent escapes), or a place of another
 * kind. A scheme that no kind has is ERR_USAGE. Makes what is missing; something in the
 * way, no right to write: errors. Blocks.
 */
enum err_kind sink_open(const char *url, struct sink **ret_sink, struct err *err);
void sink_free(struct sink *sink); /* NULL is fine */
const char *sink_place(const struct sink *sink);
/*
 * From now on nothing waits for the disk: what is stored here is whole, but not durable
 * before the system gets to it. Whoever kills the process finds all of it.
 */
void sink_no_sync(struct sink *sink);
/*
 * Something failed in this sink: is it the sink? ERR_OK: no, it is where it was and takes
 * files, so other files may do better. A sink that is far away answers from what its last
 * requests met.
 */
enum err_kind sink_check(const struct sink *sink, struct err *err);
/* Would a user who named this sink find it there? By the texts alone. */
bool sink_is_below(const struct sink *sink, const char *location);
int64_t sink_free_bytes(const struct sink *sink); /* for us; -1 unknown */

/* --- a file on its way ------------------------------------------------------------ */

/*
 * The partial of (key), e.g. "<submit_id>.<index>": the same after every restart, and
 * never in the way of a file. *ret_size_bytes is what is there already. A key has 1-200
 * of [A-Za-z0-9._-]; another is ERR_USAGE.
 */
enum err_kind partial_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err);
/* Appends. After an error (ERR_NOSPACE ...) the partial keeps what did get written. */
enum err_kind partial_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err);
/* Reads `len` bytes from `offset` on, all of which must be there. */
enum err_kind partial_read(const struct partial *partial, uint64_t offset,
    void *ret_bytes, size_t len, struct err *err);
/* Never makes it longer: ERR_USAGE. */
enum err_kind partial_truncate(
    struct partial *partial, uint64_t size_bytes, struct err *err);
/*
 * Keep what *synced vouches for, and throw away the rest; all of it, when the bytes are
 * others. *ret_size_bytes: what is left. Blocks.
 */
enum err_kind partial_trust(struct partial *partial, const struct synced *synced,
    uint64_t *ret_size_bytes, struct err *err);
/*
 * Make the first size_bytes durable, which have been written, or more that was written
 * since: *ret_synced says how many. After a failed sync nobody knows what the disk has
 * (the kernel may have dropped it): partial_close() will remove the partial. Blocks.
 */
enum err_kind partial_sync(struct partial *partial, uint64_t size_bytes,
    struct synced *ret_synced, struct err *err);
/* partial_sum() shall tell the md5, too, which costs twice of what sha256 does. */
void partial_want_md5(struct partial *partial);
/*
 * What all of its bytes are: container walk, sha256, md5 if it is wanted. Bad bytes are
 * ERR_CONTRACT; the partial stays. Says nothing of what is on the disk. Blocks.
 */
enum err_kind partial_sum(
    struct partial *partial, struct sealed *ret_sealed, struct err *err);
/*
 * Choose the location: `name` below the sink's place, or the first alternative that is
 * free. One that has the same bytes (size and sha256) is chosen as it is. Nothing is
 * stored yet, but no other partial of this sink chooses it, unless its bytes are the
 * same. A name that leads out is ERR_USAGE. malloc'ed. Blocks.
 */
enum err_kind partial_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_location, struct err *err);

/*
 * All bytes of `partial` shall be durable. When they can't be, it is as after a failed
 * partial_sync().
 */
struct seal {
	struct partial *partial;
	int64_t modified_unix_ms; /* the file's time from then on; 0: as it comes */
	struct err err; /* out */
};
/*
 * It shall be stored at `location` durably, replacing nothing; or, if the same bytes are
 * there, those are made durable and the partial is dropped. It was sealed by an earlier
 * flush, and it is what was written that gets stored: ERR_IO when somebody moved or
 * replaced it.
 */
struct commit {
	struct partial *partial;
	const char *location;
	const struct sealed *sealed;
	/* Out, when err.kind is ERR_OK: something else is there, or the location is not
	 * below this sink; choose again. Else it is stored. */
	bool is_taken;
	struct err err; /* out */
};
struct flush {
	struct seal *seals;
	struct commit *commits;
	size_t n_seals, n_commits;
};
/*
 * One visit to the disk for many files of this sink, which share its waits. Each has an
 * outcome of its own; a partial is in it once. Blocks.
 */
void sink_flush(struct sink *sink, const struct flush *flush);

/* Keeps the bytes (no bytes: no partial), drops the lock. NULL is fine. */
void partial_close(struct partial *partial);
void partial_discard(struct partial *partial); /* removes the bytes, too */

/* --- what is stored, wherever --------------------------------------------------------
 *
 * The ledger's locations need not be of the sink of this run. `struct sinks` is asked for
 * any of them; it makes nothing, and may be used by several threads at once.
 */

struct sinks;

enum err_kind sinks_new(struct sinks **ret_sinks, struct err *err);
void sinks_free(struct sinks *sinks); /* NULL is fine */

/*
 * The size of the file at `location`; -1: there is none, and what merely leads to one is
 * none. Never waits for a network: a sink that would have to answers `believed_bytes`.
 */
int64_t stored_size(
    const struct sinks *sinks, const char *location, int64_t believed_bytes);
/*
 * Is a file with these bytes there? If so, it is durable when this returns. Blocks.
 */
enum err_kind stored_settle(const struct sinks *sinks, const char *location,
    uint64_t size_bytes, const char *sha256, bool *ret_matches, struct err *err);
/* Copies all of it into the empty partial; for the partial of any sink. Blocks. */
enum err_kind stored_copy(const struct sinks *sinks, const char *location,
    struct partial *into, struct err *err);
/*
 * Returns its path for a program on this machine, malloc'ed. ERR_USAGE: this kind of sink
 * has none.
 */
enum err_kind stored_path(
    const struct sinks *sinks, const char *location, char **ret_path, struct err *err);

/* A small text that goes beside stored files, with the same words beside each of them. */
struct note {
	const char *const *locations;
	size_t n;
	const char *text;
	const char *mark; /* what there is and contains this is ours, and replaced */
};
/*
 * Writes each note durably and whole; what says the same already is only made durable.
 * Something else that has its location stays. *ret_taken: the last of those, kind ERR_OK:
 * none. Tries all; the error is of the last that failed. Blocks.
 */
enum err_kind stored_note(const struct sinks *sinks, const struct note *note,
    struct err *ret_taken, struct err *err);

/* --- looking through what is stored: each of these blocks --------------------------- */

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

/* Is the very file with this size and sha256 there? What can't be read is an error. */
enum err_kind stored_check(const struct sinks *sinks, const char *location,
    const struct synced *want, const struct file_watch *watch,
    struct file_found *ret_found, struct err *err);
/* media_tells_end() of what is there. ERR_NOT_FOUND: it is gone. */
enum err_kind stored_tells_end(const struct sinks *sinks, const char *location,
    uint64_t size_bytes, const struct media_type **ret_type, bool *ret_tells,
    struct err *err);
/* There is no file at this location; is even what it lay in gone? */
bool stored_place_is_gone(const struct sinks *sinks, const char *location);

enum scan_kind {
	SCAN_FILE, /* one that is not hidden */
	SCAN_PARTIAL, /* of `id` and `index` */
	SCAN_TEMPORARY, /* something half made, not touched for SCAN_STALE_S */
};
enum { SCAN_STALE_S = 600 };

struct scan_entry { /* good until on_entry returns */
	enum scan_kind kind;
	const char *location; /* the place's, and what is below it */
	int64_t bytes;
	char id[TASKID_MAX + 1]; /* SCAN_PARTIAL */
	int index;
};
/* False: stop. */
typedef bool scan_on_entry(void *payload, const struct scan_entry *entry);

/*
 * Tells of each file directly at `place`; is_deep: and of all below that are not hidden.
 * Partials of sinks at this place (is_deep: and below) are among them. A place that is
 * not there has no files. What can't be read is passed over, and the first of it is the
 * error at the end.
 */
enum err_kind stored_scan(const struct sinks *sinks, const char *place, bool is_deep,
    scan_on_entry *on_entry, void *payload, struct err *err);
/* Does somebody hold the lock of this partial, or may we not know? */
bool stored_is_held(const struct sinks *sinks, const char *location);
/*
 * Remove what a dead process left, under its lock: nobody can be writing there.
 * *ret_removed false: somebody holds it, it is gone, or `may_go`, asked under the lock,
 * says no.
 */
enum err_kind stored_remove(const struct sinks *sinks, const char *location,
    bool (*may_go)(void *payload), void *payload, bool *ret_removed, struct err *err);
/*
 * Returns where a sink at `place` has the partial of this key; malloc'ed; NULL: no
 * memory.
 */
char *stored_partial_at(const struct sinks *sinks, const char *place, const char *key);

/* Another location for what lies at `from`, whatever it is, durably. *ret_exists:
 * something is at `to`, and nothing moved. */
enum err_kind stored_move(const struct sinks *sinks, const char *from, const char *to,
    bool *ret_exists, struct err *err);
/* The file at `from` is at `to`, too, durably; something there is an error. */
enum err_kind stored_duplicate(
    const struct sinks *sinks, const char *from, const char *to, struct err *err);

/* What has this location: nothing, the very file that is at `file`, or something else? */
enum stored_what { STORED_NOTHING, STORED_SAME, STORED_OTHER };
/* `file` NULL: none. */
enum stored_what stored_look(
    const struct sinks *sinks, const char *location, const char *file);

/* A stored file gets another location. In between it has both. */
struct relocation {
	const char *from, *to;
	bool is_taken; /* out: something else is at `to` */
	bool has_moved; /* out: it can be at one place only, and is at `to` */
	struct err err; /* out */
};
/*
 * Each file is at `to`, too, durably, below `place`: folders are made, links on the way
 * not followed, and nothing is replaced. One that is there from an earlier try is no
 * other. Those of one place share their waits when they stand together. Blocks.
 */
void stored_give(
    const struct sinks *sinks, const char *place, struct relocation *all, size_t n);
/*
 * What is at `from` is the file at `to`: it is there no more, durably. Something else
 * stays, and is no error. Places below `place` that have nothing left go. Blocks.
 */
void stored_take(
    const struct sinks *sinks, const char *place, struct relocation *all, size_t n);

/* --- places ----------------------------------------------------------------------- */

/* The place that a user's words mean, as sink_open() takes them; malloc'ed. */
enum err_kind place_of_url(const char *url, char **ret_place, struct err *err);
/* Its one name, whatever leads there; malloc'ed; NULL: no memory. Blocks. */
char *stored_true_place(const struct sinks *sinks, const char *place);
/* Could a sink at `place` store into `below`, which is a place below it? Blocks. */
bool stored_reaches(const struct sinks *sinks, const char *place, const char *below);

/* Returns the place that it lies in directly, malloc'ed; NULL: no memory. */
char *location_place(const char *location);
/* Shorten a place to the one above it; false: there is none. */
bool location_go_up(char *place);
/* What it is called below this place, within `location`; NULL: it is elsewhere. */
const char *location_below(const char *place, const char *location);
