/*
 * account_scene.h - an account with a past, which the service of a scene lists, and what
 * may be wrong with the list. For tests of dq_sync(); include it behind cmocka.h.
 */
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "dreamq/sync.h"
#include "ledger_lab.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { STEP_S = 3600, PAGE_MAX = 10 };

static const char *const small_pages[] = { "page_max=10", NULL };

enum listing_fault {
	NO_FAULT,
	SAME_PAGE, /* from the third on, with places of its own */
	CIRCLE,
	BACKWARDS,
	NOWHERE, /* has more, and does not say where */
	EMPTY_FOR_EVER,
	SKIPS_ONE, /* at each border of two pages */
	REPEATS_ONCE,
	REFUSED, /* 1000, whatever the size */
};

/* An account: task i was made at hour i, and every second one elsewhere. */
struct account {
	unsigned n;
	enum listing_fault fault; /* of the assets */
	bool is_in_history; /* that listing has them, too */
	unsigned running_from, failed; /* tasks from this one on; this one */
	unsigned interrupts_at; /* a page; 0: none */
};

static inline int64_t made_s(unsigned i)
{
	return scene_now().unix_ms / 1000 - 30 * 86400 + (int64_t)i * STEP_S;
}

static inline void add_record(
    struct scene *scene, const struct account *account, unsigned i, struct buf *into)
{
	const bool is_failed = account->failed == i + 1,
		   is_running = account->running_from && i + 1 >= account->running_from;

	buf_addf(into, "%s{", into->data[into->len - 1] == '}' ? "," : "");
	if (i % 2 == 0)
		buf_addf(into, "\"submit_id\":\"task-%u\",", i);
	buf_addf(into,
	    "\"history_record_id\":\"9%05u\",\"created_time\":%" PRId64
	    ",\"generate_type\":%d,",
	    i, made_s(i), i % 5 == 4 ? 10 : 1);
	if (is_failed || is_running) {
		buf_addf(into, "\"status\":%d%s,\"item_list\":[]}", is_failed ? 30 : 20,
		    is_failed ? ",\"fail_code\":\"2038\",\"finish_time\":1757778130"
			      : "");
		return;
	}
	buf_addf(into,
	    "\"status\":50,\"finish_time\":%" PRId64
	    ",\"total_image_count\":1,\"item_list\":[{\"image\":{\"large_images\":[{"
	    "\"image_uri\":\"tos/%u\",\"image_url\":\"http://127.0.0.1:%u/f/"
	    "%u?x-expires=%" PRId64
	    "\",\"width\":8,\"height\":8,\"format\":\"png\"}]}}]}",
	    made_s(i) + 20, i, raw_port(scene->server), i,
	    scene_now().unix_ms / 1000 + 3600);
}

/* Where the page begins: tasks below this one. */
static inline unsigned place_of(const char *request, unsigned n)
{
	const char *at = strstr(request, "\"offset\":");
	int64_t below_s = at ? strtoll(at + 9, NULL, 10) / 1000 : INT64_MAX;

	while (n > 0 && made_s(n - 1) >= below_s)
		n--;
	return n;
}

static inline int64_t next_place(
    const struct account *account, unsigned end, unsigned number, bool *has_more)
{
	const int64_t next_ms = made_s(end) * 1000;

	*has_more = end > 0;
	if (number < 2)
		return next_ms;
	switch (account->fault) {
	case SAME_PAGE:
	case EMPTY_FOR_EVER:
		*has_more = true;
		return next_ms - number;
	case CIRCLE:
		return made_s(account->n - PAGE_MAX) * 1000;
	case BACKWARDS:
		return made_s(account->n - PAGE_MAX / 2) * 1000;
	case NOWHERE:
		return 0;
	case SKIPS_ONE:
		return next_ms - STEP_S * 1000;
	case REPEATS_ONCE:
		return number == 2 ? next_ms + INT64_C(10) * STEP_S * 1000 - 1 : next_ms;
	case NO_FAULT:
	case REFUSED:
		break;
	}
	return next_ms;
}

static inline void list(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct account *account = scene->payload;
	const bool is_history = strstr(request, "get_history?") != NULL;
	unsigned begin = place_of(request, account->n), end;
	struct buf data = buf_make(1 << 20);
	bool has_more;
	int64_t next_ms;

	if (!is_history && account->fault == REFUSED) {
		raw_answer(peer, 200, "", "{\"ret\":\"1000\",\"errmsg\":\"invalid\"}");
		return;
	}
	if (number >= 2 && account->fault == SAME_PAGE)
		begin = account->n - PAGE_MAX;
	end = begin > PAGE_MAX ? begin - PAGE_MAX : 0;
	if (number >= 2 && account->fault == EMPTY_FOR_EVER)
		end = begin;
	if (is_history && !account->is_in_history)
		begin = end = 0;
	buf_addf(&data, "\"%s\":[", is_history ? "records_list" : "asset_list");
	for (unsigned i = begin; i-- > end;)
		add_record(scene, account, i, &data);
	next_ms = next_place(account, end, is_history ? 0 : number, &has_more);
	buf_addf(&data, "],\"has_more\":%s,\"next_offset\":%" PRId64,
	    has_more ? "true" : "false", next_ms);
	scene_say_data(peer, data.data);
	buf_release(&data);
	if (account->interrupts_at == number + 1)
		dq_interrupt(scene->dq);
}

/* Asked for by the id that it has; the other one serves as well. */
static inline void query(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct account *account = scene->payload;
	struct buf data = buf_make(1 << 20);

	(void)number;
	buf_addf(&data, "\"x\":{}");
	for (unsigned i = 0; i < account->n; i++) {
		char by_submit[32], by_history[32];

		(void)snprintf(by_submit, sizeof(by_submit), "\"task-%u\"", i);
		(void)snprintf(by_history, sizeof(by_history), "\"9%05u\"", i);
		if (strstr(request, by_submit))
			buf_addf(&data, ",%s:", by_submit);
		else if (strstr(request, by_history))
			buf_addf(&data, ",%s:", by_history);
		else
			continue;
		add_record(scene, account, i, &data);
	}
	scene_say_data(peer, data.data);
	buf_release(&data);
}

static inline struct dq_synced run(
    struct scene *scene, struct dq_sync *sync, enum dq_status wanted)
{
	struct dq_synced synced = { 0 };
	enum dq_status status;

	sync->size_bytes = sizeof(*sync);
	sync->get.size_bytes = sizeof(sync->get);
	sync->get.sink = scene->out;
	status = dq_sync(scene->dq, sync, &synced, &scene->err);
	if (status != wanted)
		fail_msg("status %d, not %d: %s", (int)status, (int)wanted,
		    scene->err.message);
	return synced;
}

static inline struct dq_synced sync_all(struct scene *scene, enum dq_status wanted)
{
	return run(scene, &(struct dq_sync){ .size_bytes = 0 }, wanted);
}
