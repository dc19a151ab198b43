/*
 * settle.c - what follows from what the parts say that has happened. They only say it;
 * here, between two steps of the loop, an id may end.
 */
#include "core/download/downloads.h"
#include "core/engine/pause.h"
#include "core/engine/run.h"
#include "core/poll/poll.h"

static void on_task_moved(struct engine *engine, const struct downloads_told *told)
{
	struct item *item = item_at(engine, told->key);

	if (item)
		engine_conclude_if_done(engine, item);
}

static void on_link_wanted(struct engine *engine, const struct downloads_told *told)
{
	struct item *item = item_at(engine, told->key);

	if (!item || item->has_ended || item->role != ITEM_POLLED)
		return;
	if (engine->goal->by_name)
		engine_rescue(engine, item);
	else
		polls_hurry(engine->polls, told->key);
}

static void on_no_room(struct engine *engine, const struct downloads_told *told)
{
	pause_for_disk(engine, &told->why, told->bytes);
}

static void on_trouble(struct engine *engine, const struct downloads_told *told)
{
	engine_worsen(engine, &told->why);
}

static void on_in_the_way(struct engine *engine, const struct downloads_told *told)
{
	engine_end_polling(engine, &told->why);
}

static void on_cant_go_on(struct engine *engine, const struct downloads_told *told)
{
	engine_abort(engine, &told->why);
}

static void (*const on_download[])(
    struct engine *engine, const struct downloads_told *told) = {
	[DOWNLOADS_TASK_MOVED] = on_task_moved,
	[DOWNLOADS_LINK_WANTED] = on_link_wanted,
	[DOWNLOADS_NO_ROOM] = on_no_room,
	[DOWNLOADS_TROUBLE] = on_trouble,
	[DOWNLOADS_IN_THE_WAY] = on_in_the_way,
	[DOWNLOADS_CANT_GO_ON] = on_cant_go_on,
};

void engine_settle(struct engine *engine)
{
	struct downloads_told told;

	engine_settle_sends(engine);
	engine_settle_polls(engine);
	engine_settle_browse(engine);
	engine_settle_offers(engine);
	while (engine->downloads && downloads_told(engine->downloads, &told))
		on_download[told.what](engine, &told);
}
