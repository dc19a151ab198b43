#include "common/source.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void source_repeat(struct source *s, const void *block, size_t period, uint64_t size)
{
	if (!size)
		return;
	assert(s->count < SOURCE_SEGMENTS && period > 0);
	s->segments[s->count++] = (struct segment){ block, period, size };
	s->size += size;
}

void source_add(struct source *s, const void *bytes, size_t size)
{
	source_repeat(s, bytes, size, size);
}

void source_keep(struct source *s, void *block)
{
	assert(s->owned_count < SOURCE_OWNED);
	s->owned[s->owned_count++] = block;
}

void source_own(struct source *s, void *bytes, size_t size)
{
	source_keep(s, bytes);
	source_add(s, bytes, size);
}

static size_t read_segment(const struct segment *seg, uint64_t at, uint8_t *out, size_t n)
{
	size_t done = 0;

	if (n > seg->size - at)
		n = (size_t)(seg->size - at);
	while (done < n) {
		size_t from = (size_t)((at + done) % seg->period);
		size_t take = seg->period - from;

		if (take > n - done)
			take = n - done;
		memcpy(out + done, seg->bytes + from, take);
		done += take;
	}
	return done;
}

size_t source_read(const struct source *s, uint64_t offset, void *out, size_t n)
{
	uint8_t *to = out;
	size_t done = 0;

	for (unsigned i = 0; i < s->count && done < n; i++) {
		const struct segment *seg = &s->segments[i];

		if (offset < seg->size) {
			done += read_segment(seg, offset, to + done, n - done);
			offset = 0;
		} else {
			offset -= seg->size;
		}
	}
	return done;
}

void source_release(struct source *s)
{
	for (unsigned i = 0; i < s->owned_count; i++)
		free(s->owned[i]);
	if (s->let_go)
		s->let_go(s->shared);
	*s = (struct source){ 0 };
}
