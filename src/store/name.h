/*
 * name.h - where an asset goes: a template and what is known of the task make a relative
 * path that no server can make dangerous, and that ext4, NTFS and SMB shares take. Pure;
 * docs/names.md tells users of it. How it is done: name_template.h reads, name_field.h
 * says what is known, name_safe.h makes it safe.
 *
 * "{field}" is a place; "{field:how}" says how it is written ({index:02}, {date:%Y-%m},
 * {prompt:20}); of "{prompt|model|id}" the first that is known is taken, and "{seed|}" is
 * nothing when it is not. What is not known is "unknown". "{{" and "}}" are braces. "/"
 * in the template makes folders; in a value it becomes "_".
 *
 * A part is never empty, "." or ".."; it has at most 200 bytes, so that whatever comes
 * behind it keeps within 255; a longer one is cut between characters, before its
 * extension, and gets a hash of all of it. The path has at most 2000 bytes. The default
 * is NAME_TEMPLATE.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "model/task.h"

#define NAME_TEMPLATE "{id}_{index}.{ext}"

struct naming {
	const char *template;
	/* The user's own words in the template are made fit for Windows, too, and the
	 * path has at most 200 bytes. */
	bool for_windows;
};

/* What a name is made of. */
struct name_of {
	const struct task *task;
	const struct asset *asset;
	const char *extension; /* without dot, from the bytes; NULL or "": "bin" */
	const char *sha256; /* NULL unknown */
};

/* The field names without braces, NULL-terminated. */
const char *const *name_fields(void);
/*
 * ERR_USAGE: empty, unknown field (with the nearest, and all), a way to write it that it
 * has not, brace not closed, absolute path, "." or ".." as a part, "/" at the end, too
 * many folders, control characters. No {ext} is fine. What passes names every file.
 */
enum err_kind name_check(const struct naming *naming, struct err *err);
/*
 * Makes a relative path, malloc'ed, for name_alternative(). Dates are of the local time
 * zone (TZ).
 */
enum err_kind name_make(const struct naming *naming, const struct name_of *of,
    char **ret_name, struct err *err);
/*
 * The n-th name, from 1, that a file may have which shall be called `name`: itself, and
 * behind it "x_0-2.png" for "x_0.png"; where it has {counter}, n stands there, and `name`
 * is none before. malloc'ed; NULL: no memory.
 */
char *name_alternative(const char *name, unsigned n);
/* Which alternative of `name` is this? 1: itself; 0: it is none. */
unsigned name_number(const char *name, const char *other);
