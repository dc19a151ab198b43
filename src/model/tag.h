/*
 * tag.h - words that somebody puts on tasks. One tag however it is written: it is kept
 * folded (base/fold.h), so that "Good", "good" and "ＧＯＯＤ" are the same.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

enum { TAG_MAX = 64 /* bytes, folded */ };

/*
 * Writes the tag that is meant. ERR_USAGE: it is empty, too long, no UTF-8, has blanks,
 * commas or what can't be seen, or begins with '+' or '-', which say what to do with it.
 */
enum err_kind tag_make(const char *text, char ret_tag[TAG_MAX + 1], struct err *err);
