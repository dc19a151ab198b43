/*
 * name_field.h - the fields of name templates: what each tells of a file, and how that
 * may be written. For store/ only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/name.h"

enum {
	/* Stands for a digit of {counter} in a name until the number is known; nothing
	 * else in a name is one. */
	NAME_COUNTER = '\x01',
};

/* One way to fill a place of a template: a field, and behind ":" how to write it. */
struct name_choice {
	int field; /* -1: nothing at all, which is always there */
	const char *format; /* within the template; not NUL-terminated */
	size_t format_len; /* 0: as it is written by default */
};

/* The field of this name; -1: there is none. */
int name_field_find(const char *name, size_t len);
/* A format that is not one of this field: ERR_USAGE says which are. */
enum err_kind name_field_check(
    const struct name_choice *choice, bool has_format, struct err *err);
/* Is it {counter}, which is known when the name is chosen? */
bool name_field_counts(const struct name_choice *choice);
/* Adds what it says, safe for a name, or nothing when that is not known. ERR_NOMEM. */
enum err_kind name_field_add(struct buf *into, const struct name_choice *choice,
    const struct name_of *of, struct err *err);
