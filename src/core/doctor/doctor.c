/*
 * doctor.c - makes the checks, each on a thread that is waited for as long as it may
 * take.
 */
#include "dreamq/doctor.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "core/doctor/check.h"

enum {
	MAX_WAIT_MS = 5000,
	LONGEST_MS = 24 * 60 * 60 * 1000,
	TEXTS_MAX = 1 << 20,
	WIRE_MAX = 200
};

/* One check under way. The last of the two who hold it frees it. */
struct run {
	const struct check *check;
	struct shared *shared;
	struct facts facts;
	struct finding finding;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool has_ended, is_left; /* under the lock */
};

struct shared {
	struct scene scene;
	atomic_uint holders;
};

static void let_go(struct shared *shared)
{
	if (atomic_fetch_sub(&shared->holders, 1) > 1)
		return;
	arena_release(&shared->scene.arena);
	free(shared);
}

static void run_free(struct run *run)
{
	(void)pthread_mutex_destroy(&run->lock);
	(void)pthread_cond_destroy(&run->ended);
	let_go(run->shared);
	free(run);
}

/* --- one check --------------------------------------------------------------- */

static void *run_on_thread(void *payload)
{
	struct run *run = payload;
	bool is_left;

	run->check->run(&run->shared->scene, &run->facts, &run->finding);
	(void)pthread_mutex_lock(&run->lock);
	run->has_ended = true;
	is_left = run->is_left;
	(void)pthread_cond_signal(&run->ended);
	(void)pthread_mutex_unlock(&run->lock);
	if (is_left)
		run_free(run);
	return NULL;
}

static struct run *run_begin(
    struct shared *shared, const struct check *check, const struct facts *facts)
{
	struct run *run = calloc(1, sizeof(*run));
	pthread_condattr_t attr;
	pthread_attr_t detached;
	pthread_t thread;
	int rc;

	if (!run)
		return NULL;
	run->check = check;
	run->facts = *facts;
	run->shared = shared;
	atomic_fetch_add(&shared->holders, 1);
	(void)pthread_mutex_init(&run->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&run->ended, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &detached, run_on_thread, run);
	(void)pthread_attr_destroy(&detached);
	if (rc == 0)
		return run;
	run_free(run);
	return NULL;
}

/* False: it is late, and nobody waits for it any more. */
static bool wait_for(struct run *run, int64_t max_wait_ms)
{
	struct timespec until;
	bool has_ended;
	int rc = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(max_wait_ms / 1000);
	until.tv_nsec += (long)(max_wait_ms % 1000) * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	(void)pthread_mutex_lock(&run->lock);
	while (!run->has_ended && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&run->ended, &run->lock, &until);
	has_ended = run->has_ended;
	run->is_left = !has_ended;
	(void)pthread_mutex_unlock(&run->lock);
	return has_ended;
}

static void make_check(struct shared *shared, const struct check *check,
    struct facts *facts, struct finding *finding)
{
	struct run *run = run_begin(shared, check, facts);
	char wait[24];

	if (!run) {
		finding->verdict = VERDICT_BAD;
		err_set(&finding->said, ERR_NOMEM, "there is no thread for this check");
		err_set(&finding->todo, ERR_NOMEM,
		    "end other programs, or raise 'ulimit -u'");
		return;
	}
	if (wait_for(run, shared->scene.max_wait_ms)) {
		*finding = run->finding;
		*facts = run->facts;
		run_free(run);
		return;
	}
	(void)duration_text(shared->scene.max_wait_ms, wait);
	finding->verdict = VERDICT_BAD;
	err_set(&finding->said, ERR_NET, "no result within %s", wait);
	err_set(&finding->todo, ERR_NET,
	    "give it longer with --max-wait; a network or a disk may hang");
}

/* --- all of them ------------------------------------------------------------- */

static const char *const verdicts[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WARN] = "warn",
	[VERDICT_BAD] = "bad",
	[VERDICT_SKIPPED] = "skipped",
};

static void tell(const struct dq_doctor *doctor, const char *name,
    struct finding *finding, int64_t took_ms)
{
	const struct dq_check told = {
		.name = name,
		.verdict = verdicts[finding->verdict],
		.message = finding->said.msg,
		.shown = err_shown(&finding->said),
		.todo = finding->todo.msg,
		.todo_shown = err_shown(&finding->todo),
		.took_ms = took_ms,
	};

	text_make_printable(finding->said.msg);
	text_make_printable(finding->said.shown);
	text_make_printable(finding->todo.msg);
	text_make_printable(finding->todo.shown);
	if (doctor->on_check)
		doctor->on_check(doctor->payload, &told);
}

static bool run_list(struct shared *shared, const struct check *list,
    const struct dq_doctor *doctor, struct facts *facts)
{
	bool has_bad = false;

	for (; list->name; list++) {
		const int64_t begun_ms = clock_mono_ms();
		struct finding finding = { 0 };

		make_check(shared, list, facts, &finding);
		has_bad = has_bad || finding.verdict == VERDICT_BAD;
		tell(doctor, list->name, &finding, clock_mono_ms() - begun_ms);
	}
	return has_bad;
}

/* --- the scene --------------------------------------------------------------- */

/* The texts are the caller's, and a check may outlive the call. */
static bool copy_options(struct scene *scene)
{
	struct dq_options *options = &scene->options;
	struct dq_network *network = &scene->network;
	const char **const texts[] = { &options->api_base, &options->submit_base,
		&options->cookie_file, &options->ledger, &options->profile,
		&options->quality, &scene->folder, &network->limit_rate, &network->proxy,
		&network->no_proxy, &network->interface, &network->ca_file,
		&network->doh_url };
	const char **wire;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!*texts[i])
			continue;
		*texts[i] = arena_strdup(&scene->arena, *texts[i]);
		if (!*texts[i])
			return false;
	}
	while (options->wire && options->wire[n] && n < WIRE_MAX)
		n++;
	wire = arena_alloc(&scene->arena, (n + 1) * sizeof(*wire));
	if (!wire)
		return false;
	for (size_t i = 0; i < n; i++) {
		wire[i] = arena_strdup(&scene->arena, options->wire[i]);
		if (!wire[i])
			return false;
	}
	wire[n] = NULL;
	options->wire = wire;
	return true;
}

static bool set_scene(
    struct scene *scene, const struct dq_options *options, const struct dq_doctor *doctor)
{
	_cleanup_free_ char *ledger = NULL;

	scene->arena = arena_make(TEXTS_MAX);
	scene->options = *options;
	scene->options.on_event = NULL;
	scene->options.notify = NULL; /* nor is anybody else told of anything */
	scene->options.verbose = scene->options.explain = false;
	scene->folder = doctor->folder ? doctor->folder : ".";
	scene->max_wait_ms = doctor->max_wait_ms > 0 ? doctor->max_wait_ms : MAX_WAIT_MS;
	if (scene->max_wait_ms > LONGEST_MS)
		scene->max_wait_ms = LONGEST_MS;
	given_take(&scene->network, sizeof(scene->network), options->network);
	scene->options.network = &scene->network;
	if (!copy_options(scene))
		return false;
	scene->ledger = scene->options.ledger;
	if (scene->ledger)
		return true;
	ledger = dq_default_path(DQ_PATH_LEDGER, NULL);
	if (ledger)
		scene->ledger = arena_strdup(&scene->arena, ledger);
	return !ledger || scene->ledger;
}

enum dq_status dq_doctor(const struct dq_options *given_options,
    const struct dq_doctor *given_doctor, struct dq_error *ret_error)
{
	static const struct check *const lists[] = { checks_local, checks_net,
		checks_account, NULL };
	struct dq_options options;
	struct dq_doctor doctor;
	struct shared *shared;
	struct facts facts = { .date_unix_ms = -1 };
	bool has_bad = false;
	struct err err;

	given_take(&options, sizeof(options), given_options);
	given_take(&doctor, sizeof(doctor), given_doctor);
	shared = calloc(1, sizeof(*shared));
	if (!shared) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return session_fail(&err, ret_error);
	}
	atomic_store(&shared->holders, 1);
	if (!set_scene(&shared->scene, &options, &doctor)) {
		let_go(shared);
		err_set(&err, ERR_NOMEM, "out of memory");
		return session_fail(&err, ret_error);
	}
	for (const struct check *const *list = lists; *list; list++)
		if (run_list(shared, *list, &doctor, &facts))
			has_bad = true;
	let_go(shared);
	if (!has_bad)
		return DQ_OK;
	err_set(&err, ERR_FAILED, "not everything is well");
	return session_fail(&err, ret_error);
}
