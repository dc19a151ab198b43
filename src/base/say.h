/*
 * say.h - sentences for people, in the language of the program (gettext, domain
 * "dreamq", which the command line shares).
 *
 * A sentence is made from a constant format, and the format is looked up: the translation
 * takes the same arguments, also in another order (%2$s). Which language that is, the
 * host program has chosen with setlocale(LC_MESSAGES, ...); nothing here ever does. The
 * English sentence is made beside it (base/err.h): JSON and the ledger keep that one.
 *
 * An argument of %s that is not within quotes ('%s') is a part of the sentence (a word of
 * a table) and is looked up, too. What is within quotes is a value and stays. Such words,
 * and formats in tables, are marked N_() for xgettext; literal formats of err_set() and
 * its like need no mark.
 *
 * Every call may be made from any thread.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A text that is to be translated where it is said. */
#define N_(text) text

/*
 * Name the folder of the catalogues, unless the host has: the library does it once when
 * a session is made. Only the domain "dreamq" is touched.
 */
void say_start(void);

/* Is there a catalogue for the language of the program? */
bool say_is_translated(void);

/*
 * Returns the translation of a text that stands in the catalogue; else `text` itself. Not
 * to be freed. NULL is NULL.
 */
const char *say_text(const char *text);

/*
 * These work as vsnprintf() and buf_addf(), in the language of the program; cut at `room`
 * bytes, perhaps within a character. A precision ("%.40s") cuts between characters.
 */
void say_format(char *into, size_t room, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));
void say_into(char *into, size_t room, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void say_add(struct buf *into, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same in English, whatever the language is: what JSON and the ledger keep. */
void say_english(char *into, size_t room, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));
