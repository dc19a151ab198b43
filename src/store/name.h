/*
 * name.h - where an asset goes: a template and what is known of the task
 * make a relative path that no server can make dangerous.
 *
 * Fields: {id} {submit_id} {history_id} {index} {index1} (from 1) {kind} {ext}
 * {date} {time} (UTC, created, YYYYMMDD HHMMSS) {prompt} (first 40 characters) {model}
 * {ratio} ("16x9") {seed}
 * {account} {uri} (last part) {width} {height}; what is not known is "unknown".
 * "{{" and "}}" are braces. "/" in the template makes folders; in a value it
 * becomes "_", as do control characters, invalid bytes and \ : * ? " < > |.
 *
 * A part is never empty, "." or "..": dots and spaces at its ends become "_". It is
 * at most 200 bytes, cut at a character before its extension; the path has at most
 * 2000. The default is NAME_TEMPLATE.
 */
#pragma once

#include "base/err.h"
#include "model/task.h"

#define NAME_TEMPLATE "{id}_{index}.{ext}"

/* The field names without braces, NULL-terminated. */
const char *const *name_fields(void);
/*
 * ERR_USAGE: empty, unknown field (with the nearest), brace not closed, absolute path,
 * "." or ".." as a part, "/" at the end, control characters. No {ext} is fine.
 */
enum err_kind name_check(const char *template, struct err *err);
/* Makes a relative path, malloc'ed. `extension` comes from the bytes. */
enum err_kind name_make(const char *template, const struct task *task,
    const struct asset *asset, const char *extension, char **ret_name, struct err *err);
/*
 * "x_0.png" and 2 give "x_0-2.png", for a name that is taken; malloc'ed; NULL: no memory.
 */
char *name_alternative(const char *name, unsigned n);
