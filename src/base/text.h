/*
 * text.h - small total functions on text: sizes, numbers, comparisons,
 * cleaning what a stranger named before a terminal or a file system sees it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes "3.4 MB", with SI units; returns `into`. */
const char *text_bytes(uint64_t bytes, char into[24]);
/* Reads a whole decimal number in [min, max], and nothing else. */
bool text_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value);

/*
 * Measures the optimal string alignment distance, for "did you mean"; case-insensitive.
 */
unsigned text_distance(const char *a, const char *b);
/* Finds the entry nearest to `word`, NULL when none is near. `names` ends with NULL. */
const char *text_nearest(const char *word, const char *const *names);

/* Returns the bytes of the well-formed UTF-8 character at the front; 0: there is none. */
size_t text_char_len(const char *bytes, size_t len);
/* Returns that character, -1 where there is none, and how many bytes to go on. */
int32_t text_char_at(const char *text, size_t len, size_t *ret_n);
/* Changes ASCII only, whatever the locale. */
static inline char text_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? (unsigned char)c | 0x20U : (unsigned char)c);
}

bool text_is_utf8(const char *bytes, size_t len);
/* Is there nothing but white space and what can't be seen? True for "". */
bool text_is_blank(const char *utf8);
/*
 * Returns how many of the first `max` bytes to take so that no character is cut in half.
 * Looks at none behind them, nor behind a NUL.
 */
size_t text_cut(const char *utf8, size_t max);
/* Copies as much as has room, cut as text_cut() does; returns `into`. */
char *text_copy(const char *utf8, char *into, size_t room);
/* Drop blanks, tabs and CRs at both ends, in place; returns where it begins now. */
char *text_trim(char *text);
/* Columns on a terminal (Chinese counts 2, combining 0). Invalid bytes count 1. */
size_t text_width(const char *utf8);
/* Rows that it takes on a terminal so wide, where it is wrapped; 1 at least. */
size_t text_rows(const char *utf8, size_t columns);
/* Cut to at most `columns`, with "…" where something was cut; malloc'ed. */
char *text_fit(const char *utf8, size_t columns);
/*
 * Replace control characters, bidi overrides, line separators, other invisible
 * tricks and invalid bytes by one '?' each, in place.
 */
void text_make_printable(char *utf8);
/*
 * The same characters of a JSON text as \uXXXX, so that no value is lost; an invalid byte
 * becomes U+FFFD. Takes a malloc'ed text and returns it, or another; NULL: no memory.
 */
char *text_escape_json(char *take_json);
