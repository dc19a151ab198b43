/*
 * test_sync_lies.c - dq_sync, and what a listing can do to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account_scene.h"

/* --- what a listing can do ------------------------------------------------------- */

static void broken_paging_ends_and_loses_nothing(void **state)
{
	static const struct {
		enum listing_fault fault;
		enum dq_status status;
		const char *says;
		size_t adopted;
	} rows[] = {
		{ SAME_PAGE, DQ_CONTRACT, "the same page", 20 },
		{ CIRCLE, DQ_CONTRACT, "in a circle", 30 },
		{ BACKWARDS, DQ_CONTRACT, "backwards", 30 },
		{ NOWHERE, DQ_CONTRACT, "does not say where", 30 },
		{ EMPTY_FOR_EVER, DQ_CONTRACT, "empty pages", 20 },
		{ SKIPS_ONE, DQ_OK, "", 43 },
		{ REFUSED, DQ_CONTRACT, "invalid", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct account account = { .n = 45, .fault = rows[i].fault };
		SCENE scene = { .on_list = list,
			.on_query = query,
			.payload = &account,
			.wire = small_pages };
		struct dq_synced synced;

		print_message("# row %zu\n", i);
		scene_open(&scene);
		synced = sync_all(&scene, rows[i].status);
		assert_non_null(strstr(scene.err.message, rows[i].says));
		assert_int_equal(synced.adopted, rows[i].adopted);
		assert_int_equal(scene_count_files(&scene), rows[i].adopted);
		assert_in_range(atomic_load(&scene.lists), 2, 12);
		/* The other listing has them, or a walk from the top. */
		account.fault = NO_FAULT;
		account.is_in_history = rows[i].fault == SKIPS_ONE;
		scene_rerun(&scene);
		(void)run(&scene, &(struct dq_sync){ .full = true }, DQ_OK);
		assert_int_equal(scene_count_files(&scene), 45);
	}
}

static void the_next_run_goes_on_behind_the_fault(void **state)
{
	struct account account = { .n = 45, .fault = NOWHERE };
	SCENE scene = { .on_list = list,
		.on_query = query,
		.payload = &account,
		.wire = small_pages };

	(void)state;
	scene_open(&scene);
	(void)sync_all(&scene, DQ_CONTRACT);
	account.fault = NO_FAULT;
	scene_rerun(&scene);
	(void)sync_all(&scene, DQ_OK);
	assert_int_equal(scene_count_files(&scene), 45);
}

/* --- the account ---------------------------------------------------------------- */

static const char *refusal;

static void refuse(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 200, "", refusal);
}

static void who_is_stopped_stops(void **state)
{
	static const struct {
		const char *body;
		bool credit_too;
		enum dq_status status;
	} rows[] = {
		{ "{\"ret\":\"1018\",\"errmsg\":\"punish\"}", false, DQ_ACCOUNT },
		{ "{\"ret\":\"1019\",\"errmsg\":\"shark\"}", false, DQ_ACCOUNT },
		{ "{\"ret\":\"1015\",\"errmsg\":\"login error\"}", true, DQ_AUTH },
		{ "{\"ret\":\"1015\",\"errmsg\":\"login error\"}", false, DQ_AUTH },
		{ "<html>", false, DQ_NETWORK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		SCENE scene = { .on_list = refuse,
			.on_credit = rows[i].credit_too ? refuse : NULL };

		print_message("# row %zu\n", i);
		refusal = rows[i].body;
		scene_open(&scene);
		(void)sync_all(&scene, rows[i].status);
		assert_in_range(atomic_load(&scene.lists), 1, 6);
		if (rows[i].status == DQ_AUTH)
			assert_non_null(
			    strstr(scene.err.message, "of another region than 'cn'"));
	}
}

static void no_answer_in_time(void **state)
{
	struct account account = { .n = 25, .fault = REFUSED };
	SCENE scene = { .on_list = refuse, .payload = &account };
	struct dq_sync sync = { .get.wait.max_wait_ms = 5000 };

	(void)state;
	refusal = "{\"ret\":\"2008\",\"errmsg\":\"\"}";
	scene_open(&scene);
	(void)run(&scene, &sync, DQ_ACCOUNT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_paging_ends_and_loses_nothing),
		cmocka_unit_test(the_next_run_goes_on_behind_the_fault),
		cmocka_unit_test(who_is_stopped_stops),
		cmocka_unit_test(no_answer_in_time),
	};

	return cmocka_run_group_tests_name("sync_lies", tests, NULL, NULL);
}
