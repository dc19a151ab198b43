/*
 * sink_memory.c - the boxes, what lies in them, and their place in the table of kinds.
 */
#include "sink_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "sink_memory_impl.h"

struct thing_list memory_things = TAILQ_HEAD_INITIALIZER(memory_things);
struct memory_sink_list memory_opened = TAILQ_HEAD_INITIALIZER(memory_opened);
struct memory_partial_list memory_begun = TAILQ_HEAD_INITIALIZER(memory_begun);
pthread_mutex_t memory_mutex = PTHREAD_MUTEX_INITIALIZER;
atomic_bool memory_is_full;

enum err_kind memory_none_left(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}

/* --- things ----------------------------------------------------------------------- */

struct thing *thing_find(const char *location)
{
	struct thing *thing;

	TAILQ_FOREACH(thing, &memory_things, others)
		if (strcmp(thing->location, location) == 0)
			return thing;
	return NULL;
}

struct thing *thing_find_file(const char *location)
{
	struct thing *thing = thing_find(location);

	return thing && !thing->is_partial ? thing : NULL;
}

void thing_free(struct thing *thing)
{
	TAILQ_REMOVE(&memory_things, thing, others);
	free(thing->location);
	free(thing->bytes);
	free(thing);
}

/* NULL: no memory. */
struct thing *thing_new(const char *location)
{
	struct thing *thing = calloc(1, sizeof(*thing));

	if (!thing)
		return NULL;
	TAILQ_INSERT_TAIL(&memory_things, thing, others);
	thing->location = strdup(location);
	if (thing->location)
		return thing;
	thing_free(thing);
	return NULL;
}

bool thing_append(struct thing *thing, const void *bytes, size_t len)
{
	unsigned char *grown = realloc(thing->bytes, thing->len + len + 1);

	if (!grown)
		return false;
	memcpy(grown + thing->len, bytes, len);
	thing->bytes = grown;
	thing->len += len;
	grown[thing->len] = '\0';
	return true;
}

bool thing_set_bytes(struct thing *thing, const void *bytes, size_t len)
{
	thing->len = 0;
	return thing_append(thing, bytes, len);
}

enum err_kind thing_sum(enum hash_kind kind, const struct thing *thing, size_t len,
    char ret_hex[HASH_HEX_MAX], struct err *err)
{
	return hash_text(
	    kind, thing->bytes ? (const char *)thing->bytes : "", len, ret_hex, err);
}

bool thing_has_bytes(const struct thing *thing, uint64_t size_bytes, const char *sha256)
{
	char hex[HASH_HEX_MAX] = "";
	struct err ignored;

	return thing && thing->len == size_bytes &&
	    !thing_sum(HASH_SHA256, thing, thing->len, hex, &ignored) &&
	    strcmp(hex, sha256) == 0;
}

/* The walks of containers want a descriptor. */
int thing_descriptor(const struct thing *thing, struct err *err)
{
	const int fd = memfd_create("thing", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, thing->bytes, thing->len) == (ssize_t)thing->len)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	err_errno(err, ERR_IO, "can't copy '%s'", thing->location);
	return -1;
}

/* --- a sink ----------------------------------------------------------------------- */

static void free_sink(struct sink *sink)
{
	LOCKED;
	struct memory_sink *memory = (struct memory_sink *)sink;

	if (memory->is_opened)
		TAILQ_REMOVE(&memory_opened, memory, others);
	free(memory->place);
	free(memory);
}

const char *memory_place(const struct sink *sink)
{
	return ((const struct memory_sink *)sink)->place;
}

static enum err_kind check(const struct sink *sink, struct err *err)
{
	(void)sink;
	(void)err;
	return ERR_OK;
}

bool memory_is_below(const struct sink *sink, const char *location)
{
	return fs_below(memory_place(sink), location) != NULL;
}

static int64_t free_bytes(const struct sink *sink)
{
	(void)sink;
	return atomic_load(&memory_is_full) ? 0 : -1;
}

/* --- the kind --------------------------------------------------------------------- */

static const struct sink_ops ops = {
	.free = free_sink,
	.place = memory_place,
	.check = check,
	.is_below = memory_is_below,
	.free_bytes = free_bytes,
	.begin = memory_begin,
	.write = memory_write_bytes,
	.read = memory_read_bytes,
	.truncate = memory_truncate_to,
	.trust = memory_trust,
	.sync = memory_sync_to,
	.want_md5 = memory_want_md5,
	.sum = memory_sum,
	.choose = memory_choose,
	.flush = memory_flush,
	.close = memory_close_partial,
	.discard = memory_discard,
	.size = memory_size,
	.settle = memory_settle,
	.copy = memory_copy,
	.note = memory_note,
	.inspect = memory_inspect,
	.tells_end = memory_tells_end,
	.place_is_gone = memory_place_is_gone,
	.scan = memory_scan,
	.is_held = memory_is_held,
	.remove = memory_remove_left,
	.partial_at = memory_partial_at,
	.move = memory_move,
	.duplicate = memory_duplicate,
	.look = memory_look,
	.give = memory_give,
	.take = memory_take,
	.true_place = memory_true_place,
	.reaches = memory_reaches,
};

static enum err_kind open_sink(const char *url, struct sink **ret_sink, struct err *err)
{
	LOCKED;
	struct memory_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return memory_none_left(err);
	sink->base.ops = &ops;
	sink->place = strdup(url);
	sink->is_opened = true;
	TAILQ_INSERT_TAIL(&memory_opened, sink, others);
	*ret_sink = &sink->base;
	return sink->place ? ERR_OK : memory_none_left(err);
}

static enum err_kind look(struct sink **ret_sink, struct err *err)
{
	struct memory_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return memory_none_left(err);
	sink->base.ops = &ops;
	*ret_sink = &sink->base;
	return ERR_OK;
}

static enum err_kind place_of(const char *url, char **ret_place, struct err *err)
{
	*ret_place = strdup(url);
	return *ret_place ? ERR_OK : memory_none_left(err);
}

const struct sink_kind sink_memory = {
	.scheme = "memory", .open = open_sink, .open_to_read = look, .place = place_of
};

/* --- what tests do to it ---------------------------------------------------------- */

void memory_kill(void)
{
	LOCKED;
	struct memory_partial *partial;
	struct memory_sink *sink;

	while ((partial = TAILQ_FIRST(&memory_begun))) {
		struct thing *thing = partial->thing;

		if (thing && thing->bytes)
			memset(thing->bytes + thing->synced_len, 0,
			    thing->len - thing->synced_len);
		memory_end(partial, true);
	}
	while ((sink = TAILQ_FIRST(&memory_opened))) {
		TAILQ_REMOVE(&memory_opened, sink, others);
		free(sink->place);
		free(sink);
	}
}

void memory_clear(void)
{
	LOCKED;
	struct thing *thing;

	while ((thing = TAILQ_FIRST(&memory_things)))
		thing_free(thing);
}

void memory_put(const char *location, const void *bytes, size_t len)
{
	LOCKED;
	struct thing *thing = thing_find(location);

	if (!thing)
		thing = thing_new(location);
	if (!thing || !thing_set_bytes(thing, bytes, len))
		abort();
}

unsigned char *memory_bytes(const char *location, size_t *ret_len)
{
	LOCKED;
	struct thing *thing = thing_find(location);

	if (!thing)
		return NULL;
	*ret_len = thing->len;
	return thing->bytes;
}

void memory_cut(const char *location, size_t len)
{
	LOCKED;
	struct thing *thing = thing_find(location);

	if (thing && len < thing->len)
		thing->len = len;
}

size_t memory_count(void)
{
	LOCKED;
	const struct thing *thing;
	size_t n = 0;

	TAILQ_FOREACH(thing, &memory_things, others)
		n++;
	return n;
}

void memory_set_full(bool full)
{
	atomic_store(&memory_is_full, full);
}
