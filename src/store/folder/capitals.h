/*
 * capitals.h - file systems that do not count capitals (FAT, exFAT, some shares) find a
 * file under many names, and list it under one. For store/folder only.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * Taking one of them leaves the other. Of two that differ by capitals alone that is so
 * where the folder lists both.
 */
bool capitals_are_two(const char *one, const char *other);
/*
 * Is what `other` finds the file that its folder lists as `one`? Whatever inode numbers
 * say: some file systems make them up.
 */
bool capitals_are_one(const char *one, const char *other);
/* List it under the other of its names. Durable; killed meanwhile, it has one of them. */
enum err_kind capitals_change(const char *from, const char *to, struct err *err);
