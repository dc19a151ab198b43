#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "net/net.h"
#include "store/sink.h"

atomic_llong play_jump_ms;
atomic_uint play_steps;
atomic_bool play_is_well, play_is_full;

/* --- what the linker puts between the modules ------------------------------------ */

int64_t __real_clock_unix_ms(void);
int64_t __real_clock_mono_ms(void);
int64_t __wrap_clock_unix_ms(void);
int64_t __wrap_clock_mono_ms(void);
enum err_kind __real_net_wait(struct net *net, int64_t until_ms, struct err *err);
enum err_kind __wrap_net_wait(struct net *net, int64_t until_ms, struct err *err);
enum err_kind __real_ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind __wrap_ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind __real_ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err);
enum err_kind __wrap_ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err);
enum err_kind __real_ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);
enum err_kind __wrap_ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);

int64_t __wrap_clock_unix_ms(void)
{
	return __real_clock_unix_ms() + atomic_load(&play_jump_ms);
}

int64_t __wrap_clock_mono_ms(void)
{
	return __real_clock_mono_ms() + atomic_load(&play_jump_ms);
}

enum err_kind __wrap_net_wait(struct net *net, int64_t until_ms, struct err *err)
{
	atomic_fetch_add(&play_steps, 1);
	return __real_net_wait(net, until_ms, err);
}

int64_t __real_fs_free_bytes(const char *path);
int64_t __wrap_fs_free_bytes(const char *path);
enum err_kind __real_partial_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err);
enum err_kind __wrap_partial_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err);

static enum err_kind no_room(struct err *err)
{
	return err_set(err, ERR_NOSPACE, "no room for a test");
}

enum err_kind __wrap_ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err)
{
	return atomic_load(&play_is_full)
	    ? no_room(err)
	    : __real_ledger_lease(ledger, account, leases, n, now_unix_ms, err);
}

enum err_kind __wrap_ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	return atomic_load(&play_is_full)
	    ? no_room(err)
	    : __real_ledger_lease_renew(ledger, now_unix_ms, err);
}

enum err_kind __wrap_ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err)
{
	return atomic_load(&play_is_full)
	    ? no_room(err)
	    : __real_ledger_asset_lost(ledger, account, submit_id, index, reason, err);
}

int64_t __wrap_fs_free_bytes(const char *path)
{
	return atomic_load(&play_is_full) ? 0 : __real_fs_free_bytes(path);
}

enum err_kind __wrap_partial_write(
    struct partial *partial, const void *bytes, size_t len, struct err *err)
{
	return atomic_load(&play_is_full)
	    ? no_room(err)
	    : __real_partial_write(partial, bytes, len, err);
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

	atomic_store(&play_jump_ms, 0);
	atomic_store(&play_is_full, false);
	atomic_store(&play_is_well, false);
	scene->payload = play;
	scene->on_event = on_tick;
	scene_open(scene);
	assert_int_equal(ledger_open(scene->ledger, &play->other, &err), ERR_OK);
}

void play_close(struct play *play)
{
	atomic_store(&play_is_full, false);
	ledger_close(play->other);
}

void play_adopt(struct play *play, const char *id)
{
	struct err err;

	assert_int_equal(
	    ledger_adopt(play->other, "default", &id, 1, clock_unix_ms(), &err), ERR_OK);
}

int64_t play_take(struct play *play, const char *id, int64_t ahead_ms)
{
	struct lease lease = { .id = id };
	struct err err;

	if (__real_ledger_lease(
		play->other, "default", &lease, 1, clock_unix_ms() + ahead_ms, &err))
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
	char body[100];
	const struct intent intent = { .account = "default",
		.submit_id = id,
		.kind = MEDIA_IMAGE,
		.prompt = "x",
		.body = body,
		.request_hash = "h",
		.content_hash = "w",
		.now_unix_ms = clock_unix_ms() };
	struct intended intended;
	struct err err;

	(void)snprintf(body, sizeof(body), "{\"submit_id\":\"%s\"}", id);
	assert_int_equal(
	    ledger_intend(play->other, &intent, 1, &intended, NULL, &err), ERR_OK);
}

bool play_say_if_well(struct scene *scene, struct raw_peer *peer)
{
	const struct record record = { .id = "t", .status = 50, .usable = 1, .total = 1 };

	if (!atomic_load(&play_is_well))
		return false;
	scene_say(scene, peer, &record);
	return true;
}
