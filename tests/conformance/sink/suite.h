/*
 * suite.h - what the suite's parts share. They are what sink.h promises, asked of the
 * sink of world.h: suite_partials.c of a file on its way, suite_commits.c of how it gets
 * its location, suite_stored.c of what is there. A new kind of sink has to pass them as
 * they are.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "sink_steps.h"
#include "world.h"

#define TEXT _cleanup_free_ char *

/* The smallest GIF there is; PICTURE(c) are pictures that differ. */
#define PICTURE(c) "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1" c "\0;"
enum { PICTURE_LEN = sizeof(PICTURE("x")) - 1 };

struct room {
	char place[PLACE_MAX];
	struct sink *sink;
	struct sinks *sinks;
};

static struct err err; /* of the last call that failed */

static inline int make_room(void **state)
{
	struct room *room = calloc(1, sizeof(*room));

	world.set_up(room->place);
	assert_int_equal(sink_open(room->place, &room->sink, &err), ERR_OK);
	assert_int_equal(sinks_new(&room->sinks, &err), ERR_OK);
	*state = room;
	return 0;
}

static inline int remove_room(void **state)
{
	_cleanup_free_ struct room *room = *state;

	sink_free(room->sink);
	sinks_free(room->sinks);
	world.tear_down(room->place);
	return 0;
}

/* --- what each test needs ---------------------------------------------------------- */

static inline char *at(const struct room *room, const char *name)
{
	char *location;

	assert_true(asprintf(&location, "%s/%s", room->place, name) > 0);
	return location;
}

static inline struct partial *begin(
    struct room *room, const char *key, uint64_t size_bytes)
{
	struct partial *partial = NULL;
	uint64_t found = 99;

	assert_int_equal(partial_begin(room->sink, key, &partial, &found, &err), ERR_OK);
	assert_int_equal(found, size_bytes);
	return partial;
}

static inline void write_to(struct partial *partial, const char *bytes, size_t len)
{
	assert_int_equal(partial_write(partial, bytes, len, &err), ERR_OK);
}

static inline struct partial *begin_picture(
    struct room *room, const char *key, const char *picture)
{
	struct partial *partial = begin(room, key, 0);

	write_to(partial, picture, PICTURE_LEN);
	return partial;
}

static inline char *choose(
    struct partial *partial, const char *name, struct sealed *ret_sealed)
{
	char *location = NULL;

	assert_int_equal(steps_seal(partial, ret_sealed, &err), ERR_OK);
	assert_int_equal(
	    partial_choose(partial, name, ret_sealed, &location, &err), ERR_OK);
	return location;
}

/* The whole way; returns the location. */
static inline char *store(
    struct room *room, const char *key, const char *picture, const char *name)
{
	struct partial *partial = begin_picture(room, key, picture);
	struct sealed sealed;
	bool is_taken = true;
	char *location = choose(partial, name, &sealed);

	assert_int_equal(
	    steps_commit(partial, location, &sealed, &is_taken, &err), ERR_OK);
	assert_false(is_taken);
	partial_close(partial);
	return location;
}

static inline struct synced want_of(const void *bytes, size_t len)
{
	struct synced want = { .size_bytes = len };
	char hex[HASH_HEX_MAX];

	assert_int_equal(hash_text(HASH_SHA256, bytes, len, hex, &err), ERR_OK);
	memcpy(want.sha256, hex, sizeof(want.sha256));
	return want;
}

static inline enum file_state state_of(
    const struct room *room, const char *location, const void *bytes, size_t len)
{
	const struct synced want = want_of(bytes, len);
	const struct file_watch watch = { 0 };
	struct file_found found;

	assert_int_equal(
	    stored_check(room->sinks, location, &want, &watch, &found, &err), ERR_OK);
	return found.state;
}

static inline void assert_picture(
    const struct room *room, const char *location, const char *picture)
{
	assert_int_equal(state_of(room, location, picture, PICTURE_LEN), FILE_GOOD);
	assert_int_equal(stored_size(room->sinks, location, -5), PICTURE_LEN);
}

struct seen {
	unsigned files, partials, others;
	char location[PLACE_MAX + 64], id[TASKID_MAX + 1]; /* of the last partial */
	int index;
	unsigned max; /* 0: no end */
};

static inline bool see(void *payload, const struct scan_entry *entry)
{
	struct seen *seen = payload;

	seen->files += entry->kind == SCAN_FILE;
	seen->partials += entry->kind == SCAN_PARTIAL;
	seen->others += entry->kind == SCAN_TEMPORARY;
	if (entry->kind == SCAN_PARTIAL) {
		(void)snprintf(
		    seen->location, sizeof(seen->location), "%s", entry->location);
		(void)strcpy(seen->id, entry->id);
		seen->index = entry->index;
	}
	return !seen->max || seen->files + seen->partials + seen->others < seen->max;
}

static inline struct seen scan(const struct room *room, const char *place, bool is_deep)
{
	struct seen seen = { 0 };

	assert_int_equal(
	    stored_scan(room->sinks, place, is_deep, see, &seen, &err), ERR_OK);
	return seen;
}

/* All that is there, in all. */
static inline void assert_there(
    const struct room *room, unsigned files, unsigned partials)
{
	const struct seen seen = scan(room, room->place, true);

	assert_int_equal(seen.files, files);
	assert_int_equal(seen.partials, partials);
	assert_int_equal(seen.others, 0);
}

#define ROW(f) cmocka_unit_test_setup_teardown(f, make_room, remove_room)
