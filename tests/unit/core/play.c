#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/account/session.h"
#include "ledger/ops.h"
#include "ledger_lab.h"
#include "sink_memory.h"

atomic_bool play_is_well;
static atomic_bool is_full;

/* Its files go into a folder, or into a box in memory that may be full. */
const struct sink_kind *const sink_kinds[] = { &sink_folder, &sink_memory, NULL };

/* --- a ledger whose disk may be full ------------------------------------------------ */

static const struct ledger_ops *whole; /* what the session's ledger does with room */

static enum err_kind no_room(struct err *err)
{
	return err_set(err, ERR_NOSPACE, "no room for a test");
}

static enum err_kind lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err)
{
	return atomic_load(&is_full)
	    ? no_room(err)
	    : whole->lease(ledger, account, leases, n, now_unix_ms, err);
}

static enum err_kind renew(struct ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	return atomic_load(&is_full) ? no_room(err)
				     : whole->lease_renew(ledger, now_unix_ms, err);
}

static enum err_kind lose(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err)
{
	return atomic_load(&is_full)
	    ? no_room(err)
	    : whole->asset_lost(ledger, account, submit_id, index, reason, err);
}

static bool has_room(const struct ledger *ledger, int64_t bytes)
{
	return !atomic_load(&is_full) && whole->has_room(ledger, bytes);
}

/* The ledger that the verbs of the scene will find open. */
static void open_ledger(struct scene *scene)
{
	static struct ledger_ops ours;
	struct err err;

	assert_int_equal(session_ledger(scene->dq, &err), ERR_OK);
	whole = scene->dq->ledger->ops;
	ours = *whole;
	ours.lease = lease;
	ours.lease_renew = renew;
	ours.asset_lost = lose;
	ours.has_room = has_room;
	scene->dq->ledger->ops = &ours;
}

void play_set_full(bool full)
{
	atomic_store(&is_full, full);
	memory_set_full(full);
}

/* --- the play ----------------------------------------------------------------------- */

enum { TICKS_MAX = 75 /* of 200 ms: then the test has failed */ };

static void on_tick(struct scene *scene, const struct dq_event *event)
{
	struct play *play = scene->payload;

	if (event->type != DQ_EVENT_TICK)
		return;
	if (++play->tick > TICKS_MAX) {
		play->was_late = true;
		dq_interrupt(scene->dq);
	} else if (play->act && !play->act(scene, play)) {
		dq_drain(scene->dq, 0);
	}
}

void play_open(struct scene *scene, struct play *play)
{
	struct err err;

	atomic_store(&play_is_well, false);
	scene->payload = play;
	scene->on_event = on_tick;
	scene_open(scene);
	open_ledger(scene);
	assert_int_equal(ledger_open(scene->ledger, &play->other, &err), ERR_OK);
}

void play_close(struct play *play)
{
	play_set_full(false);
	ledger_close(play->other);
	memory_clear();
}

void play_into_box(struct scene *scene)
{
	(void)strcpy(scene->out, "memory://box");
}

bool play_has_boxed(const struct scene *scene)
{
	size_t len;
	const unsigned char *bytes = memory_bytes("memory://box/t_0.png", &len);

	return bytes && len == scene->media.len &&
	    memcmp(bytes, scene->media.bytes, len) == 0;
}

void play_adopt(struct play *play, const char *id)
{
	struct err err;

	assert_int_equal(
	    ledger_adopt(play->other, "default", &id, 1, scene_now().unix_ms, &err),
	    ERR_OK);
}

int64_t play_take(struct play *play, const char *id, int64_t ahead_ms)
{
	struct lease lease = { .id = id };
	struct err err;

	if (ledger_lease(
		play->other, "default", &lease, 1, scene_now().unix_ms + ahead_ms, &err))
		abort();
	return lease.token;
}

void play_give(struct play *play, const char *id)
{
	struct err err;

	if (ledger_lease_release(play->other, "default", &id, 1, &err))
		abort();
}

void play_forget(struct play *play, const char *id)
{
	struct err err;

	if (ledger_forget(play->other, "default", id, &err))
		abort();
}

void play_intend(struct play *play, const char *id)
{
	lab_intend(play->other, id, scene_now().unix_ms);
}

bool play_say_if_well(struct scene *scene, struct raw_peer *peer)
{
	const struct record record = { .id = "t", .status = 50, .usable = 1, .total = 1 };

	if (!atomic_load(&play_is_well))
		return false;
	scene_say(scene, peer, &record);
	return true;
}
