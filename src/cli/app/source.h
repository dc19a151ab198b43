/*
 * source.h - where texts come in from: a file that somebody named, or standard input.
 *
 * Either may be a pipe to which nobody writes, and opening it waits for that. So nothing
 * here blocks for longer than until a signal comes, and after SOURCE_TOLD_MS without a
 * byte one line says what is waited for; not with -q, nor when a person is typing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/app/app.h"

enum { SOURCE_TOLD_MS = 2000 };

struct source {
	struct app *app; /* NULL: nothing is told */
	const char *name; /* for people; borrowed */
	int fd;
	bool is_own, was_told;
	int64_t since_ms; /* the last byte, on the steady clock */
};

/* "-" is standard input. `path` must outlive it. A folder is ERR_USAGE. */
enum err_kind source_open(
    struct app *app, const char *path, struct source *ret_source, struct err *err);
void source_release(struct source *source);

/* Reads up to `room` bytes; *ret_n 0 is the end. ERR_CANCELLED after a signal. */
enum err_kind source_read(
    struct source *source, char *into, size_t room, size_t *ret_n, struct err *err);
