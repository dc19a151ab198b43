/*
 * items.c - the places of a run for its ids, in blocks: an item stays where it is as long
 * as it lives; its place is used again in a watch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/download/downloads.h"
#include "core/engine/run.h"
#include "core/lease/leases.h"
#include "core/offers/offers.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

static struct item *at(const struct engine *engine, size_t key)
{
	return &engine->blocks[key / ITEMS_IN_BLOCK][key % ITEMS_IN_BLOCK];
}

static const char *id_at(const void *owner, size_t place)
{
	const struct engine *engine = owner;

	return at(engine, place)->id;
}

ANALYZER_LOSES_SIGHT
static bool add_block(struct engine *engine)
{
	struct item *block;

	if (!ARRAY_RESERVE(engine->blocks, engine->blocks_room, engine->n_blocks + 1))
		return false;
	block = calloc(ITEMS_IN_BLOCK, sizeof(*block));
	if (block)
		engine->blocks[engine->n_blocks++] = block;
	return block != NULL;
}

ANALYZER_SEES_AGAIN

static bool make_room(struct engine *engine, size_t need)
{
	size_t room = engine->keys_room, same = engine->keys_room;

	if (!ARRAY_RESERVE(engine->free_keys, room, need) ||
	    !ARRAY_RESERVE(engine->ended_keys, same, need) ||
	    !index_reserve(&engine->index, need))
		return false;
	engine->keys_room = room;
	while (engine->n_blocks * ITEMS_IN_BLOCK < need)
		if (!add_block(engine))
			return false;
	return true;
}

void items_begin(struct engine *engine)
{
	engine->index = index_make(id_at, engine);
}

enum err_kind items_reserve(struct engine *engine, size_t n, struct err *err)
{
	if (!make_room(engine, n))
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", n);
	return polls_reserve(engine->polls, n, err);
}

static void clear(struct item *item)
{
	free(item->watched);
	task_free(item->task);
	free(item->trouble);
	free(item->snapshot);
	*item = (struct item){ 0 };
}

/* Removes it; what the parts have of its key is gone already. */
ANALYZER_LOSES_SIGHT
static void unplace(struct engine *engine, struct item *item)
{
	index_remove(&engine->index, item->id);
	engine->free_keys[engine->n_free_keys++] = item->key;
	if (!item->has_ended)
		engine->n_open--;
	clear(item);
}

/* NULL: no memory. */
static struct item *place(struct engine *engine, const char *id)
{
	struct watched *watched = NULL;
	struct item *item;
	size_t key;

	if (engine->n_free_keys == 0 && !make_room(engine, engine->n_items + 1))
		return NULL;
	if (engine->goal->perseveres ||
	    engine->goal->browses) { /* nobody else keeps it */
		watched = calloc(1, sizeof(*watched));
		if (!watched)
			return NULL;
		(void)stpncpy(watched->id, id, TASKID_MAX);
	}
	key = engine->n_free_keys > 0 ? engine->free_keys[--engine->n_free_keys]
				      : engine->n_items++;
	item = at(engine, key);
	item->watched = watched;
	item->id = watched ? watched->id : id;
	item->key = (uint32_t)key; /* the index has no more */
	index_add(&engine->index, id, key);
	engine->n_open++;
	return item;
}

ANALYZER_SEES_AGAIN

enum err_kind item_new(
    struct engine *engine, const char *id, struct item **ret_item, struct err *err)
{
	struct item *item = place(engine, id);

	if (!item)
		return err_set(
		    err, ERR_NOMEM, "out of memory for %zu ids", engine->n_items + 1);
	if (polls_add(engine->polls, item->key, item->id, err)) {
		unplace(engine, item);
		return err->kind;
	}
	*ret_item = item;
	return ERR_OK;
}

struct item *item_find(const struct engine *engine, const char *id)
{
	const int64_t place = index_find(&engine->index, id);

	return place == INDEX_NONE ? NULL : at(engine, (size_t)place);
}

struct item *item_at(const struct engine *engine, size_t key)
{
	struct item *item = key < engine->n_items ? at(engine, key) : NULL;

	return item && item->id ? item : NULL;
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

enum task_state item_state(const struct item *item)
{
	return item->snapshot ? item->snapshot->state : TASK_SUBMITTING;
}

bool item_has_changed(
    struct engine *engine, struct item *item, const struct snapshot *now)
{
	const struct snapshot *before = item->snapshot;
	const bool is_new = !before || before->state != now->state ||
	    before->status != now->status || before->finished != now->finished ||
	    before->total != now->total || before->queue_position != now->queue_position;

	if (!before)
		item->snapshot = malloc(sizeof(*item->snapshot));
	if (item->snapshot)
		*item->snapshot = *now;
	else
		no_memory(engine, item);
	return is_new;
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
	if (!engine->downloads)
		return 0;
	return downloads_open(engine->downloads, item->key) +
	    offers_holds(engine->offers, item->key);
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
	if (engine->downloads) {
		offers_drop(engine->offers, item->key);
		downloads_forget(engine->downloads, item->key);
	}
	unplace(engine, item);
}

void items_free(struct engine *engine)
{
	index_release(&engine->index);
	for (size_t i = 0; i < engine->n_items; i++)
		clear(at(engine, i));
	for (size_t i = 0; i < engine->n_blocks; i++)
		free(engine->blocks[i]);
	free(engine->blocks);
	free(engine->free_keys);
	free(engine->ended_keys);
}
