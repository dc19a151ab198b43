/*
 * token.h - what shows that somebody may ask: a word that only this server and those who
 * were told it know.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/secret.h"

enum {
	TOKEN_MADE_BYTES = 32, /* hexadecimal: 128 random bits */
	TOKEN_CHARS_MIN = 16, /* of one that somebody else has made */
	TOKEN_CHARS_MAX = 128,
};

/* A new one, of 128 random bits. */
enum err_kind token_make(struct secret *ret_token, struct err *err);
/* Is it long enough, and of characters that a header has? */
enum err_kind token_take(const char *text, struct secret *ret_token, struct err *err);
/* The first line of a file that only its owner can read. */
enum err_kind token_read(const char *path, struct secret *ret_token, struct err *err);

/* Takes as long for any two texts as it does for equal ones, but for their lengths. */
bool token_equal(const char *ours, const char *theirs);
