/*
 * sink_room.h - a folder of its own for each test, and the way of a small picture
 * into it.
 */
#pragma once

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "sink_steps.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* The smallest GIF there is; PICTURE(c) are pictures that differ. */
#define PICTURE(c) "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1" c "\0;"
enum { PICTURE_LEN = sizeof(PICTURE("x")) - 1 };

struct room {
	char *path;
	struct sink *sink;
	struct sinks *sinks;
};

static inline int make_room(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	struct err err;

	room->path = strdup("/tmp/dreamq-sink-XXXXXX");
	*state = room;
	return mkdtemp(room->path) && !sink_open(room->path, &room->sink, &err) &&
		!sinks_new(&room->sinks, &err)
	    ? 0
	    : -1;
}

static inline int remove_room(void **state)
{
	_cleanup_free_ struct room *room = *state;
	_cleanup_free_ char *path = room->path;
	_cleanup_free_ char *command = NULL;

	sink_free(room->sink);
	sinks_free(room->sinks);
	return asprintf(&command, "rm -rf '%s'", path) < 0 || system(command) ? -1 : 0;
}

static inline char *at(void **state, const char *name)
{
	return fs_join(((struct room *)*state)->path, name);
}

static inline struct sink *sink_of(void **state)
{
	return ((struct room *)*state)->sink;
}

static inline const struct sinks *sinks_of(void **state)
{
	return ((struct room *)*state)->sinks;
}

/* Files and folders in the room. */
static inline int count(void **state)
{
	DIR *dir = opendir(((struct room *)*state)->path);
	int n = -2;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static inline struct partial *begin(void **state, const char *key, uint64_t size)
{
	struct partial *p = NULL;
	uint64_t found = 99;
	struct err err;

	assert_int_equal(partial_begin(sink_of(state), key, &p, &found, &err), ERR_OK);
	assert_int_equal(found, size);
	return p;
}

static inline void write_picture(struct partial *p, const char *picture)
{
	struct err err;

	assert_int_equal(partial_write(p, picture, PICTURE_LEN, &err), ERR_OK);
}

/* A sealed partial with the picture, as `name`'s candidate. */
static inline char *choose(struct partial *p, const char *name, struct sealed *sealed)
{
	char *path = NULL;
	struct err err;

	assert_int_equal(steps_seal(p, sealed, &err), ERR_OK);
	assert_int_equal(partial_choose(p, name, sealed, &path, &err), ERR_OK);
	return path;
}

/* The whole way; returns where it went. */
static inline char *store(
    void **state, const char *key, const char *picture, const char *name)
{
	struct partial *p = begin(state, key, 0);
	struct sealed sealed;
	bool taken = true;
	struct err err;
	char *path;

	write_picture(p, picture);
	path = choose(p, name, &sealed);
	assert_int_equal(steps_commit(p, path, &sealed, &taken, &err), ERR_OK);
	assert_false(taken);
	partial_close(p);
	return path;
}

static inline void assert_picture(const char *path, const char *picture)
{
	_cleanup_(buf_release) struct buf b = buf_make(1000);
	struct err err;

	assert_int_equal(fs_read_all(path, &b, &err), ERR_OK);
	assert_int_equal(b.len, PICTURE_LEN);
	assert_memory_equal(b.data, picture, PICTURE_LEN);
}

static inline void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}
