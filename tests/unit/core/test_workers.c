/* Threads that take jobs and give them back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "base/cleanup.h"
#include "core/common/workers.h"

#define WORKERS _cleanup_(workers_freep) struct workers *

enum { JOBS = 500, PATIENCE_S = 20 };

static void workers_freep(struct workers **workers)
{
	workers_free(*workers);
}

/* What the jobs of one test share. */
struct yard {
	sem_t wakes; /* posted by each wake */
	sem_t gate; /* a closed job waits for it */
	atomic_uint runs, drops;
	pthread_t loop;
	struct workers *workers;
	unsigned dones;
	size_t order[JOBS];
};

struct task_job {
	struct job job; /* first */
	struct yard *yard;
	size_t number;
	bool is_closed, posts_again;
	bool ran_on_loop, done_on_loop;
};

static void wake(void *payload)
{
	struct yard *yard = payload;

	(void)sem_post(&yard->wakes);
}

static void run(struct job *job)
{
	struct task_job *mine = (struct task_job *)job;

	mine->ran_on_loop = pthread_equal(pthread_self(), mine->yard->loop);
	if (mine->is_closed)
		(void)sem_wait(&mine->yard->gate);
	atomic_fetch_add(&mine->yard->runs, 1);
}

static void done(struct job *job)
{
	struct task_job *mine = (struct task_job *)job;
	struct yard *yard = mine->yard;

	mine->done_on_loop = pthread_equal(pthread_self(), yard->loop);
	yard->order[yard->dones++] = mine->number;
	if (mine->posts_again) {
		mine->posts_again = false;
		workers_post(yard->workers, job);
	}
}

static void drop(struct job *job)
{
	struct task_job *mine = (struct task_job *)job;

	atomic_fetch_add(&mine->yard->drops, 1);
}

static void yard_open(struct yard *yard)
{
	*yard = (struct yard){ .loop = pthread_self() };
	assert_int_equal(sem_init(&yard->wakes, 0, 0), 0);
	assert_int_equal(sem_init(&yard->gate, 0, 0), 0);
}

static struct workers *start(struct yard *yard, unsigned n_threads)
{
	struct err err;

	yard_open(yard);
	assert_int_equal(
	    workers_new(n_threads, wake, yard, &yard->workers, &err), ERR_OK);
	return yard->workers;
}

static void await_wake(struct yard *yard)
{
	struct timespec until;

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &until), 0);
	until.tv_sec += PATIENCE_S;
	assert_int_equal(sem_timedwait(&yard->wakes, &until), 0);
}

static struct task_job job_make(struct yard *yard, size_t number)
{
	return (struct task_job){ .job = { .run = run, .done = done, .drop = drop },
		.yard = yard,
		.number = number };
}

static void every_job_runs_and_comes_back(void **state)
{
	static struct task_job jobs[JOBS];
	struct yard yard;
	WORKERS workers = start(&yard, 4);
	size_t collected = 0;

	(void)state;
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i] = job_make(&yard, i);
		workers_post(workers, &jobs[i].job);
	}
	for (size_t i = 0; i < JOBS; i++) {
		await_wake(&yard);
		collected += workers_collect(workers);
		assert_int_equal(workers_busy(workers), JOBS - collected);
	}
	assert_int_equal(collected, JOBS);
	assert_int_equal(yard.dones, JOBS);
	assert_int_equal(workers_collect(workers), 0);
	for (size_t i = 0; i < JOBS; i++) {
		assert_false(jobs[i].ran_on_loop);
		assert_true(jobs[i].done_on_loop);
	}
	workers_free(TAKE_PTR(workers));
	assert_int_equal(atomic_load(&yard.drops), 0);
}

static void one_thread_keeps_the_order(void **state)
{
	static struct task_job jobs[JOBS];
	struct yard yard;
	WORKERS workers = start(&yard, 1);

	(void)state;
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i] = job_make(&yard, i);
		workers_post(workers, &jobs[i].job);
	}
	for (size_t i = 0; i < JOBS; i++) {
		await_wake(&yard);
		(void)workers_collect(workers);
	}
	for (size_t i = 0; i < JOBS; i++)
		assert_int_equal(yard.order[i], i);
}

static void a_slow_job_holds_up_only_its_thread(void **state)
{
	struct yard yard;
	WORKERS workers = start(&yard, 2);
	struct task_job slow = job_make(&yard, 0), quick = job_make(&yard, 1);

	(void)state;
	slow.is_closed = true;
	workers_post(workers, &slow.job);
	workers_post(workers, &quick.job);
	await_wake(&yard);
	assert_int_equal(workers_collect(workers), 1);
	assert_int_equal(yard.order[0], 1);
	assert_int_equal(workers_busy(workers), 1);
	assert_int_equal(sem_post(&yard.gate), 0);
	await_wake(&yard);
	assert_int_equal(workers_collect(workers), 1);
}

static void done_may_post_the_job_again(void **state)
{
	struct yard yard;
	WORKERS workers = start(&yard, 1);
	struct task_job job = job_make(&yard, 0);

	(void)state;
	job.posts_again = true;
	workers_post(workers, &job.job);
	await_wake(&yard);
	(void)workers_collect(workers);
	if (workers_busy(workers) > 0) {
		await_wake(&yard);
		(void)workers_collect(workers);
	}
	assert_int_equal(workers_busy(workers), 0);
	assert_int_equal(yard.dones, 2);
	assert_int_equal(atomic_load(&yard.runs), 2);
}

/* One runs, one has run, many have not begun: all are dropped, none is done. */
static void the_end_drops_what_is_left(void **state)
{
	static struct task_job jobs[10];
	struct yard yard;
	struct workers *workers = start(&yard, 1);

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		jobs[i] = job_make(&yard, i);
		jobs[i].is_closed = i == 1;
		workers_post(workers, &jobs[i].job);
	}
	await_wake(&yard);
	assert_int_equal(sem_post(&yard.gate), 0);
	workers_free(workers);
	assert_int_equal(atomic_load(&yard.drops), 10);
	assert_int_equal(yard.dones, 0);
	assert_true(atomic_load(&yard.runs) >= 1);
}

static void drop_may_be_nothing(void **state)
{
	struct yard yard;
	struct workers *workers = start(&yard, 1);
	struct task_job job = job_make(&yard, 0);

	(void)state;
	job.job.drop = NULL;
	workers_post(workers, &job.job);
	await_wake(&yard);
	workers_free(workers);
	workers_free(NULL);
}

static void numbers_of_threads(void **state)
{
	struct yard yard;
	struct workers *workers = NULL;
	struct err err;

	(void)state;
	yard_open(&yard);
	assert_int_equal(workers_new(0, wake, &yard, &workers, &err), ERR_NOMEM);
	assert_null(workers);
	assert_int_equal(workers_new(100000, wake, &yard, &workers, &err), ERR_OK);
	workers_free(workers);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_runs_and_comes_back),
		cmocka_unit_test(one_thread_keeps_the_order),
		cmocka_unit_test(a_slow_job_holds_up_only_its_thread),
		cmocka_unit_test(done_may_post_the_job_again),
		cmocka_unit_test(the_end_drops_what_is_left),
		cmocka_unit_test(drop_may_be_nothing),
		cmocka_unit_test(numbers_of_threads),
	};

	return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
