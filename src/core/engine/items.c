/*
 * items.c - the places of a run for its ids. An item stays where it is as long as
 * it lives, because requests and downloads point to it; its place is used again in a
 * watch.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/download/downloads.h"
#include "core/engine/run.h"
#include "core/lease/leases.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->id, ((const struct item *)b)->id);
}

static bool make_room(struct engine *engine)
{
	const size_t need = engine->n_items + 1;
	size_t rooms[] = { engine->items_room, engine->items_room, engine->items_room };

	if (!ARRAY_RESERVE(engine->items, rooms[0], need) ||
	    !ARRAY_RESERVE(engine->free_keys, rooms[1], need) ||
	    !ARRAY_RESERVE(engine->ended_keys, rooms[2], need))
		return false;
	engine->items_room = rooms[0];
	return true;
}

static struct item *make_item(const char *id)
{
	const size_t size = strlen(id) + 1;
	struct item *item = calloc(1, sizeof(*item) + size);

	if (item)
		item->id = memcpy(item + 1, id, size);
	return item;
}

static void item_free(struct item *item)
{
	task_free(item->task);
	free(item->trouble);
	free(item);
}

/* Removes it; what the parts have of its key is gone already. */
static void unplace(struct engine *engine, struct item *item)
{
	(void)tdelete(item, &engine->index, by_id);
	engine->items[item->key] = NULL;
	engine->free_keys[engine->n_free_keys++] = item->key;
	if (!item->has_ended)
		engine->n_open--;
	item_free(item);
}

static bool place(struct engine *engine, struct item *item)
{
	if (engine->n_free_keys == 0 && !make_room(engine))
		return false;
	if (!tsearch(item, &engine->index, by_id))
		return false;
	item->key = engine->n_free_keys > 0 ? engine->free_keys[--engine->n_free_keys]
					    : engine->n_items++;
	engine->items[item->key] = item;
	engine->n_open++;
	return true;
}

enum err_kind item_new(
    struct engine *engine, const char *id, struct item **ret_item, struct err *err)
{
	struct item *item = make_item(id);

	if (!item || !place(engine, item)) {
		free(item);
		return err_set(
		    err, ERR_NOMEM, "out of memory for %zu ids", engine->n_items + 1);
	}
	if (polls_add(engine->polls, item->key, item->id, err)) {
		unplace(engine, item);
		return err->kind;
	}
	*ret_item = item;
	return ERR_OK;
}

struct item *item_find(const struct engine *engine, const char *id)
{
	const struct item wanted = { .id = id };
	struct item *const *found = tfind(&wanted, &engine->index, by_id);

	return found ? *found : NULL;
}

struct item *item_at(const struct engine *engine, size_t key)
{
	return key < engine->n_items ? engine->items[key] : NULL;
}

static void no_memory(struct engine *engine, const struct item *item)
{
	struct err err;

	err_set(&err, ERR_NOMEM, "out of memory for task '%s'", item->id);
	engine_abort(engine, &err);
}

void item_set_lease(struct engine *engine, struct item *item, int64_t token)
{
	item->lease_token = token;
	polls_set_lease(engine->polls, item->key, token);
}

void item_note_trouble(struct engine *engine, struct item *item, const struct err *why)
{
	if (item->trouble && !err_is_worse(why, item->trouble))
		return;
	if (!item->trouble)
		item->trouble = malloc(sizeof(*item->trouble));
	if (item->trouble)
		*item->trouble = *why;
	else
		no_memory(engine, item);
}

const struct task *item_task(const struct engine *engine, const struct item *item)
{
	if (item->task || !engine->downloads)
		return item->task;
	return downloads_task(engine->downloads, item->key);
}

size_t item_files_open(const struct engine *engine, const struct item *item)
{
	return engine->downloads ? downloads_open(engine->downloads, item->key) : 0;
}

bool item_is_asked_for(const struct engine *engine, const struct item *item)
{
	return polls_is_asked_for(engine->polls, item->key) ||
	    (item->role == ITEM_UNSENT && engine->outbox &&
		outbox_is_sending(engine->outbox, item->key));
}

void item_release(struct engine *engine, struct item *item)
{
	if (!item->lease_token || !engine->leases)
		return;
	item_set_lease(engine, item, 0);
	leases_release(engine->leases, item->id);
}

const struct err *item_trouble(const struct engine *engine, const struct item *item)
{
	const struct err *of_files =
	    engine->downloads ? downloads_trouble(engine->downloads, item->key) : NULL;

	if (!item->trouble || (of_files && err_is_worse(of_files, item->trouble)))
		return of_files;
	return item->trouble;
}

void item_drop_idle(struct engine *engine, struct item *item)
{
	task_free(item->task);
	item->task = NULL;
	if (engine->downloads)
		downloads_drop_idle(engine->downloads, item->key);
}

void item_drop(struct engine *engine, struct item *item)
{
	polls_forget(engine->polls, item->key);
	if (engine->downloads)
		downloads_forget(engine->downloads, item->key);
	unplace(engine, item);
}

static void nothing(void *node)
{
	(void)node;
}

void items_free(struct engine *engine)
{
	tdestroy(engine->index, nothing);
	for (size_t i = 0; i < engine->n_items; i++)
		if (engine->items[i])
			item_free(engine->items[i]);
	free(engine->items);
	free(engine->free_keys);
	free(engine->ended_keys);
}
