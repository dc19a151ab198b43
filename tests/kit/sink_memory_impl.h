/*
 * sink_memory_impl.h - what the files of the sink in memory share: its boxes and the kind
 * (sink_memory.c), files on their way (sink_memory_partial.c), those that are there
 * (sink_memory_stored.c).
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "sink_memory.h"

/* Between the place of a sink and the key of a partial. */
#define MEMORY_MARK "/.partial:"

/* A file, or the bytes of a partial. */
struct thing {
	TAILQ_ENTRY(thing) others;
	char *location;
	unsigned char *bytes;
	size_t len, synced_len;
	bool is_partial, is_held;
};

struct memory_sink {
	struct sink base;
	char *place; /* NULL: to look */
	bool is_opened; /* in the list below */
	TAILQ_ENTRY(memory_sink) others;
};

struct memory_partial {
	struct partial base;
	struct thing *thing; /* NULL: committed */
	bool wants_md5;
	char *chosen; /* NULL: no location is */
	struct sealed sealed; /* what it is chosen for */
	TAILQ_ENTRY(memory_partial) others;
};

TAILQ_HEAD(thing_list, thing);
TAILQ_HEAD(memory_sink_list, memory_sink);
TAILQ_HEAD(memory_partial_list, memory_partial);

/* All that there is, of all boxes; under the mutex. */
extern struct thing_list memory_things;
extern struct memory_sink_list memory_opened;
extern struct memory_partial_list memory_begun;
extern pthread_mutex_t memory_mutex;
extern atomic_bool memory_is_full;

static inline void memory_unlock(pthread_mutex_t **held)
{
	if (*held)
		(void)pthread_mutex_unlock(*held);
}

/* Until the end of the block. */
#define LOCKED                                           \
	_cleanup_(memory_unlock) pthread_mutex_t *held = \
	    pthread_mutex_lock(&memory_mutex) ? NULL : &memory_mutex

enum err_kind memory_none_left(struct err *err);
struct thing *thing_find(const char *location);
struct thing *thing_find_file(const char *location);
void thing_free(struct thing *thing);
struct thing *thing_new(const char *location);
bool thing_append(struct thing *thing, const void *bytes, size_t len);
bool thing_set_bytes(struct thing *thing, const void *bytes, size_t len);
bool thing_has_bytes(const struct thing *thing, uint64_t size_bytes, const char *sha256);
enum err_kind thing_sum(enum hash_kind kind, const struct thing *thing, size_t len,
    char ret_hex[HASH_HEX_MAX], struct err *err);
int thing_descriptor(const struct thing *thing, struct err *err);
const char *memory_place(const struct sink *sink);
bool memory_is_below(const struct sink *sink, const char *location);
void memory_end(struct memory_partial *partial, bool keeps_bytes);

/* What stands in the table of memory.c. */
enum err_kind memory_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err);
enum err_kind memory_write_bytes(
    struct partial *partial, const void *bytes, size_t len, struct err *err);
enum err_kind memory_read_bytes(const struct partial *partial, uint64_t offset,
    void *ret_bytes, size_t len, struct err *err);
enum err_kind memory_truncate_to(
    struct partial *partial, uint64_t size_bytes, struct err *err);
enum err_kind memory_trust(struct partial *partial, const struct synced *synced,
    uint64_t *ret_size_bytes, struct err *err);
enum err_kind memory_sync_to(struct partial *partial, uint64_t size_bytes,
    struct synced *ret_synced, struct err *err);
void memory_want_md5(struct partial *partial);
enum err_kind memory_sum(
    struct partial *partial, struct sealed *ret_sealed, struct err *err);
enum err_kind memory_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_location, struct err *err);
void memory_flush(struct sink *sink, const struct flush *flush);
void memory_close_partial(struct partial *partial);
void memory_discard(struct partial *partial);
char *memory_partial_at(struct sink *sink, const char *at, const char *key);
int64_t memory_size(struct sink *sink, const char *location, int64_t believed_bytes);
enum err_kind memory_settle(struct sink *sink, const char *location, uint64_t size_bytes,
    const char *sha256, bool *ret_matches, struct err *err);
enum err_kind memory_copy(
    struct sink *sink, const char *location, struct partial *into, struct err *err);
enum err_kind memory_note(
    struct sink *sink, const struct note *given, struct err *ret_taken, struct err *err);
enum err_kind memory_inspect(struct sink *sink, const char *location,
    const struct synced *want, const struct file_watch *watch,
    struct file_found *ret_found, struct err *err);
enum err_kind memory_tells_end(struct sink *sink, const char *location,
    uint64_t size_bytes, const struct media_type **ret_type, bool *ret_tells,
    struct err *err);
bool memory_place_is_gone(struct sink *sink, const char *location);
enum err_kind memory_scan(struct sink *sink, const char *at, bool is_deep,
    scan_on_entry *on_entry, void *payload, struct err *err);
bool memory_is_held(struct sink *sink, const char *location);
enum err_kind memory_remove_left(struct sink *sink, const char *location,
    bool (*may_go)(void *payload), void *payload, bool *ret_removed, struct err *err);
enum err_kind memory_move(struct sink *sink, const char *from, const char *to,
    bool *ret_exists, struct err *err);
enum err_kind memory_duplicate(
    struct sink *sink, const char *from, const char *to, struct err *err);
enum stored_what memory_look(struct sink *sink, const char *location, const char *file);
void memory_give(struct sink *sink, const char *place, struct relocation *all, size_t n);
void memory_take(struct sink *sink, const char *place, struct relocation *all, size_t n);
char *memory_true_place(struct sink *sink, const char *at);
bool memory_reaches(struct sink *sink, const char *at, const char *below);
