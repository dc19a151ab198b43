#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOM_AT_FIRST = 16,
	ROOM_LARGE = 1 << 16, /* from here on half of it may not lie idle */
};

/* By their number alone: arrays that share one room grow alike. */
static size_t grow(size_t room)
{
	return room < ROOM_LARGE ? 2 * room : room + room / 4;
}

bool array_reserve(void *array, size_t *room, size_t need, size_t size)
{
	size_t more = *room ? *room : ROOM_AT_FIRST;
	char *grown;
	void *old;

	if (need <= *room)
		return true;
	if (need > SIZE_MAX / 2 / size) /* so that no product below runs over */
		return false;
	while (more < need)
		more = grow(more);
	memcpy(&old, array, sizeof(old)); /* a pointer of any type */
	/* At first: what is never written to need not be there. */
	grown = old ? realloc(old, more * size) : calloc(more, size);
	if (!grown)
		return false;
	if (old)
		memset(grown + *room * size, 0, (more - *room) * size);
	memcpy(array, &grown, sizeof(grown));
	*room = more;
	return true;
}
