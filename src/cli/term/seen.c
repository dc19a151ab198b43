#include "cli/term/seen.h"

#include <stdlib.h>
#include <string.h>

struct seen_slot {
	uint64_t id, state; /* 0: empty */
};

static uint64_t hash(const char *text)
{
	uint64_t value = 14695981039346656037U; /* FNV-1a */

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 1099511628211U;
	return value ? value : 1;
}

struct seen seen_make(size_t n_tasks)
{
	struct seen seen = { .n_slots = 64 };

	while (seen.n_slots < 2 * n_tasks)
		seen.n_slots *= 2;
	seen.slots = calloc(seen.n_slots, sizeof(*seen.slots));
	return seen;
}

void seen_release(struct seen *seen)
{
	free(seen->slots);
	*seen = (struct seen){ 0 };
}

bool seen_is_new(struct seen *seen, const char *id, const char *state)
{
	uint64_t key = hash(id), value = hash(state);
	size_t start = (size_t)(key ^ (key >> 32)) & (seen->n_slots - 1);

	for (size_t i = 0; seen->slots && i < seen->n_slots; i++) {
		struct seen_slot *slot = &seen->slots[(start + i) & (seen->n_slots - 1)];

		if (slot->id != 0 && slot->id != key)
			continue;
		if (slot->id == key && slot->state == value)
			return false;
		if (slot->id == 0 && ++seen->n_used > seen->n_slots / 4 * 3) {
			memset(seen->slots, 0, seen->n_slots * sizeof(*seen->slots));
			seen->n_used = 1;
		}
		slot->id = key;
		slot->state = value;
		return true;
	}
	return true;
}
