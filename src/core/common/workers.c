#include "core/common/workers.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { WORKERS_MAX = 16 };

/* First in, first out. */
struct queue {
	struct job *first, **tail;
};

struct workers {
	pthread_mutex_t lock; /* guards todo, finished, is_closing */
	pthread_cond_t has_work;
	struct queue todo, finished;
	bool is_closing;
	void (*wake)(void *payload);
	void *payload;
	size_t busy; /* the loop's thread only */
	unsigned n_threads;
	pthread_t threads[WORKERS_MAX];
};

static void queue_add(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->tail = job;
	queue->tail = &job->next;
}

static struct job *queue_take(struct queue *queue)
{
	struct job *job = queue->first;

	if (job) {
		queue->first = job->next;
		if (!queue->first)
			queue->tail = &queue->first;
	}
	return job;
}

static struct job *wait_for_job(struct workers *workers)
{
	struct job *job = NULL;

	pthread_mutex_lock(&workers->lock);
	while (!workers->is_closing && !(job = queue_take(&workers->todo)))
		pthread_cond_wait(&workers->has_work, &workers->lock);
	pthread_mutex_unlock(&workers->lock);
	return job;
}

static void *work(void *arg)
{
	struct workers *workers = arg;
	struct job *job;

	while ((job = wait_for_job(workers))) {
		job->run(job);
		pthread_mutex_lock(&workers->lock);
		queue_add(&workers->finished, job);
		pthread_mutex_unlock(&workers->lock);
		workers->wake(workers->payload);
	}
	return NULL;
}

static void init(struct workers *workers)
{
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->has_work, NULL);
	workers->todo.tail = &workers->todo.first;
	workers->finished.tail = &workers->finished.first;
}

static void drop_all(struct queue *queue)
{
	struct job *job;

	while ((job = queue_take(queue)))
		if (job->drop)
			job->drop(job);
}

enum err_kind workers_new(unsigned n_threads, void (*wake)(void *payload), void *payload,
    struct workers **ret_workers, struct err *err)
{
	struct workers *workers = calloc(1, sizeof(*workers));

	if (!workers)
		return err_set(err, ERR_NOMEM, "out of memory for worker threads");
	init(workers);
	workers->wake = wake;
	workers->payload = payload;
	while (workers->n_threads < n_threads && workers->n_threads < WORKERS_MAX) {
		if (pthread_create(
			&workers->threads[workers->n_threads], NULL, work, workers))
			break;
		workers->n_threads++;
	}
	if (workers->n_threads == 0) {
		workers_free(workers);
		return err_set(err, ERR_NOMEM, "can't start a worker thread");
	}
	*ret_workers = workers;
	return ERR_OK;
}

void workers_free(struct workers *workers)
{
	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->is_closing = true;
	pthread_cond_broadcast(&workers->has_work);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->n_threads; i++)
		pthread_join(workers->threads[i], NULL);
	drop_all(&workers->todo);
	drop_all(&workers->finished);
	pthread_cond_destroy(&workers->has_work);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}

void workers_post(struct workers *workers, struct job *job)
{
	workers->busy++;
	pthread_mutex_lock(&workers->lock);
	queue_add(&workers->todo, job);
	pthread_cond_signal(&workers->has_work);
	pthread_mutex_unlock(&workers->lock);
}

size_t workers_collect(struct workers *workers)
{
	struct job *job;
	size_t n = 0;

	for (;; n++) {
		pthread_mutex_lock(&workers->lock);
		job = queue_take(&workers->finished);
		pthread_mutex_unlock(&workers->lock);
		if (!job)
			return n;
		workers->busy--;
		job->done(job);
	}
}

size_t workers_busy(const struct workers *workers)
{
	return workers->busy;
}
