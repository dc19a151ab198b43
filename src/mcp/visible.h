/*
 * visible.h - what strangers wrote, as a model and a person read the same.
 *
 * A control character, one that turns a line around or can't be seen stands there as
 * <U+202E>, an invalid byte as <0xFF>; tabs and line breaks stay. What is longer than
 * max_chars is cut, with "…" behind it. malloc'ed; NULL: no memory.
 */
#pragma once

#include <stddef.h>

char *visible(const char *text, size_t max_chars);
