#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "sink_memory_impl.h"
#include "store/name.h"

enum { KEY_MAX = 200 };

static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static bool are_held, writes_are_held,
    syncs_are_held; /* under the mutex, as is the next */
static unsigned n_waiting;

/* With the mutex. */
static void wait_while(const bool *is_held)
{
	n_waiting++;
	while (*is_held)
		(void)pthread_cond_wait(&released, &memory_mutex);
	n_waiting--;
}

static enum err_kind wait_for_room(const bool *is_held, struct err *err)
{
	wait_while(is_held);
	return atomic_load(&memory_is_full) ? err_set(err, ERR_NOSPACE, "the box is full")
					    : ERR_OK;
}

/* --- partials --------------------------------------------------------------------- */

static struct memory_partial *of(struct partial *partial)
{
	return (struct memory_partial *)partial;
}

static bool is_safe_key(const char *key)
{
	size_t n = 0;

	while (key[n] && (isalnum((unsigned char)key[n]) || strchr("._-", key[n])))
		n++;
	return n > 0 && n <= KEY_MAX && !key[n];
}

char *memory_partial_at(struct sink *sink, const char *at, const char *key)
{
	char *location;

	(void)sink;
	return asprintf(&location, "%s%s%s", at, MEMORY_MARK, key) < 0 ? NULL : location;
}

enum err_kind memory_begin(struct sink *sink, const char *key,
    struct partial **ret_partial, uint64_t *ret_size_bytes, struct err *err)
{
	LOCKED;
	_cleanup_free_ char *location = NULL;
	struct memory_partial *partial;
	struct thing *thing;

	if (!is_safe_key(key))
		return err_set(err, ERR_USAGE, "a bad key");
	location = memory_partial_at(sink, memory_place(sink), key);
	thing = location ? thing_find(location) : NULL;
	if (thing && thing->is_held)
		return err_set(err, ERR_BUSY, "'%s' is held", location);
	if (!thing)
		thing = location ? thing_new(location) : NULL;
	partial = calloc(1, sizeof(*partial));
	if (!partial || !thing) {
		free(partial);
		return memory_none_left(err);
	}
	thing->is_partial = thing->is_held = true;
	partial->base.sink = sink;
	partial->thing = thing;
	TAILQ_INSERT_TAIL(&memory_begun, partial, others);
	*ret_partial = &partial->base;
	*ret_size_bytes = thing->len;
	return ERR_OK;
}

enum err_kind memory_write_bytes(
    struct partial *partial, const void *bytes, size_t len, struct err *err)
{
	LOCKED;

	if (wait_for_room(&writes_are_held, err)) {
		(void)thing_append(of(partial)->thing, bytes, len / 2);
		return err->kind;
	}
	return thing_append(of(partial)->thing, bytes, len) ? ERR_OK
							    : memory_none_left(err);
}

enum err_kind memory_read_bytes(const struct partial *partial, uint64_t offset,
    void *ret_bytes, size_t len, struct err *err)
{
	LOCKED;
	const struct thing *thing = ((const struct memory_partial *)partial)->thing;

	if (offset + len > thing->len)
		return err_set(err, ERR_IO, "'%s' is shorter", thing->location);
	memcpy(ret_bytes, thing->bytes + offset, len);
	return ERR_OK;
}

static enum err_kind shorten(struct thing *thing, uint64_t size_bytes, struct err *err)
{
	if (size_bytes > thing->len)
		return err_set(err, ERR_USAGE, "'%s' is shorter", thing->location);
	thing->len = size_bytes;
	if (thing->synced_len > thing->len)
		thing->synced_len = thing->len;
	return ERR_OK;
}

enum err_kind memory_truncate_to(
    struct partial *partial, uint64_t size_bytes, struct err *err)
{
	LOCKED;

	return shorten(of(partial)->thing, size_bytes, err);
}

enum err_kind memory_trust(struct partial *partial, const struct synced *synced,
    uint64_t *ret_size_bytes, struct err *err)
{
	LOCKED;
	struct thing *thing = of(partial)->thing;
	char hex[HASH_HEX_MAX] = "";
	uint64_t good = 0;

	if (synced->size_bytes > 0 && synced->size_bytes <= thing->len) {
		if (thing_sum(HASH_SHA256, thing, synced->size_bytes, hex, err))
			return err->kind;
		if (strcmp(hex, synced->sha256) == 0)
			good = synced->size_bytes;
	}
	if (shorten(thing, good, err))
		return err->kind;
	*ret_size_bytes = good;
	return ERR_OK;
}

enum err_kind memory_sync_to(struct partial *partial, uint64_t size_bytes,
    struct synced *ret_synced, struct err *err)
{
	LOCKED;
	struct thing *thing = of(partial)->thing;
	struct synced synced = { .size_bytes = size_bytes };
	char hex[HASH_HEX_MAX];

	if (wait_for_room(&syncs_are_held, err) ||
	    thing_sum(HASH_SHA256, thing, size_bytes, hex, err))
		return err->kind;
	thing->synced_len = size_bytes;
	memcpy(synced.sha256, hex, sizeof(synced.sha256));
	*ret_synced = synced;
	return ERR_OK;
}

void memory_want_md5(struct partial *partial)
{
	of(partial)->wants_md5 = true;
}

enum err_kind memory_sum(
    struct partial *partial, struct sealed *ret_sealed, struct err *err)
{
	LOCKED;
	struct thing *thing = of(partial)->thing;
	struct sealed sealed = { .size_bytes = thing->len };
	_cleanup_(closep) int fd = thing_descriptor(thing, err);
	char sha256[HASH_HEX_MAX], md5[HASH_HEX_MAX] = "";

	if (fd < 0 || media_check(fd, thing->len, &sealed.type, err) ||
	    thing_sum(HASH_SHA256, thing, thing->len, sha256, err))
		return err->kind;
	if (of(partial)->wants_md5 && thing_sum(HASH_MD5, thing, thing->len, md5, err))
		return err->kind;
	memcpy(sealed.sha256, sha256, sizeof(sealed.sha256));
	memcpy(sealed.md5, md5, sizeof(sealed.md5));
	*ret_sealed = sealed;
	return ERR_OK;
}

static bool leads_out(const char *name)
{
	for (size_t n; true; name += n + 1) {
		n = strcspn(name, "/");
		if (n == 0 || (n == 1 && *name == '.') ||
		    (n == 2 && !strncmp(name, "..", 2)))
			return true;
		if (!name[n])
			return false;
	}
}

/* To another partial with other bytes? */
static bool is_promised(const struct memory_partial *partial, const char *location,
    const struct sealed *sealed)
{
	const struct memory_partial *other;

	TAILQ_FOREACH(other, &memory_begun, others)
		if (other != partial && other->chosen &&
		    strcmp(other->chosen, location) == 0 &&
		    strcmp(other->sealed.sha256, sealed->sha256) != 0)
			return true;
	return false;
}

static enum err_kind promise(struct memory_partial *partial, const char *location,
    const struct sealed *sealed, struct err *err)
{
	free(partial->chosen);
	partial->chosen = strdup(location);
	partial->sealed = *sealed;
	return partial->chosen ? ERR_OK : memory_none_left(err);
}

enum err_kind memory_choose(struct partial *partial, const char *name,
    const struct sealed *sealed, char **ret_location, struct err *err)
{
	LOCKED;

	if (leads_out(name))
		return err_set(err, ERR_USAGE, "'%s' leads out", name);
	for (unsigned n = 1;; n++) {
		_cleanup_free_ char *other = name_alternative(name, n);
		_cleanup_free_ char *location =
		    other ? fs_join(memory_place(partial->sink), other) : NULL;
		const struct thing *there = location ? thing_find(location) : NULL;

		if (!location)
			return memory_none_left(err);
		if ((!there ||
			thing_has_bytes(there, sealed->size_bytes, sealed->sha256)) &&
		    !is_promised(of(partial), location, sealed)) {
			if (promise(of(partial), location, sealed, err))
				return err->kind;
			*ret_location = TAKE_PTR(location);
			return ERR_OK;
		}
	}
}

static void commit_one(struct commit *commit)
{
	struct memory_partial *partial = of(commit->partial);
	struct thing *there = thing_find(commit->location);
	char *location = NULL;

	if (!memory_is_below(partial->base.sink, commit->location) ||
	    (there &&
		!thing_has_bytes(
		    there, commit->sealed->size_bytes, commit->sealed->sha256))) {
		commit->is_taken = true;
		return;
	}
	if (there) {
		thing_free(partial->thing);
	} else {
		location = strdup(commit->location);
		if (!location) {
			(void)memory_none_left(&commit->err);
			return;
		}
		free(partial->thing->location);
		partial->thing->location = location;
		partial->thing->is_partial = partial->thing->is_held = false;
	}
	partial->thing = NULL;
}

void memory_hold(bool holds)
{
	LOCKED;

	are_held = holds;
	(void)pthread_cond_broadcast(&released);
}

void memory_hold_writes(bool holds)
{
	LOCKED;

	writes_are_held = holds;
	(void)pthread_cond_broadcast(&released);
}

void memory_hold_syncs(bool holds)
{
	LOCKED;

	syncs_are_held = holds;
	(void)pthread_cond_broadcast(&released);
}

bool memory_is_holding(void)
{
	LOCKED;

	return n_waiting > 0;
}

void memory_flush(struct sink *sink, const struct flush *flush)
{
	LOCKED;

	(void)sink;
	if (flush->n_commits > 0)
		wait_while(&are_held);
	for (size_t i = 0; i < flush->n_commits; i++)
		commit_one(&flush->commits[i]);
	for (size_t i = 0; i < flush->n_seals; i++) {
		struct thing *thing = of(flush->seals[i].partial)->thing;

		thing->synced_len = thing->len;
	}
}

void memory_end(struct memory_partial *partial, bool keeps_bytes)
{
	struct thing *thing = partial->thing;

	TAILQ_REMOVE(&memory_begun, partial, others);
	free(partial->chosen);
	free(partial);
	if (thing && (thing->len == 0 || !keeps_bytes))
		thing_free(thing);
	else if (thing)
		thing->is_held = false;
}

void memory_close_partial(struct partial *partial)
{
	LOCKED;

	memory_end(of(partial), true);
}

void memory_discard(struct partial *partial)
{
	LOCKED;

	memory_end(of(partial), false);
}
