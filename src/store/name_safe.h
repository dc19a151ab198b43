/*
 * name_safe.h - what a file system may be given: words of strangers, and parts of paths,
 * so that ext4, NTFS and SMB shares take them and no program reads them as something
 * else. Pure. docs/names.md has the rules. For store/ only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	/* Of a part: what may come behind (a number, ".altered-9", ".json", what a
	 * temporary file has) keeps within the 255 that file systems have. */
	NAME_PART_MAX = 200,
	NAME_HASH_LEN = 8,
};

/*
 * Adds a value as part of a file's name: NFC, no separators, nothing that NTFS refuses,
 * nothing invisible but what joins emoji; all white space is one space each. Nothing is
 * added for what has nothing to show.
 */
void name_add_value(struct buf *into, const char *value);
/*
 * The bytes of the first `characters`, as people count them, that have at most max_bytes.
 */
size_t name_prefix(const char *text, size_t characters, size_t max_bytes);
/* Adds "-" and NAME_HASH_LEN hex digits of a sum of the text. ERR_NOMEM. */
enum err_kind name_add_hash(
    struct buf *into, const char *text, size_t len, struct err *err);
/* Measures up to where the extension begins, with its dot; `len` when there is none. */
size_t name_stem(const char *part, size_t len);

struct part_rules {
	size_t max_bytes; /* 26 to NAME_PART_MAX */
	bool for_windows; /* what the user wrote himself is no exception */
};
/*
 * Adds a part of a path, that has none of its "/": not hidden, no option, no device of
 * Windows, no dot or space at its end. A long one is cut before its extension, and has a
 * hash then. ERR_NOMEM.
 */
enum err_kind name_add_part(struct buf *into, const char *part, size_t len,
    const struct part_rules *rules, struct err *err);
