/*
 * wrap.h - texts broken into lines: at blanks, but not within [brackets]; and behind wide
 * characters, as Chinese is: no line begins with what closes ("，", "）"), none ends with
 * what opens.
 */
#pragma once

#include "base/buf.h"

/*
 * Adds lines of at most so many columns, each indented and ended; with less room than the
 * indent takes there is none. A line break in the text stays one.
 */
void wrap_add(struct buf *into, const char *text, unsigned indent, unsigned columns);
/* The same, where something of that width stands in the first line already; it ends it
 * in any case. */
void wrap_add_beside(
    struct buf *into, const char *text, unsigned indent, unsigned columns);
