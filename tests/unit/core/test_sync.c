/*
 * test_sync.c - dq_sync: all that an account has comes home, once, wherever it is ended;
 * or the part of it that is wanted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account_scene.h"

/* --- all of it ---------------------------------------------------------------------- */

static void all_comes_home_and_once(void **state)
{
	struct account account = { .n = 45 };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };
	struct dq_synced synced;

	(void)state;
	scene_open(&scene);
	synced = sync_all(&scene, DQ_OK);
	assert_int_equal(synced.adopted, 45);
	assert_int_equal(synced.listed, 45);
	assert_int_equal(synced.files, 45);
	assert_int_equal(scene_count_files(&scene), 45);
	/* Five pages and the empty listing; links were at hand, so nobody was polled. */
	assert_int_equal(synced.requests, 6);
	assert_int_equal(atomic_load(&scene.queries), 0);
	scene_assert_home(&scene, "task-44", 0);
	scene_assert_home(&scene, "900043", 0);

	scene_rerun(&scene);
	atomic_store(&scene.lists, 0);
	synced = sync_all(&scene, DQ_OK);
	assert_in_range(synced.requests, 2, 3);
	assert_int_equal(synced.adopted, 0);
	assert_int_equal(synced.files, 0);

	account.n++;
	scene_rerun(&scene);
	atomic_store(&scene.lists, 0);
	synced = sync_all(&scene, DQ_OK);
	assert_in_range(synced.requests, 2, 3);
	assert_int_equal(synced.adopted, 1);
	scene_assert_home(&scene, "900045", 0);
}

static void two_listings_are_one_account(void **state)
{
	struct account account = { .n = 25, .is_in_history = true };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };
	struct dq_synced synced;

	(void)state;
	scene_open(&scene);
	synced = sync_all(&scene, DQ_OK);
	assert_int_equal(synced.listed, 50);
	assert_int_equal(synced.adopted, 25);
	assert_int_equal(synced.files, 25);
	assert_int_equal(atomic_load(&scene.files), 25);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 25);
}

static void it_goes_on_where_it_was_ended(void **state)
{
	struct account account = { .n = 75 };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };
	size_t adopted = 0;

	(void)state;
	scene_open(&scene);
	for (unsigned i = 0; i < 5; i++) {
		account.interrupts_at = atomic_load(&scene.lists) + 2;
		adopted += sync_all(&scene, DQ_INTERRUPTED).adopted;
		scene_rerun(&scene);
		account.n++; /* somebody makes one meanwhile */
	}
	account.interrupts_at = 0;
	adopted += sync_all(&scene, DQ_OK).adopted;
	assert_int_equal(adopted, 80);
	assert_int_equal(scene_count_files(&scene), 80);
}

/* Rows that have no file yet are fetched, though their page is long behind. */
static void files_that_were_left_come(void **state)
{
	struct account account = { .n = 15 };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };
	struct dq_sync short_one = { .get.wait.max_wait_ms = 0 };

	(void)state;
	scene_open(&scene);
	account.running_from = 12;
	short_one.get.wait.max_wait_ms = 1000;
	(void)run(&scene, &short_one, DQ_RUNNING);
	assert_int_equal(scene_count_files(&scene), 11);
	account.running_from = 0;
	scene_rerun(&scene);
	(void)sync_all(&scene, DQ_OK);
	assert_int_equal(scene_count_files(&scene), 15);
}

static void old_failures_are_told_and_no_failure(void **state)
{
	struct account account = { .n = 12, .failed = 3 };
	SCENE scene = { .on_list = list, .on_query = query, .payload = &account };
	struct dq_synced synced;

	(void)state;
	scene_open(&scene);
	synced = sync_all(&scene, DQ_OK);
	assert_int_equal(synced.files, 11);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 12);
	assert_true(scene_told(&scene, "\"state\":\"failed\""));
}

/* --- a part of it ------------------------------------------------------------------- */

static void only_the_newest(void **state)
{
	struct account account = { .n = 45 };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };

	(void)state;
	scene_open(&scene);
	for (unsigned i = 0; i < 3; i++) {
		const struct dq_synced synced =
		    run(&scene, &(struct dq_sync){ .limit = 7 }, DQ_OK);

		assert_int_equal(synced.adopted, 7);
		assert_int_equal(scene_count_files(&scene), 7 * (i + 1));
		scene_rerun(&scene);
	}
	scene_assert_home(&scene, "task-24", 0);
	assert_int_equal(sync_all(&scene, DQ_OK).adopted, 24);
	assert_int_equal(scene_count_files(&scene), 45);
}

static void only_since_then(void **state)
{
	struct account account = { .n = 45 };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };
	struct dq_synced synced;

	(void)state;
	scene_open(&scene);
	synced =
	    run(&scene, &(struct dq_sync){ .since_unix_ms = made_s(30) * 1000 }, DQ_OK);
	assert_int_equal(synced.adopted, 15);
	scene_rerun(&scene);
	assert_int_equal(sync_all(&scene, DQ_OK).adopted, 30);
	assert_int_equal(scene_count_files(&scene), 45);
}

static void only_one_kind(void **state)
{
	struct account account = { .n = 25 };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };

	(void)state;
	scene_open(&scene);
	(void)run(&scene, &(struct dq_sync){ .kind = "sculpture" }, DQ_USAGE);
	/* Each fifth is listed as a video, and has a picture. */
	assert_int_equal(
	    run(&scene, &(struct dq_sync){ .kind = "audio" }, DQ_OK).adopted, 0);
	scene_rerun(&scene);
	assert_int_equal(
	    run(&scene, &(struct dq_sync){ .kind = "image" }, DQ_OK).adopted, 25);
	scene_rerun(&scene);
	/* That was no walk through all; this one is, and of each kind. */
	assert_int_equal(sync_all(&scene, DQ_OK).listed, 25);
	scene_rerun(&scene);
	assert_int_equal(
	    run(&scene, &(struct dq_sync){ .kind = "video" }, DQ_OK).listed, PAGE_MAX);
}

static void what_would_be_is_told(void **state)
{
	struct account account = { .n = 25, .is_in_history = true };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };
	struct dq_synced synced;

	(void)state;
	scene_open(&scene);
	for (unsigned i = 0; i < 2; i++) {
		synced = run(&scene, &(struct dq_sync){ .dry_run = true }, DQ_OK);
		assert_int_equal(synced.adopted, 25);
		assert_int_equal(synced.files, 0);
		assert_int_equal(scene.told[DQ_EVENT_TASK], 25);
		assert_int_equal(scene_count_files(&scene), 0);
		scene_rerun(&scene);
	}
	assert_int_equal(sync_all(&scene, DQ_OK).adopted, 25);
	scene_rerun(&scene);
	assert_int_equal(
	    run(&scene, &(struct dq_sync){ .dry_run = true }, DQ_OK).adopted, 0);
	scene_rerun(&scene);
	assert_int_equal(
	    run(&scene, &(struct dq_sync){ .full = true }, DQ_OK).listed, 50);
}

/* --- in a watch --------------------------------------------------------------------- */

static void a_watch_takes_in_the_account_too(void **state)
{
	struct account account = { .n = 25 };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };
	const struct dq_watch watch = { .size_bytes = sizeof(watch),
		.get = { .size_bytes = sizeof(watch.get), .sink = scene.out },
		.until_idle = true,
		.sync_every_ms = INT64_C(3600) * 1000 };

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_watch(scene.dq, &watch, &scene.err), DQ_OK);
	assert_int_equal(scene_count_files(&scene), 25);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 25);
}

static void list_and_drain(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	struct account *account = scene->payload;

	/* Two listings a walk, then half an hour of it: another task was made. */
	if (number % 2 == 0)
		account->n++;
	list(scene, peer, request, number);
	if (number >= 9)
		dq_drain(scene->dq, 60000);
}

static void again_and_again(void **state)
{
	struct account account = { .n = 0 };
	SCENE scene = {
		.on_list = list_and_drain, .on_query = query, .payload = &account
	};
	const struct dq_watch watch = { .size_bytes = sizeof(watch),
		.get = { .size_bytes = sizeof(watch.get), .sink = scene.out },
		.sync_every_ms = INT64_C(3600) * 1000 };
	struct moment begun;

	(void)state;
	scene_open(&scene);
	begun = scene_now();
	assert_int_equal(dq_watch(scene.dq, &watch, &scene.err), DQ_OK);
	assert_int_equal(atomic_load(&scene.lists), 10);
	assert_in_range(scene_count_files(&scene), 4, 5);
	/* Five walks, an hour between two. */
	assert_in_range(
	    (scene_now().mono_ms - begun.mono_ms) / 60000, 4 * 60, 4 * 60 + 10);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_comes_home_and_once),
		cmocka_unit_test(two_listings_are_one_account),
		cmocka_unit_test(it_goes_on_where_it_was_ended),
		cmocka_unit_test(files_that_were_left_come),
		cmocka_unit_test(old_failures_are_told_and_no_failure),
		cmocka_unit_test(only_the_newest),
		cmocka_unit_test(only_since_then),
		cmocka_unit_test(only_one_kind),
		cmocka_unit_test(what_would_be_is_told),
		cmocka_unit_test(a_watch_takes_in_the_account_too),
		cmocka_unit_test(again_and_again),
	};

	return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
