#include "core/common/given.h"

#include <string.h>

size_t given_stride(const void *first, size_t size)
{
	size_t theirs;

	memcpy(&theirs, first, sizeof(theirs));
	return theirs ? theirs : size;
}

void given_take(void *into, size_t size, const void *given)
{
	size_t theirs;

	memset(into, 0, size);
	if (!given)
		return;
	theirs = given_stride(given, size);
	memcpy(into, given, theirs < size ? theirs : size);
}
