/*
 * files.h - the files that are a ledger: PATH, its log, its index and its mark,
 * and how others take their place.
 *
 * Whatever fails meanwhile, and whoever is killed: what lies there is the old ledger with
 * its log, or the new one, or a mark that is behind and knows of tasks (mark.h).
 * Such a mark is put there first and replaced last, so that a ledger without its log is
 * doubted, and one that is gone is not begun anew.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Is there any of the four? */
bool files_exist(const char *path);
/* Removes all of the four. */
void files_remove(const char *path);

/* All pages of a ledger, with what its log holds, into the empty file `to`; durable. */
enum err_kind files_copy(const char *from, const char *to, struct err *err);

/* To NAME.old-TIME, nothing in their place. The mark goes last. */
enum err_kind files_put_aside(const char *path, struct err *err);

/*
 * The ledger `fresh`, which lies beside `path`, with an empty log and a mark, takes its
 * place; what was there becomes NAME.old-TIME. On failure all is as it was, or the
 * message says where the old ledger is.
 */
enum err_kind files_replace(const char *path, const char *fresh, struct err *err);
