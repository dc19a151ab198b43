/*
 * array.h - arrays that grow: a pointer (NULL at first), and for how many elements there
 * is room (0 at first). The caller frees the array.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Make room for `need` elements at least, so that growing by one at a time costs little:
 * the room doubles, and grows by a quarter from 65536 on. What is new is zero; the
 * elements may move. False: no memory, or more bytes than a size_t can say; everything is
 * as it was.
 *
 * Arrays that share one room: each grows by a copy of it, and when all have, it is set.
 */
#define ARRAY_RESERVE(array, room, need) \
	array_reserve(&(array), &(room), (need), sizeof(__typeof__(*(array))))

/*
 * Does the same; `array` is the address of the pointer, an element has `size` bytes, > 0.
 */
bool array_reserve(void *array, size_t *room, size_t need, size_t size);
