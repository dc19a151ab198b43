/*
 * edit.h - an entry in somebody else's configuration file: put there, changed or taken
 * out, and every byte that is not ours stays as it was.
 *
 * Both forms work on texts alone; nothing is read or written here. What comes back is the
 * whole new text; the same as the old one: there is nothing to do. A text that does not
 * follow its form is ERR_USAGE with its line.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct edit {
	const char *path; /* for messages */
	const char *text; /* "": the file is not there, or empty */
	bool has_comments; /* JSON: comments and trailing commas are allowed */
	const char *list, *name; /* the entry `name` in the object or table `list` */
};

struct edit_pair {
	const char *key, *value; /* a value of JSON in one line */
	bool is_choice; /* is written into a new entry only */
};

/* `pairs` ends with a row without key. Other keys of an entry that is there stay. */
enum err_kind json_entry_put(const struct edit *edit, const struct edit_pair *pairs,
    struct buf *into, struct err *err);
enum err_kind json_entry_remove(
    const struct edit *edit, struct buf *into, struct err *err);

enum err_kind toml_entry_put(const struct edit *edit, const struct edit_pair *pairs,
    struct buf *into, struct err *err);
enum err_kind toml_entry_remove(
    const struct edit *edit, struct buf *into, struct err *err);

enum { EDIT_BYTES_MAX = 8 * 1024 * 1024 };

/* Into which line does this byte fall? The first is 1. */
int edit_line(const char *text, size_t at);
/* "'FILE', line N: why", ERR_USAGE. */
enum err_kind edit_refuse(
    const struct edit *edit, size_t at, const char *why, struct err *err);
