/*
 * outbox_bench.h - the outbox of a run as a part (outbox.h), without an engine: a ledger
 * whose durable entries can be held up or refused, and that knows on which thread they
 * are made; a service that keeps what it is sent, and answers when the test says so.
 * After cmocka.h.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "core/account/group_commit.h"
#include "core/submit/outbox.h"
#include "ledger/ops.h"
#include "ledger/sqlite/sqlite.h"
#include "model/taskid.h"
#include "moments.h"
#include "service/exchange.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

enum { SENT_MAX = 16, IDS_MAX = 16, STEPS_MAX = 6000 };

/* A request that the service has, and that waits for its answer. */
struct request {
	char id[TASKID_MAX + 1];
	struct exchange *exchange;
};

struct bench {
	struct moments moments; /* first */
	struct dq *dq;
	char url[128];
	struct group_commit *commits;
	struct outbox *outbox;
	char ids[IDS_MAX][TASKID_MAX + 1];
	struct request sent[SENT_MAX];
	size_t n_sent, n_answered;
	bool can_not_send;
};

/* --- the ledger -------------------------------------------------------------------- */

/* Of the durable entries. */
static struct {
	pthread_t loop;
	pthread_mutex_t gate; /* held: none is made */
	atomic_uint on_loop, on_thread; /* transactions */
	atomic_int refuses; /* an err_kind: they end with it */
	pthread_mutex_t lock; /* guards what follows */
	char begun[IDS_MAX][TASKID_MAX + 1]; /* durably */
	size_t n_begun;
} books = { .gate = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER };

static struct ledger_ops noted;

static inline void note_begun(const struct ledger_entry *entries, size_t n)
{
	pthread_mutex_lock(&books.lock);
	for (size_t i = 0; i < n; i++)
		if (entries[i].kind == ENTRY_SEND && entries[i].send.body &&
		    books.n_begun < IDS_MAX)
			(void)strcpy(
			    books.begun[books.n_begun++], entries[i].send.submit_id);
	pthread_mutex_unlock(&books.lock);
}

static inline bool is_begun(const char *id)
{
	bool is = false;

	pthread_mutex_lock(&books.lock);
	for (size_t i = 0; i < books.n_begun; i++)
		is |= !strcmp(books.begun[i], id);
	pthread_mutex_unlock(&books.lock);
	return is;
}

static inline enum err_kind noted_commit(struct ledger *ledger, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err)
{
	const bool is_on_loop = pthread_equal(pthread_self(), books.loop);
	enum err_kind kind = (enum err_kind)atomic_load(&books.refuses);

	atomic_fetch_add(is_on_loop ? &books.on_loop : &books.on_thread, 1);
	if (!is_on_loop) {
		pthread_mutex_lock(&books.gate);
		pthread_mutex_unlock(&books.gate);
	}
	if (kind)
		return err_set(err, kind, "refused");
	if (ledger_sqlite.commit(ledger, account, entries, n, now_unix_ms, err))
		return err->kind;
	note_begun(entries, n);
	return ERR_OK;
}

static inline enum err_kind noted_open(const char *url,
    const struct ledger_options *options, struct ledger **ret_ledger, struct err *err)
{
	if (ledger_sqlite.open(strchr(url, ':') + 1, options, ret_ledger, err))
		return err->kind;
	(*ret_ledger)->ops = &noted;
	return ERR_OK;
}

static inline void hold_commits(bool shall_hold)
{
	if (shall_hold)
		pthread_mutex_lock(&books.gate);
	else
		pthread_mutex_unlock(&books.gate);
}

static inline void refuse_commits(enum err_kind kind)
{
	atomic_store(&books.refuses, (int)kind);
}

/* --- the service ------------------------------------------------------------------- */

static struct bench *bench_of_service;

/* The law: what leaves is begun, and that is durable. The body is the id. */
static inline enum err_kind keep_request(
    struct exchange *exchange, enum media_kind kind, const char *body, struct err *err)
{
	struct bench *bench = bench_of_service;
	struct request *request = &bench->sent[bench->n_sent];

	assert_int_equal(kind, MEDIA_IMAGE);
	assert_true(is_begun(body));
	if (bench->can_not_send)
		return err_set(err, ERR_NOMEM, "out of memory");
	assert_true(bench->n_sent < SENT_MAX);
	bench->n_sent++;
	(void)snprintf(request->id, sizeof(request->id), "%s", body);
	request->exchange = exchange;
	return ERR_OK;
}

static const struct service_ops kept = { .send = keep_request };

static inline void answer(
    struct bench *bench, size_t i, enum sent_outcome outcome, enum err_kind kind)
{
	struct service_sent sent = { .outcome = outcome, .credits = -1 };

	if (kind)
		err_set(&sent.err, kind, "not now");
	assert_true(i < bench->n_sent);
	bench->n_answered++;
	exchange_sent(bench->sent[i].exchange, &sent);
}

static inline void accept_it(struct bench *bench, size_t i)
{
	answer(bench, i, SENT_ACCEPTED, ERR_OK);
}

/* --- the part ---------------------------------------------------------------------- */

static inline void wake_bench(void *net)
{
	net_wake(net);
}

static inline void open_outbox(struct bench *bench, bool perseveres)
{
	struct outbox_setup setup = {
		.dq = bench->dq, .perseveres = perseveres, .seed = 1
	};

	ok(service_open(&kept, &(struct service_setup){ .credential = "" },
	    &bench->dq->service, &bench->moments.err));
	ok(group_commit_new(
	    bench->dq, wake_bench, bench->dq->net, &bench->commits, &bench->moments.err));
	setup.commits = bench->commits;
	ok(outbox_new(&setup, &bench->outbox, &bench->moments.err));
}

static inline void close_outbox(struct bench *bench)
{
	outbox_free(bench->outbox);
	group_commit_free(bench->commits);
	service_free(bench->dq->service);
	bench->dq->service = NULL;
	bench->outbox = NULL;
	bench->commits = NULL;
}

static inline int make(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	moments_open(&bench->moments);
	bench->dq = &bench->moments.dq;
	noted = ledger_sqlite;
	noted.scheme = "noted";
	noted.open = noted_open;
	noted.commit = noted_commit;
	ledger_add_back_end(&noted);
	books.loop = pthread_self();
	books.n_begun = 0;
	atomic_store(&books.on_loop, 0);
	atomic_store(&books.on_thread, 0);
	refuse_commits(ERR_OK);
	(void)snprintf(bench->url, sizeof(bench->url), "noted:%s", bench->moments.url);
	ledger_close(bench->dq->ledger);
	ok(ledger_open(bench->url, &bench->dq->ledger, &bench->moments.err));
	bench->dq->ledger_url = bench->url;
	ok(net_new(&(struct net_config){ .max_connections = 1 }, &bench->dq->net,
	    &bench->moments.err));
	bench_of_service = bench;
	bench->dq->ops = &kept;
	open_outbox(bench, false);
	*state = bench;
	return 0;
}

static inline int unmake(void **state)
{
	struct bench *bench = *state;

	close_outbox(bench);
	net_free(bench->dq->net);
	moments_close(&bench->moments);
	free(bench);
	return 0;
}

/* --- what a test says and asks --------------------------------------------------- */

static inline void intend(struct bench *bench, size_t key)
{
	struct intent intent = { .account = bench->dq->profile,
		.submit_id = bench->ids[key],
		.kind = MEDIA_IMAGE,
		.prompt = "a cat",
		.body = bench->ids[key],
		.request_hash = "a",
		.content_hash = "b",
		.now_unix_ms = MOMENTS_UNIX_MS };
	struct intended intended;

	(void)snprintf(bench->ids[key], sizeof(bench->ids[key]), "task-%zu", key);
	ok(ledger_intend(
	    bench->moments.other, &intent, 1, &intended, NULL, &bench->moments.err));
}

/* The tasks of the keys 0 to n - 1 wait. */
static inline void add(struct bench *bench, size_t n)
{
	for (size_t key = 0; key < n; key++) {
		intend(bench, key);
		ok(outbox_add(bench->outbox, key, bench->ids[key], MEDIA_IMAGE,
		    &bench->moments.err));
	}
}

/* Until the ledger's thread has nothing to do, and that has been collected. */
static inline void settle(struct bench *bench)
{
	for (int i = 0; group_commit_busy(bench->commits) > 0; i++) {
		assert_true(i < STEPS_MAX);
		ok(net_step(bench->dq->net, 10, &bench->moments.err));
		group_commit_collect(bench->commits);
	}
}

/* What is due is begun, and leaves. */
static inline void send_all(struct bench *bench)
{
	outbox_step(bench->outbox, true);
	settle(bench);
	outbox_step(bench->outbox, true);
}

/* What is told of this key, or of all (OUTBOX_NO_KEY), last; -1: nothing. */
static inline int told_of(struct bench *bench, size_t key)
{
	struct outbox_told told;
	int what = -1;

	while (outbox_told(bench->outbox, &told))
		if (told.key == key)
			what = (int)told.what;
	return what;
}

static inline struct task *find_task(struct bench *bench, size_t key)
{
	struct task *task = NULL;

	ok(ledger_find(bench->moments.other, bench->dq->profile, bench->ids[key], &task,
	    &bench->moments.err));
	assert_non_null(task);
	return task;
}

static inline void assert_is(struct bench *bench, size_t key, enum task_state state)
{
	struct task *task = find_task(bench, key);

	assert_int_equal(task->state, state);
	task_free(task);
}

/* As if nobody had ever begun it. */
static inline void assert_waits(struct bench *bench, size_t key)
{
	struct task *task = find_task(bench, key);

	assert_int_equal(task->state, TASK_SUBMITTING);
	assert_true(task->is_waiting);
	task_free(task);
}

static inline void assert_is_being_sent(struct bench *bench, size_t key)
{
	struct task *task = find_task(bench, key);

	assert_int_equal(task->state, TASK_SUBMITTING);
	assert_false(task->is_waiting);
	task_free(task);
}
