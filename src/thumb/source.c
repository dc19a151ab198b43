#include "thumb/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void source_open(struct source *source, int fd)
{
	source->fd = fd;
	source->at = source->end = 0;
	(void)lseek(fd, 0, SEEK_SET);
}

bool source_fill(struct source *source)
{
	ssize_t got;

	if (source->at < source->end)
		return true;
	do {
		got = read(source->fd, source->buffer, sizeof(source->buffer));
	} while (got < 0 && errno == EINTR);
	source->at = 0;
	source->end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

size_t source_head(struct source *source, const uint8_t **ret_head)
{
	(void)source_fill(source);
	*ret_head = source->buffer;
	return source->end;
}

size_t source_read(struct source *source, void *into, size_t n)
{
	size_t done = 0;

	while (done < n && source_fill(source)) {
		size_t part = source->end - source->at;

		if (part > n - done)
			part = n - done;
		memcpy((char *)into + done, source->buffer + source->at, part);
		source->at += part;
		done += part;
	}
	return done;
}
