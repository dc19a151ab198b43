#include "common/map.h"

#include <string.h>

#include "common/text.h"

void *map_find(const struct map *map, uint64_t hash, map_eq *eq, const void *arg)
{
	if (!map->cap)
		return NULL;
	for (size_t i = hash & (map->cap - 1);; i = (i + 1) & (map->cap - 1)) {
		const struct map_slot *slot = &map->slots[i];

		if (!slot->value)
			return NULL;
		if (slot->hash == hash && (!eq || eq(slot->value, arg)))
			return slot->value;
	}
}

static void place(struct map_slot *slots, size_t cap, struct map_slot entry)
{
	size_t i = entry.hash & (cap - 1);

	while (slots[i].value)
		i = (i + 1) & (cap - 1);
	slots[i] = entry;
}

static void grow(struct map *map)
{
	size_t cap = map->cap ? map->cap * 2 : 64;
	struct map_slot *slots = mem_new(cap, sizeof(*slots));

	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].value)
			place(slots, cap, map->slots[i]);
	free(map->slots);
	map->slots = slots;
	map->cap = cap;
}

void map_add(struct map *map, uint64_t hash, void *value)
{
	if ((map->used + 1) * 2 > map->cap)
		grow(map);
	place(map->slots, map->cap, (struct map_slot){ hash, value });
	map->used++;
}

void map_release(struct map *map)
{
	free(map->slots);
	*map = (struct map){ 0 };
}
