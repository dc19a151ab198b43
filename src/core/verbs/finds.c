#include "core/verbs/finds.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static const char *submit_at(const void *owner, size_t place)
{
	const struct finds *finds = owner;

	return finds->list[place].submit_id;
}

static const char *history_at(const void *owner, size_t place)
{
	const struct finds *finds = owner;

	return finds->list[place].history_id;
}

void finds_init(struct finds *finds)
{
	*finds = (struct finds){ .arena = arena_make(FINDS_BYTES_MAX) };
	finds->by_submit = index_make(submit_at, finds);
	finds->by_history = index_make(history_at, finds);
}

void finds_release(struct finds *finds)
{
	index_release(&finds->by_submit);
	index_release(&finds->by_history);
	arena_release(&finds->arena);
	free(finds->list);
}

const char *find_id(const struct find *find)
{
	return find->submit_id ? find->submit_id : find->history_id;
}

static struct find *look_up(
    struct finds *finds, const struct index *index, const char *id, size_t *ret_place)
{
	const int64_t place = id && finds->list ? index_find(index, id) : INDEX_NONE;

	if (place == INDEX_NONE)
		return NULL;
	*ret_place = (size_t)place;
	return &finds->list[place];
}

/* False: no memory. */
static bool keep(struct finds *finds, const char **into, const char *text)
{
	if (*into || !text)
		return true;
	*into = arena_strdup(&finds->arena, text);
	return *into != NULL;
}

static bool keep_ids(struct finds *finds, size_t place, const struct idjson_task *task)
{
	struct find *find = &finds->list[place];

	assert(finds->list);
	if (task->submit_id && !find->submit_id) {
		if (!keep(finds, &find->submit_id, task->submit_id))
			return false;
		index_add(&finds->by_submit, find->submit_id, place);
	}
	if (task->history_id && !find->history_id) {
		if (!keep(finds, &find->history_id, task->history_id))
			return false;
		index_add(&finds->by_history, find->history_id, place);
	}
	return true;
}

static bool keep_facts(
    struct finds *finds, struct find *find, const struct idjson_task *task)
{
	if (find->credits < 0)
		find->credits = task->credits;
	if (find->created_unix_ms == 0)
		find->created_unix_ms = task->created_unix_ms;
	return keep(finds, &find->prompt, task->prompt) &&
	    keep(finds, &find->model, task->model) &&
	    keep(finds, &find->state, task->state) &&
	    keep(finds, &find->type, task->type);
}

static bool make_room(struct finds *finds)
{
	return finds->len < FINDS_MAX &&
	    ARRAY_RESERVE(finds->list, finds->room, finds->len + 1) &&
	    index_reserve(&finds->by_submit, finds->len + 1) &&
	    index_reserve(&finds->by_history, finds->len + 1);
}

/* Makes a new one, or gives the place of the one that this task is. */
static bool place_of(
    struct finds *finds, const struct idjson_task *task, size_t *ret_place)
{
	size_t by_history = 0;
	struct find *other =
	    look_up(finds, &finds->by_history, task->history_id, &by_history);

	if (look_up(finds, &finds->by_submit, task->submit_id, ret_place)) {
		/* What was known by its history id alone is this one. */
		if (other && by_history != *ret_place && !other->submit_id) {
			other->standing = FIND_DROPPED;
			index_remove(&finds->by_history, other->history_id);
		}
		return true;
	}
	if (other && (!other->submit_id || !task->submit_id)) {
		*ret_place = by_history;
		return true;
	}
	if (!make_room(finds))
		return false;
	*ret_place = finds->len++;
	finds->list[*ret_place] = (struct find){
		.credits = -1,
		.number = task->number,
		.standing = finds->is_pending ? FIND_PENDING : FIND_GOOD,
	};
	return true;
}

static enum err_kind refuse(const struct finds *finds, struct err *err)
{
	if (finds->len == FINDS_MAX)
		return err_set(err, ERR_USAGE,
		    "more than %zu tasks are not taken at once", finds->len);
	if (finds->arena.used_bytes > FINDS_BYTES_MAX / 2)
		return err_set(err, ERR_USAGE,
		    "what is said of %zu tasks is more than %d MiB", finds->len,
		    FINDS_BYTES_MAX >> 20);
	return err_set(err, ERR_NOMEM, "out of memory for %zu tasks", finds->len);
}

enum err_kind finds_add(struct finds *finds, const struct idjson_task *task,
    const char *unit, struct err *err)
{
	struct idjson_task taken = *task;
	struct find *find;
	size_t place = 0, other = 0;

	if (!place_of(finds, task, &place))
		return refuse(finds, err);
	find = &finds->list[place];
	if (!find->unit || find->standing == FIND_DROPPED) {
		find->unit = unit;
		find->number = task->number;
	}
	if (find->standing == FIND_DROPPED) {
		find->standing = finds->is_pending ? FIND_PENDING : FIND_GOOD;
		if (finds->is_pending && place < finds->settled)
			find->standing = FIND_GOOD;
	}
	/* Two tasks can't have one history id: the first keeps it. */
	if (look_up(finds, &finds->by_history, taken.history_id, &other) &&
	    other != place)
		taken.history_id = NULL;
	if (!keep_ids(finds, place, &taken) || !keep_facts(finds, find, &taken))
		return refuse(finds, err);
	return ERR_OK;
}

void finds_settle(struct finds *finds, bool counts)
{
	for (; finds->settled < finds->len; finds->settled++) {
		struct find *find = &finds->list[finds->settled];

		if (find->standing == FIND_PENDING)
			find->standing = counts ? FIND_GOOD : FIND_DROPPED;
	}
}
