/*
 * tame.h - what every name that a template makes has to be, whatever it is made of.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static inline void assert_tame(const char *name)
{
	_cleanup_free_ char *copy = strdup(name);
	size_t n;

	assert_true(*name && *name != '/');
	assert_true(strlen(name) <= 2000);
	assert_true(text_is_utf8(name, strlen(name)));
	text_make_printable(copy);
	assert_string_equal(copy, name);
	for (;; name += n + 1) {
		n = strcspn(name, "/");
		assert_in_range(n, 1, 200);
		assert_true(name[0] != '.' && name[n - 1] != '.');
		assert_true(name[0] != ' ' && name[n - 1] != ' ');
		if (!name[n])
			break;
	}
}
