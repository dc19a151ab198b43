/*
 * secret.h - a text that must not leave this process: in pages of its own
 * that are left out of core dumps and, where the system lets us, never
 * swapped; overwritten before they are given back.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct secret {
	char *text; /* NULL: none */
	size_t room; /* bytes of the pages */
};

enum err_kind secret_make(const char *text, struct secret *ret_secret, struct err *err);
void secret_release(struct secret *secret);
