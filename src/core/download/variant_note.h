/*
 * variant_note.h - of which variant the bytes of a partial file are. The ledger keeps it
 * with the validator of these bytes, since one is worth nothing without the other:
 *
 *	"tag"			the variant that the record links, with this validator
 *	variant=HASH "tag"	another one of them
 *
 * Bytes of one are never built upon for another: what is noted of another variant than
 * the one that is wanted now is thrown away, whatever a server says of it. Pure.
 */
#pragma once

#include <stdbool.h>

/* What the ledger shall keep; `object` NULL: the variant of the record. malloc'ed; NULL:
 * no validator, or no memory. */
char *variant_note(const char *object, const char *validator);
/* Returns the validator in a note, NULL: none, or it is of another variant. */
const char *variant_validator(const char *note, const char *object);
/* Is this note of bytes of another variant? One that is not there is of none. */
bool variant_is_other(const char *note, const char *object);
