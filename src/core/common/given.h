/*
 * given.h - structs that a caller has made, who may have been built with an older or a
 * newer dreamq.h. What he does not know of is 0, what we do not know of is ignored.
 */
#pragma once

#include <stddef.h>

/*
 * Copy the struct at `given`, whose first member is its size_bytes (0: as large as ours),
 * into the `size` bytes at `into`. NULL: all 0.
 */
void given_take(void *into, size_t size, const void *given);
/* How far the elements of an array of such structs lie apart; `size` is ours. */
size_t given_stride(const void *first, size_t size);
