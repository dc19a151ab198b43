/*
 * test_group_commit.c - durable entries in groups, on a thread of their own, in a real
 * ledger.
 */
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/account/group_commit.h"
#include "ledger/ops.h"
#include "ledger/sqlite/sqlite.h"
#include "ledger_lab.h"

enum { FILES = 50, NOW = 1790000000 };

struct bench {
	char folder[64], url[96];
	struct dq dq;
	struct group_commit *commits;
	atomic_uint wakes;
	struct group_entry all[FILES];
	struct asset assets[FILES];
	char paths[FILES][32];
	unsigned n_done;
	int order[FILES];
};

static struct bench bench;

static void wake(void *payload)
{
	atomic_fetch_add((atomic_uint *)payload, 1);
}

static void is_done(struct group_entry *entry)
{
	bench.order[bench.n_done++] = entry->entry.move.asset->index;
}

/* One task that has succeeded, with all the files. */
static void show(void)
{
	struct task *task = task_new();
	struct err err;

	assert_non_null(task);
	task->submit_id = arena_strdup(&task->arena, "t");
	task->state = TASK_SUCCEEDED;
	task->n_assets = FILES;
	task->assets = arena_alloc(&task->arena, FILES * sizeof(*task->assets));
	assert_non_null(task->assets);
	for (int i = 0; i < FILES; i++)
		task->assets[i] = (struct asset){ .index = i,
			.kind = MEDIA_IMAGE,
			.state = ASSET_WANTED,
			.duration_ms = -1,
			.size_bytes = -1,
			.stored_bytes = -1 };
	assert_int_equal(
	    ledger_observe(bench.dq.ledger, "default", &task, NULL, 1, NOW, &err),
	    ERR_OK);
	task_free(task);
}

static int set_up(void **state)
{
	static char profile[] = "default";
	struct err err;

	(void)state;
	memset(&bench, 0, sizeof(bench));
	(void)snprintf(bench.folder, sizeof(bench.folder), "/tmp/commits-XXXXXX");
	assert_non_null(mkdtemp(bench.folder));
	(void)snprintf(bench.url, sizeof(bench.url), "%s/ledger.db", bench.folder);
	bench.dq = (struct dq){ .profile = profile,
		.ledger_url = bench.url,
		.now = { .unix_ms = NOW, .mono_ms = 1 } };
	atomic_store(&bench.dq.drain_grace_ms, -1);
	assert_int_equal(ledger_open(bench.url, &bench.dq.ledger, &err), ERR_OK);
	show();
	assert_int_equal(
	    group_commit_new(&bench.dq, wake, &bench.wakes, &bench.commits, &err),
	    ERR_OK);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	group_commit_free(bench.commits);
	ledger_close(bench.dq.ledger);
	return nftw(bench.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct group_entry *entry_of(int index, enum asset_state to)
{
	struct group_entry *entry = &bench.all[index];

	(void)snprintf(bench.paths[index], sizeof(bench.paths[index]), "/f/%d", index);
	bench.assets[index] = (struct asset){ .index = index,
		.path = bench.paths[index],
		.stored_bytes = 10,
		.sha256 = "sum" };
	*entry = (struct group_entry){ .entry = { .kind = ENTRY_MOVE,
					   .move = { "t", &bench.assets[index], to } },
		.done = is_done };
	return entry;
}

static void post(int index, enum asset_state to)
{
	group_commit_post(bench.commits, entry_of(index, to));
}

static void wait_for_all(void)
{
	while (group_commit_busy(bench.commits) > 0) {
		(void)nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
		group_commit_collect(bench.commits);
	}
}

static enum asset_state state_of(int index)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	assert_int_equal(
	    ledger_find(bench.dq.ledger, "default", "t", &task, &err), ERR_OK);
	assert_non_null(task);
	return task->assets[index].state;
}

/* What is posted while one is under way is the next one. */
static void many_are_one_transaction(void **state)
{
	(void)state;
	for (int i = 0; i < FILES; i++)
		post(i, ASSET_FETCHED);
	wait_for_all();
	assert_int_equal(group_commit_made(bench.commits), 2);
	assert_int_equal(atomic_load(&bench.wakes), 2);
	assert_int_equal(bench.n_done, FILES);
	for (int i = 0; i < FILES; i++) {
		assert_int_equal(bench.order[i], i);
		assert_int_equal(bench.all[i].entry.why.kind, ERR_OK);
		assert_int_equal(state_of(i), ASSET_FETCHED);
	}
}

/* What is posted in one turn of the loop is one, also when the thread is free. */
static void what_is_held_goes_together(void **state)
{
	(void)state;
	group_commit_hold(bench.commits);
	for (int i = 0; i < FILES; i++)
		post(i, ASSET_FETCHED);
	assert_int_equal(group_commit_made(bench.commits), 0);
	group_commit_go_on(bench.commits);
	wait_for_all();
	assert_int_equal(group_commit_made(bench.commits), 1);
	assert_int_equal(bench.n_done, FILES);
}

/* The fault of one is no other's: nothing is stored that was not fetched. */
static void one_fault_is_one_files(void **state)
{
	(void)state;
	post(0, ASSET_FETCHED);
	post(1, ASSET_FETCHED);
	post(2, ASSET_STORED);
	wait_for_all();
	assert_int_equal(bench.all[0].entry.why.kind, ERR_OK);
	assert_int_equal(bench.all[1].entry.why.kind, ERR_OK);
	assert_int_equal(bench.all[2].entry.why.kind, ERR_LEDGER);
	assert_int_equal(state_of(1), ASSET_FETCHED);
	assert_int_equal(state_of(2), ASSET_WANTED);
}

/* A fact that was posted is written, although nobody waits for it any more. */
static void the_end_writes_what_waits(void **state)
{
	(void)state;
	for (int i = 0; i < FILES; i++)
		post(i, ASSET_FETCHED);
	wait_for_all();
	bench.n_done = 0;
	for (int i = 0; i < FILES; i++)
		post(i, ASSET_STORED);
	group_commit_free(bench.commits);
	bench.commits = NULL;
	assert_int_equal(bench.n_done, 0);
	for (int i = 0; i < FILES; i++)
		assert_int_equal(state_of(i), ASSET_STORED);
}

/* Without its ledger every one of a group says so, and nobody takes it for a task's end.
 */
static void a_lost_ledger_is_everybodys(void **state)
{
	char gone[] = "/nonexistent/ledger.db";

	(void)state;
	bench.dq.ledger_url = gone;
	post(0, ASSET_FETCHED);
	post(1, ASSET_FETCHED);
	post(2, ASSET_FETCHED);
	wait_for_all();
	for (int i = 0; i < 3; i++)
		assert_int_equal(bench.all[i].entry.why.kind, ERR_LEDGER);
	assert_int_equal(state_of(0), ASSET_WANTED);
}

/* A back end in which nothing of the task "bad" can be committed. */
static struct ledger_ops fussy;

static enum err_kind refuse_bad(struct ledger *ledger, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(entries[i].move.submit_id, "bad"))
			return err_set(err, ERR_LEDGER, "its row is damaged");
	return ledger_sqlite.commit(ledger, account, entries, n, now_unix_ms, err);
}

static enum err_kind open_fussy(const char *url, const struct ledger_options *options,
    struct ledger **ret_ledger, struct err *err)
{
	if (ledger_sqlite.open(strchr(url, ':') + 1, options, ret_ledger, err))
		return err->kind;
	(*ret_ledger)->ops = &fussy;
	return ERR_OK;
}

/* The thread will open the ledger of the bench through it. */
static void go_through_fussy(void)
{
	static char url[128];

	fussy.scheme = "fussy";
	fussy.open = open_fussy;
	ledger_add_back_end(&fussy);
	(void)snprintf(url, sizeof(url), "fussy:%s", bench.url);
	bench.dq.ledger_url = url;
}

/* One that spoils the transaction of its group is left alone with that. */
static void who_spoils_a_group_is_alone(void **state)
{
	(void)state;
	fussy = ledger_sqlite;
	fussy.commit = refuse_bad;
	go_through_fussy();
	for (int i = 0; i < 5; i++) {
		struct group_entry *entry = entry_of(i, ASSET_FETCHED);

		if (i == 2)
			entry->entry.move.submit_id = "bad";
		group_commit_post(bench.commits, entry);
	}
	wait_for_all();
	for (int i = 0; i < 5; i++) {
		assert_int_equal(
		    bench.all[i].entry.why.kind, i == 2 ? ERR_LEDGER : ERR_OK);
		assert_int_equal(state_of(i), i == 2 ? ASSET_WANTED : ASSET_FETCHED);
	}
	bench.dq.ledger_url = bench.url;
}

/* Whoever ends writes what it still has to, with the thread's handle. */
static void after_the_end_it_is_written_at_once(void **state)
{
	(void)state;
	post(0, ASSET_FETCHED);
	group_commit_stop(bench.commits);
	assert_int_equal(state_of(0), ASSET_FETCHED);
	group_commit_now(bench.commits, entry_of(0, ASSET_STORED));
	assert_int_equal(bench.all[0].entry.why.kind, ERR_OK);
	assert_int_equal(state_of(0), ASSET_STORED);
	group_commit_stop(bench.commits);
	assert_int_equal(bench.n_done, 0);
}

/* --- the log ------------------------------------------------------------------------ */

static pthread_t loop;
static atomic_uint tidied_on_loop, tidied_on_thread;

static void note_tidy(struct ledger *ledger)
{
	atomic_fetch_add(
	    pthread_equal(loop, pthread_self()) ? &tidied_on_loop : &tidied_on_thread, 1);
	ledger_sqlite.tidy(ledger);
}

static bool is_full(void *payload)
{
	struct dq *dq = payload;

	dq->has_full_log = dq->is_tidied;
	return dq->is_tidied;
}

static int64_t log_bytes(void)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s-wal", bench.url);
	return stat(path, &st) ? 0 : st.st_size;
}

/* The loop's handle fills it, and who empties it, and syncs it, is the thread. */
static void a_full_log_is_emptied_on_the_thread(void **state)
{
	const struct ledger_options options = { .on_full_log = is_full,
		.payload = &bench.dq };
	char id[16];
	const char *one = id;
	struct err err;

	(void)state;
	fussy = ledger_sqlite;
	fussy.tidy = note_tidy;
	go_through_fussy();
	loop = pthread_self();
	ledger_close(bench.dq.ledger);
	assert_int_equal(
	    ledger_open_with(bench.url, &options, &bench.dq.ledger, &err), ERR_OK);
	for (int i = 0; !bench.dq.has_full_log; i++) {
		assert_true(i < 2000);
		(void)snprintf(id, sizeof(id), "id-%d", i);
		assert_int_equal(
		    ledger_adopt(bench.dq.ledger, "default", &one, 1, NOW, &err), ERR_OK);
	}
	assert_true(log_bytes() >= 256 * 4096);
	group_commit_collect(bench.commits);
	while (atomic_load(&tidied_on_thread) == 0)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	group_commit_stop(bench.commits); /* it has done so */
	assert_true(log_bytes() < 64 * 4096);
	assert_int_equal(atomic_load(&tidied_on_thread), 1);
	bench.dq.ledger_url = bench.url;
}

/* --- a lock ------------------------------------------------------------------------- */

static char told[600];

static void hear(void *payload, const struct dq_event *event)
{
	(void)payload;
	if (event->type == DQ_EVENT_NOTE)
		(void)snprintf(told, sizeof(told), "%s", event->text);
}

static void post_under_a_lock(bool is_patient, struct lab_lock **ret_lock)
{
	struct group_entry *entry = entry_of(0, ASSET_FETCHED);

	*ret_lock = lab_lock(bench.url);
	entry->is_patient = is_patient;
	atomic_store(&bench.dq.is_interrupted, true);
	group_commit_post(bench.commits, entry);
}

/* All shall end: who is not patient gives up after a while. */
static void an_interrupt_ends_a_wait(void **state)
{
	struct lab_lock *lock;

	(void)state;
	post_under_a_lock(false, &lock);
	wait_for_all();
	lab_unlock(lock);
	assert_int_equal(bench.all[0].entry.why.kind, ERR_CANCELLED);
}

/* Who is patient outlasts that, and after two seconds the loop says what is waited for.
 */
static void the_patient_wait_on_and_it_is_told(void **state)
{
	struct lab_lock *lock;

	(void)state;
	told[0] = '\0';
	bench.dq.on_event = hear;
	post_under_a_lock(true, &lock);
	while (!told[0]) {
		(void)nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
		group_commit_collect(bench.commits);
	}
	assert_non_null(strstr(told, "waiting for the ledger"));
	assert_int_equal(group_commit_busy(bench.commits), 1);
	lab_unlock(lock);
	wait_for_all();
	assert_int_equal(bench.all[0].entry.why.kind, ERR_OK);
	assert_int_equal(state_of(0), ASSET_FETCHED);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		T(many_are_one_transaction),
		T(what_is_held_goes_together),
		T(one_fault_is_one_files),
		T(the_end_writes_what_waits),
		T(a_lost_ledger_is_everybodys),
		T(who_spoils_a_group_is_alone),
		T(after_the_end_it_is_written_at_once),
		T(a_full_log_is_emptied_on_the_thread),
		T(an_interrupt_ends_a_wait),
		T(the_patient_wait_on_and_it_is_told),
	};

	return cmocka_run_group_tests_name("group_commit", tests, NULL, NULL);
}
