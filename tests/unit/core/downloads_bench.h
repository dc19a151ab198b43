/*
 * downloads_bench.h - the downloads of a run as a part (downloads.h), without an engine:
 * a server of bytes, a sink in memory, a real ledger, and moments that the test names.
 * They are given a task, stepped, and asked. After cmocka.h.
 */
#pragma once

#include <stdatomic.h>

#include "core/account/group_commit.h"
#include "core/download/downloads.h"
#include "core/policy/retry.h"
#include "moments.h"
#include "scene.h"
#include "sink_memory.h"
#include "store/sink.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
#define PLACE "memory://box"
#define HOME PLACE "/task-1_0.png"

enum { KEY = 7, STEPS_MAX = 6000, LEN = 4096, MARGIN_S = 5, NEVER_S = 0 };

struct bench {
	struct moments moments; /* first */
	struct dq *dq;
	struct raw_server *server;
	struct group_commit *commits;
	struct downloads *downloads;
	struct dq_get get;
	struct media media;
	atomic_uint requests;
	atomic_int status; /* of the answers */
	atomic_bool stalls; /* after half of the file */
	atomic_size_t cut; /* hang up after so many bytes of another object; 0: don't */
	const char *_Atomic head;
};

static inline void serve(struct raw_peer *peer, void *payload)
{
	struct bench *bench = payload;
	const char *request;

	while ((request = raw_read(peer))) {
		const int status = atomic_load(&bench->status);

		atomic_fetch_add(&bench->requests, 1);
		if (status != 200) {
			raw_answer(peer, status, atomic_load(&bench->head), "");
		} else if (atomic_load(&bench->stalls)) {
			raw_say(peer, "HTTP/1.1 200 Test\r\nContent-Length: %zu\r\n\r\n",
			    bench->media.len);
			raw_say_bytes(peer, bench->media.bytes, bench->media.len / 2);
			raw_stall(peer);
		} else if (atomic_load(&bench->cut)) {
			raw_say(peer,
			    "HTTP/1.1 200 Test\r\nETag: \"e2\"\r\n"
			    "Content-Length: %zu\r\n\r\n",
			    bench->media.len);
			raw_say_bytes(peer, bench->media.bytes, atomic_load(&bench->cut));
			raw_hang_up(peer);
			return;
		} else {
			scene_send_file(peer, request, &bench->media, "\"e1\"");
		}
	}
}

static inline void wake_bench(void *net)
{
	net_wake(net);
}

static inline void open_part(struct bench *bench)
{
	struct downloads_setup setup = { .dq = bench->dq, .get = &bench->get, .seed = 1 };

	ok(group_commit_new(
	    bench->dq, wake_bench, bench->dq->net, &bench->commits, &bench->moments.err));
	setup.commits = bench->commits;
	ok(downloads_new(&setup, &bench->downloads, &bench->moments.err));
}

static inline void close_part(struct bench *bench)
{
	downloads_free(bench->downloads);
	group_commit_free(bench->commits);
}

static inline int make(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct err *err;

	assert_non_null(bench);
	moments_open(&bench->moments);
	err = &bench->moments.err;
	bench->dq = &bench->moments.dq;
	bench->media = media_png(LEN, 3);
	atomic_store(&bench->status, 200);
	atomic_store(&bench->head, "");
	bench->server = raw_start(serve, bench);
	bench->dq->ops = &service_jimeng;
	bench->dq->ledger_url = bench->moments.url;
	ok(service_settings_new(&service_jimeng, &bench->dq->settings, err));
	ok(service_settings_set(&service_jimeng, bench->dq->settings, "api_base",
	    raw_url(bench->server, ""), err));
	bench->dq->traits = service_traits_of(&service_jimeng, bench->dq->settings);
	ok(session_net(bench->dq, err));
	bench->get.sink = PLACE;
	open_part(bench);
	*state = bench;
	return 0;
}

static inline int unmake(void **state)
{
	struct bench *bench = *state;

	memory_hold(false);
	memory_hold_writes(false);
	memory_hold_syncs(false);
	memory_set_full(false);
	close_part(bench);
	net_free(bench->dq->net);
	raw_stop(bench->server);
	service_settings_free(&service_jimeng, bench->dq->settings);
	moments_close(&bench->moments);
	media_release(&bench->media);
	memory_clear();
	free(bench);
	return 0;
}

/* --- what a test says and asks --------------------------------------------------- */

/* What a poll shows: so many pictures. The ledger completes it. */
static inline struct task *seen(struct bench *bench, int64_t expires_unix, int n)
{
	struct dq *dq = bench->dq;
	struct task *task = task_new();
	int64_t tokens[] = { 0 };

	assert_non_null(task);
	task->submit_id = arena_strdup(&task->arena, "task-1");
	task->state = TASK_SUCCEEDED;
	task->kind = MEDIA_IMAGE;
	task->n_assets = (size_t)n;
	task->assets = arena_alloc(&task->arena, (size_t)n * sizeof(*task->assets));
	assert_non_null(task->assets);
	for (int i = 0; i < n; i++) {
		char uri[16];

		(void)snprintf(uri, sizeof(uri), "tos/%d", i);
		task->assets[i] = (struct asset){
			.index = i,
			.kind = MEDIA_IMAGE,
			.state = ASSET_WANTED,
			.uri = arena_strdup(&task->arena, uri),
			.url = arena_strdup(&task->arena, raw_url(bench->server, "/f/1")),
			.expires_unix = expires_unix,
			.duration_ms = -1,
			.size_bytes = -1,
			.stored_bytes = -1,
		};
	}
	ok(ledger_observe(dq->ledger, dq->profile, &task, tokens, 1, dq->now.unix_ms,
	    &bench->moments.err));
	return task;
}

static inline void give(struct bench *bench, int64_t expires_unix)
{
	downloads_give(bench->downloads, KEY, "task-1", seen(bench, expires_unix, 1));
}

/* What is under way goes on, and with may_begin more; time does not. */
static inline void step_if(struct bench *bench, bool may_begin)
{
	downloads_step(bench->downloads, may_begin);
	ok(net_step(bench->dq->net, 10, &bench->moments.err));
	group_commit_collect(bench->commits);
	downloads_collect(bench->downloads);
}

static inline void step(struct bench *bench)
{
	step_if(bench, true);
}

static inline bool is_open(const struct bench *bench)
{
	return downloads_open(bench->downloads, KEY) > 0;
}

/* Until nothing is under way, and what is open waits for time or for us. */
static inline void settle(struct bench *bench)
{
	int i = 0;

	step(bench);
	while (downloads_active(bench->downloads) > 0 ||
	    downloads_have_jobs(bench->downloads)) {
		assert_true(i++ < STEPS_MAX);
		step(bench);
	}
}

static inline void assert_is_home(struct bench *bench)
{
	const unsigned char *bytes;
	size_t len = 0;

	assert_false(is_open(bench));
	assert_null(downloads_trouble(bench->downloads, KEY));
	bytes = memory_bytes(HOME, &len);
	assert_non_null(bytes);
	assert_int_equal(len, bench->media.len);
	assert_memory_equal(bytes, bench->media.bytes, len);
}

static inline void assert_given_up(struct bench *bench, enum err_kind kind)
{
	assert_false(is_open(bench));
	assert_non_null(downloads_trouble(bench->downloads, KEY));
	assert_int_equal(downloads_trouble(bench->downloads, KEY)->kind, kind);
}

/* Is this told, among all that is? */
static inline bool is_told(struct bench *bench, enum downloads_what what)
{
	struct downloads_told told;
	bool is = false;

	while (downloads_told(bench->downloads, &told))
		is |= told.what == what;
	return is;
}

static inline unsigned requests(struct bench *bench)
{
	return atomic_load(&bench->requests);
}

static inline int64_t wait_ms(const struct bench *bench)
{
	return downloads_next_ms(bench->downloads) - bench->dq->now.mono_ms;
}

/* Not before it is due, and then. */
static inline void pass_the_rest(struct bench *bench)
{
	const int64_t rest_ms = wait_ms(bench);
	const unsigned n = requests(bench);

	assert_int_not_equal(downloads_next_ms(bench->downloads), INT64_MAX);
	moments_pass(&bench->moments, rest_ms - 1);
	settle(bench);
	assert_int_equal(requests(bench), n);
	moments_pass(&bench->moments, 1);
	settle(bench);
}
