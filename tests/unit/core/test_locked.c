/* A ledger that another program has locked: who waits for it, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "dreamq/submit.h"
#include "ledger_lab.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene

/* --- a neighbour that writes ------------------------------------------------------- */

/* An ordinary commit takes a millisecond, on a slow disk a hundred. */
enum { COMMIT_MS = 100, SHORT_MS = 20, LONGER_MS = 200, FOR_EVER_MS = 60000 };

struct neighbour {
	const char *path;
	int for_ms;
	pthread_t thread;
	atomic_bool has_lock, shall_end, had_to_end;
};

static void *hold(void *payload)
{
	struct neighbour *neighbour = payload;
	struct lab_lock *held = lab_lock(neighbour->path);

	atomic_store(&neighbour->has_lock, true);
	for (int i = 0; i < neighbour->for_ms && !atomic_load(&neighbour->shall_end); i++)
		(void)usleep(1000);
	atomic_store(&neighbour->had_to_end, atomic_load(&neighbour->shall_end));
	lab_unlock(held);
	return NULL;
}

static void lock(struct neighbour *neighbour)
{
	if (pthread_create(&neighbour->thread, NULL, hold, neighbour))
		abort();
	while (!atomic_load(&neighbour->has_lock))
		(void)usleep(1000);
}

/* True: the lock outlasted whoever waited for it. */
static bool unlock(struct neighbour *neighbour)
{
	atomic_store(&neighbour->shall_end, true);
	assert_int_equal(pthread_join(neighbour->thread, NULL), 0);
	return atomic_load(&neighbour->had_to_end);
}

/* --- an end ------------------------------------------------------------------------ */

/* Each time something else: what is there already is not written again. */
static enum err_kind write_something(struct scene *scene, size_t number)
{
	const struct account_pause pause = { .kind = ERR_ACCOUNT,
		.until_unix_ms = INT64_C(4000000000000) + (int64_t)number,
		.text = "risk" };
	struct err err;

	return ledger_pause(scene->dq->ledger, "default", &pause, &err);
}

static void interrupt(struct scene *scene)
{
	dq_interrupt(scene->dq);
}

static void drain(struct scene *scene)
{
	dq_drain(scene->dq, 1000);
}

static void be_late(struct scene *scene)
{
	session_set_max_wait(scene->dq, 1);
	scene_pass(scene, 1);
	assert_true(session_is_late(scene->dq));
}

static const struct {
	const char *label;
	void (*end)(struct scene *scene);
	enum err_kind kind; /* of a write that waits too long */
} ends[] = {
	{ "interrupted", interrupt, ERR_CANCELLED },
	{ "draining", drain, ERR_CANCELLED },
	{ "the waiting time is over", be_late, ERR_LOCKED },
};

static void an_end_has_time_for_a_commit(void **state)
{
	SCENE scene = { .on_query = NULL };

	(void)state;
	scene_open(&scene);
	assert_in_range(scene.dq->last_wait_ms, 10 * COMMIT_MS, 3000);
}

static void an_end_waits_for_a_short_lock(void **state)
{
	SCENE scene = { .last_wait_ms = FOR_EVER_MS };
	struct err err;

	(void)state;
	scene_open(&scene);
	assert_int_equal(session_ledger(scene.dq, &err), ERR_OK);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct neighbour neighbour = { .path = scene.ledger, .for_ms = SHORT_MS };

		print_message("# %s\n", ends[i].label);
		ends[i].end(&scene);
		lock(&neighbour);
		assert_int_equal(write_something(&scene, i), ERR_OK);
		assert_false(unlock(&neighbour));
		session_verb_ends(&scene.dq);
	}
}

static void an_end_does_not_wait_for_ever(void **state)
{
	SCENE scene = { .last_wait_ms = SHORT_MS };
	struct err err;

	(void)state;
	scene_open(&scene);
	assert_int_equal(session_ledger(scene.dq, &err), ERR_OK);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct neighbour neighbour = { .path = scene.ledger,
			.for_ms = FOR_EVER_MS };

		print_message("# %s\n", ends[i].label);
		ends[i].end(&scene);
		lock(&neighbour);
		assert_int_equal(write_something(&scene, i), ends[i].kind);
		assert_true(unlock(&neighbour));
		session_verb_ends(&scene.dq);
	}
}

/* --- the answer to what was sent --------------------------------------------------- */

/* A bare refusal: no task was begun, and the wish waits in the queue for another time. */
static void refuses_while_it_ends(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	dq_interrupt(scene->dq);
	lock(scene->payload);
	raw_answer(
	    peer, 200, "", "{\"ret\":\"1310\",\"errmsg\":\"ExceedConcurrencyLimit\"}");
}

static void an_interrupt_loses_no_answer(void **state)
{
	SCENE scene = { .on_submit = refuses_while_it_ends, .last_wait_ms = SHORT_MS };
	const struct dq_submit submit = { .size_bytes = sizeof(submit),
		.prompt = "a cat" };
	struct neighbour neighbour = { .for_ms = LONGER_MS };
	_cleanup_(task_freep) struct task *left = NULL;
	char id[DQ_ID_MAX + 1];

	(void)state;
	scene.payload = &neighbour;
	scene_open(&scene);
	neighbour.path = scene.ledger;
	assert_int_equal(dq_submit(scene.dq, &submit, id, &scene.err), DQ_INTERRUPTED);
	assert_false(unlock(&neighbour));
	/* Provably not accepted: it waits in the queue. */
	scene_rerun(&scene);
	left = lab_task(scene.ledger, id);
	assert_int_equal(left->state, TASK_SUBMITTING);
	assert_true(left->is_waiting);
}

/* --- --max-wait -------------------------------------------------------------------- */

static void a_verb_ends_with_its_waiting_time(void **state)
{
	SCENE scene = {
		.on_query = scene_four_images, .last_wait_ms = SHORT_MS, .reading_ms = 50
	};
	struct neighbour neighbour = { .for_ms = FOR_EVER_MS };
	struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .size_bytes = sizeof(get.wait), .max_wait_ms = 100 } };
	struct dq_watch watch = { .size_bytes = sizeof(watch) };
	const char *id = "task-1";

	(void)state;
	scene_open(&scene);
	neighbour.path = scene.ledger;
	scene_query(&scene, "other", NULL, NULL);
	lock(&neighbour);
	get.sink = scene.out;
	watch.get = get;
	assert_int_equal(dq_get(scene.dq, &id, 1, &get, &scene.err), DQ_STORAGE);
	assert_non_null(strstr(scene.err.message, "until the time to wait was over"));
	assert_int_equal(dq_wait(scene.dq, &id, 1, &get.wait, &scene.err), DQ_STORAGE);
	(void)dq_watch(scene.dq, &watch, &scene.err);
	/* Its ledger is still to be opened. */
	scene_rerun(&scene);
	(void)dq_watch(scene.dq, &watch, &scene.err);
	assert_true(unlock(&neighbour));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_has_time_for_a_commit),
		cmocka_unit_test(an_end_waits_for_a_short_lock),
		cmocka_unit_test(an_end_does_not_wait_for_ever),
		cmocka_unit_test(an_interrupt_loses_no_answer),
		cmocka_unit_test(a_verb_ends_with_its_waiting_time),
	};

	return cmocka_run_group_tests_name("locked", tests, NULL, NULL);
}
