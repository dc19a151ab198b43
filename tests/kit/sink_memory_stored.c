#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/text.h"
#include "sink_memory_impl.h"

enum { INDEX_MAX = 1000000 };

/* --- what is stored --------------------------------------------------------------- */

int64_t memory_size(struct sink *sink, const char *location, int64_t believed_bytes)
{
	LOCKED;
	const struct thing *thing = thing_find_file(location);

	(void)sink;
	(void)believed_bytes;
	return thing ? (int64_t)thing->len : -1;
}

enum err_kind memory_settle(struct sink *sink, const char *location, uint64_t size_bytes,
    const char *sha256, bool *ret_matches, struct err *err)
{
	LOCKED;

	(void)sink;
	(void)err;
	*ret_matches = thing_has_bytes(thing_find_file(location), size_bytes, sha256);
	return ERR_OK;
}

enum err_kind memory_copy(
    struct sink *sink, const char *location, struct partial *into, struct err *err)
{
	_cleanup_free_ void *bytes = NULL;
	size_t len = 0;

	(void)sink;
	{
		LOCKED;
		const struct thing *thing = thing_find_file(location);

		if (!thing)
			return err_set(err, ERR_IO, "'%s' is not there", location);
		len = thing->len;
		bytes = malloc(len + 1);
		if (!bytes)
			return memory_none_left(err);
		memcpy(bytes, thing->bytes, len);
	}
	return partial_write(into, bytes, len, err);
}

static enum err_kind note_one(
    const char *location, const struct note *note, struct err *ret_taken, struct err *err)
{
	struct thing *thing = thing_find(location);

	if (thing && !strstr((const char *)thing->bytes, note->mark)) {
		err_set(ret_taken, ERR_IO, "'%s' is another file", location);
		return ERR_OK;
	}
	if (!thing)
		thing = thing_new(location);
	return thing && thing_set_bytes(thing, note->text, strlen(note->text))
	    ? ERR_OK
	    : memory_none_left(err);
}

enum err_kind memory_note(
    struct sink *sink, const struct note *given, struct err *ret_taken, struct err *err)
{
	LOCKED;
	enum err_kind worst = ERR_OK, kind;

	(void)sink;
	for (size_t i = 0; i < given->n; i++) {
		kind = note_one(given->locations[i], given, ret_taken, err);
		if (kind)
			worst = kind;
	}
	return worst;
}

enum err_kind memory_inspect(struct sink *sink, const char *location,
    const struct synced *want, const struct file_watch *watch,
    struct file_found *ret_found, struct err *err)
{
	LOCKED;
	const struct thing *thing = thing_find_file(location);
	struct file_found found = { .state = FILE_MISSING, .bytes = -1 };
	char hex[HASH_HEX_MAX];

	(void)sink;
	if (thing)
		found.bytes = (int64_t)thing->len;
	if (thing && thing->len != want->size_bytes)
		found.state = FILE_OTHER_SIZE;
	if (thing && thing->len == want->size_bytes) {
		if (watch->is_stopped && atomic_load(watch->is_stopped))
			return err_set(err, ERR_CANCELLED, "interrupted");
		if (thing_sum(HASH_SHA256, thing, thing->len, hex, err))
			return err->kind;
		if (watch->bytes_read)
			atomic_fetch_add(watch->bytes_read, thing->len);
		memcpy(found.sha256, hex, sizeof(found.sha256));
		found.state =
		    strcmp(hex, want->sha256) != 0 ? FILE_OTHER_BYTES : FILE_GOOD;
	}
	*ret_found = found;
	return ERR_OK;
}

enum err_kind memory_tells_end(struct sink *sink, const char *location,
    uint64_t size_bytes, const struct media_type **ret_type, bool *ret_tells,
    struct err *err)
{
	LOCKED;
	const struct thing *thing = thing_find_file(location);
	_cleanup_(closep) int fd = -1;

	(void)sink;
	if (!thing)
		return err_set(err, ERR_NOT_FOUND, "'%s' is gone", location);
	fd = thing_descriptor(thing, err);
	return fd < 0 ? err->kind
		      : media_tells_end(fd, size_bytes, ret_type, ret_tells, err);
}

bool memory_place_is_gone(struct sink *sink, const char *location)
{
	(void)sink;
	(void)location;
	return false; /* a box needs no making */
}

/* --- looking through -------------------------------------------------------------- */

/* False: no partial of a file. */
static bool read_key(const char *key, struct scan_entry *entry)
{
	const char *dot = strrchr(key, '.');
	uint64_t index = 0;

	if (!dot || (size_t)(dot - key) > TASKID_MAX ||
	    !text_uint(dot + 1, 0, INDEX_MAX, &index))
		return false;
	(void)stpcpy(mempcpy(entry->id, key, (size_t)(dot - key)), "");
	entry->index = (int)index;
	entry->kind = SCAN_PARTIAL;
	return true;
}

static bool is_to_be_told(
    const struct thing *thing, const char *at, bool is_deep, struct scan_entry *entry)
{
	const char *name = fs_below(at, thing->location);
	const char *key = strstr(thing->location, MEMORY_MARK);

	*entry = (struct scan_entry){ .kind = SCAN_FILE,
		.location = thing->location,
		.bytes = (int64_t)thing->len,
		.index = -1 };
	if (!name || (!is_deep && strchr(name, '/')))
		return false;
	if (thing->is_partial)
		return key && read_key(key + sizeof(MEMORY_MARK) - 1, entry);
	return *name != '.' && !strstr(name, "/.");
}

/* on_entry() asks more of us: not under the lock. */
enum err_kind memory_scan(struct sink *sink, const char *at, bool is_deep,
    scan_on_entry *on_entry, void *payload, struct err *err)
{
	(void)sink;
	for (size_t i = 0;; i++) {
		_cleanup_free_ char *location = NULL;
		struct scan_entry entry;
		bool is_told = false;
		{
			LOCKED;
			const struct thing *thing = TAILQ_FIRST(&memory_things);

			for (size_t k = 0; thing && k < i; k++)
				thing = TAILQ_NEXT(thing, others);
			if (!thing)
				return ERR_OK;
			is_told = is_to_be_told(thing, at, is_deep, &entry);
			location = strdup(thing->location);
		}
		if (!location)
			return memory_none_left(err);
		entry.location = location;
		if (is_told && !on_entry(payload, &entry))
			return ERR_OK;
	}
}

bool memory_is_held(struct sink *sink, const char *location)
{
	LOCKED;
	const struct thing *thing = thing_find(location);

	(void)sink;
	return !thing || thing->is_held;
}

enum err_kind memory_remove_left(struct sink *sink, const char *location,
    bool (*may_go)(void *payload), void *payload, bool *ret_removed, struct err *err)
{
	LOCKED;
	struct thing *thing = thing_find(location);

	(void)sink;
	(void)err;
	*ret_removed = thing && !thing->is_held && may_go(payload);
	if (*ret_removed)
		thing_free(thing);
	return ERR_OK;
}

enum err_kind memory_move(struct sink *sink, const char *from, const char *to,
    bool *ret_exists, struct err *err)
{
	LOCKED;
	struct thing *thing = thing_find_file(from);
	char *location;

	(void)sink;
	if (!thing)
		return err_set(err, ERR_IO, "'%s' is not there", from);
	*ret_exists = thing_find(to) != NULL;
	if (*ret_exists)
		return ERR_OK;
	location = strdup(to);
	if (!location)
		return memory_none_left(err);
	free(thing->location);
	thing->location = location;
	return ERR_OK;
}

enum err_kind memory_duplicate(
    struct sink *sink, const char *from, const char *to, struct err *err)
{
	LOCKED;
	struct thing *thing = thing_find_file(from), *second;

	(void)sink;
	if (!thing || thing_find(to))
		return err_set(err, ERR_IO, "'%s' can't be at '%s', too", from, to);
	second = thing_new(to);
	return second && thing_set_bytes(second, thing->bytes, thing->len)
	    ? ERR_OK
	    : memory_none_left(err);
}

/* Here the same bytes are the same file. */
static bool are_twins(const struct thing *one, const struct thing *other)
{
	return one && other && one->len == other->len &&
	    (one->len == 0 || memcmp(one->bytes, other->bytes, one->len) == 0);
}

enum stored_what memory_look(struct sink *sink, const char *location, const char *file)
{
	LOCKED;
	const struct thing *thing = thing_find(location);

	(void)sink;
	if (!thing)
		return STORED_NOTHING;
	return file && are_twins(thing, thing_find_file(file)) ? STORED_SAME
							       : STORED_OTHER;
}

void memory_give(struct sink *sink, const char *place, struct relocation *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		all[i].err = (struct err){ .kind = ERR_OK };
		all[i].is_taken = all[i].has_moved = false;
		if (!fs_below(place, all[i].to))
			err_set(&all[i].err, ERR_USAGE, "'%s' is not below '%s'",
			    all[i].to, place);
		else if (memory_look(sink, all[i].from, NULL) == STORED_NOTHING)
			err_set(&all[i].err, ERR_IO, "'%s' is not there", all[i].from);
		else if (memory_look(sink, all[i].to, all[i].from) == STORED_OTHER)
			all[i].is_taken = true;
		else if (memory_look(sink, all[i].to, NULL) == STORED_NOTHING)
			(void)memory_duplicate(sink, all[i].from, all[i].to, &all[i].err);
	}
}

void memory_take(struct sink *sink, const char *place, struct relocation *all, size_t n)
{
	(void)place;
	for (size_t i = 0; i < n; i++) {
		all[i].err = (struct err){ .kind = ERR_OK };
		if (strcmp(all[i].from, all[i].to) != 0 &&
		    memory_look(sink, all[i].from, all[i].to) == STORED_SAME) {
			LOCKED;
			thing_free(thing_find(all[i].from));
		}
	}
}

char *memory_true_place(struct sink *sink, const char *at)
{
	(void)sink;
	return strdup(at);
}

bool memory_reaches(struct sink *sink, const char *at, const char *below)
{
	(void)sink;
	return strcmp(at, below) == 0 || fs_below(at, below) != NULL;
}
