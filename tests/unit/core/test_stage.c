/* Who goes together through a stage, and who waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/download/stage.h"

enum { MEMBERS = 64, GROUPS = 64 };

struct member {
	struct staged staged; /* first */
	struct yard *yard;
	unsigned times, again; /* done so often; to be added so often again */
	size_t group; /* the last that it was in, from 1 on */
	bool was_on_loop;
};

struct yard {
	struct workers *workers;
	struct stage *stage;
	sem_t wakes, gate, begun; /* a group waits at the gate */
	pthread_mutex_t lock;
	size_t sizes[GROUPS], n; /* of the groups that ran; under the lock */
	pthread_t loop;
	struct member members[MEMBERS];
	size_t order[MEMBERS], n_done;
};

static void wake(void *payload)
{
	(void)sem_post(&((struct yard *)payload)->wakes);
}

static void run(struct staged *const *group, size_t n)
{
	struct member *first = (struct member *)group[0];
	struct yard *yard = first->yard;

	(void)sem_post(&yard->begun);
	(void)sem_wait(&yard->gate);
	pthread_mutex_lock(&yard->lock);
	assert_true(yard->n < GROUPS);
	yard->sizes[yard->n++] = n;
	for (size_t i = 0; i < n; i++) {
		struct member *member = (struct member *)group[i];

		member->group = yard->n;
		member->was_on_loop = pthread_equal(pthread_self(), yard->loop);
	}
	pthread_mutex_unlock(&yard->lock);
}

static void done(struct staged *one)
{
	struct member *member = (struct member *)one;
	struct yard *yard = member->yard;

	assert_true(pthread_equal(pthread_self(), yard->loop));
	assert_false(member->was_on_loop);
	member->times++;
	yard->order[yard->n_done++ % MEMBERS] = (size_t)(member - yard->members);
	if (member->again > 0) {
		member->again--;
		stage_add(yard->stage, one);
	}
}

static struct yard *yard_of(
    void **state, unsigned lanes, size_t group_max, uint64_t weight_max)
{
	struct yard *yard = *state;
	const struct stage_setup setup = { .workers = yard->workers,
		.lanes = lanes,
		.group_max = group_max,
		.weight_max = weight_max,
		.run = run,
		.done = done };
	struct err err;

	assert_int_equal(stage_new(&setup, &yard->stage, &err), ERR_OK);
	return yard;
}

static int make(void **state)
{
	struct yard *yard = calloc(1, sizeof(*yard));
	struct err err;

	assert_non_null(yard);
	yard->loop = pthread_self();
	assert_int_equal(sem_init(&yard->wakes, 0, 0), 0);
	assert_int_equal(sem_init(&yard->gate, 0, 0), 0);
	assert_int_equal(sem_init(&yard->begun, 0, 0), 0);
	pthread_mutex_init(&yard->lock, NULL);
	for (size_t i = 0; i < MEMBERS; i++)
		yard->members[i].yard = yard;
	*state = yard;
	return workers_new(4, wake, yard, &yard->workers, &err) ? -1 : 0;
}

static void open_gate(struct yard *yard)
{
	for (size_t i = 0; i < GROUPS; i++)
		(void)sem_post(&yard->gate);
}

static int unmake(void **state)
{
	_cleanup_free_ struct yard *yard = *state;

	open_gate(yard);
	workers_free(yard->workers);
	stage_free(yard->stage);
	(void)sem_destroy(&yard->wakes);
	(void)sem_destroy(&yard->gate);
	(void)sem_destroy(&yard->begun);
	pthread_mutex_destroy(&yard->lock);
	return 0;
}

static void add(struct yard *yard, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++)
		stage_add(yard->stage, &yard->members[i].staged);
}

/* `n` groups pass the gate and come back. */
static void let_pass(struct yard *yard, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)sem_post(&yard->gate);
	for (size_t i = 0; i < n; i++) {
		(void)sem_wait(&yard->wakes);
		(void)workers_collect(yard->workers);
	}
}

static void wait_for_groups(struct yard *yard, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)sem_wait(&yard->begun);
}

/* ---------------------------------------------------------------------------------- */

static void who_waits_goes_together(void **state)
{
	struct yard *yard = yard_of(state, 1, MEMBERS, UINT64_MAX);

	add(yard, 0, 5);
	stage_step(yard->stage);
	wait_for_groups(yard, 1);
	add(yard, 5, 3); /* while the first group is under way */
	stage_step(yard->stage);
	add(yard, 8, 1);
	stage_step(yard->stage);
	assert_int_equal(stage_begun(yard->stage), 1);
	let_pass(yard, 1);
	assert_int_equal(yard->n_done, 5);
	stage_step(yard->stage);
	let_pass(yard, 1);
	assert_int_equal(yard->n, 2);
	assert_int_equal(yard->sizes[0], 5);
	assert_int_equal(yard->sizes[1], 4);
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(yard->order[i], i);
		assert_int_equal(yard->members[i].times, 1);
	}
}

static void a_lone_one_does_not_wait(void **state)
{
	struct yard *yard = yard_of(state, 1, MEMBERS, UINT64_MAX);

	stage_step(yard->stage); /* nothing waits */
	assert_int_equal(stage_begun(yard->stage), 0);
	for (size_t i = 0; i < 3; i++) {
		add(yard, i, 1);
		stage_step(yard->stage);
		let_pass(yard, 1);
		assert_int_equal(yard->members[i].times, 1);
	}
	assert_int_equal(yard->n, 3);
}

static void heavy_ones_take_lanes_of_their_own(void **state)
{
	struct yard *yard = yard_of(state, 3, MEMBERS, 10);
	static const uint64_t weights[] = { 99, 6, 4, 6, 3 };

	for (size_t i = 0; i < 5; i++)
		yard->members[i].staged.weight = weights[i];
	add(yard, 0, 5);
	stage_step(yard->stage);
	wait_for_groups(yard, 3);
	assert_int_equal(stage_begun(yard->stage), 3);
	let_pass(yard, 3);
	assert_int_not_equal(yard->members[0].group, yard->members[1].group);
	assert_int_equal(yard->members[1].group, yard->members[2].group);
	assert_int_not_equal(yard->members[2].group, yard->members[3].group);
	assert_int_equal(yard->members[3].group, yard->members[4].group);
}

static void a_group_has_a_limit(void **state)
{
	struct yard *yard = yard_of(state, 2, 4, UINT64_MAX);

	add(yard, 0, 11);
	stage_step(yard->stage);
	wait_for_groups(yard, 2);
	let_pass(yard, 2);
	assert_int_equal(yard->n_done, 8);
	stage_step(yard->stage);
	let_pass(yard, 1);
	assert_int_equal(yard->n_done, 11);
	assert_int_equal(yard->sizes[2], 3);
}

/* Those that are added while others are told are of the next group, all of them. */
static void who_comes_again_goes_with_the_next(void **state)
{
	struct yard *yard = yard_of(state, 1, MEMBERS, UINT64_MAX);

	for (size_t i = 0; i < 4; i++)
		yard->members[i].again = 2;
	add(yard, 0, 6);
	for (size_t i = 0; i < 3; i++) {
		stage_step(yard->stage);
		let_pass(yard, 1);
	}
	stage_step(yard->stage);
	assert_int_equal(stage_begun(yard->stage), 3);
	assert_int_equal(yard->sizes[0], 6);
	assert_int_equal(yard->sizes[1], 4);
	assert_int_equal(yard->sizes[2], 4);
	assert_int_equal(yard->members[0].times, 3);
	assert_int_equal(yard->members[5].times, 1);
}

static void at_the_end_nobody_is_told(void **state)
{
	struct yard *yard = yard_of(state, 1, MEMBERS, UINT64_MAX);

	add(yard, 0, 3);
	stage_step(yard->stage);
	wait_for_groups(yard, 1);
	add(yard, 3, 3);
	open_gate(yard);
	workers_free(TAKE_PTR(yard->workers));
	assert_int_equal(yard->n, 1);
	assert_int_equal(yard->n_done, 0);
	stage_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
		TEST(who_waits_goes_together),
		TEST(a_lone_one_does_not_wait),
		TEST(heavy_ones_take_lanes_of_their_own),
		TEST(a_group_has_a_limit),
		TEST(who_comes_again_goes_with_the_next),
		TEST(at_the_end_nobody_is_told),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
