/*
 * map.h - hash to pointer, for many entries, insert and find only.
 *
 * Entries with one hash may exist several times; the caller's `eq` tells them
 * apart. The map owns its slots, never what they point to.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t hash;
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t used, cap;
};

typedef bool map_eq(const void *value, const void *arg);

/* The first value with this hash that `eq` accepts (NULL eq accepts any), or NULL. */
void *map_find(const struct map *map, uint64_t hash, map_eq *eq, const void *arg);
void map_add(struct map *map, uint64_t hash, void *value);
void map_release(struct map *map);
