#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/sqlite/handle.h"
#include "ledger_fixture.h"

/* A writer of somebody else, who does not give way. */
static sqlite3 *block(struct fixture *f)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static struct task *running(int64_t position)
{
	struct task *task = look("t", TASK_QUEUED);

	task->status = 20;
	task->history_id = "777";
	task->total = 4;
	task->has_queue = true;
	task->queue = (struct task_queue){ position, 340, 95 };
	return task;
}

static void a_look_without_news_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct task *seen = running(12), *task;
	sqlite3 *other;

	observe(f, seen);
	task_free(seen);
	sqlite_of(f->ledger)->sql.wait_ms = 0;
	other = block(f);
	seen = running(12);
	observe(f, seen);
	task_free(seen);
	adopt(f, "t");
	seen = running(11);
	assert_int_equal(
	    ledger_observe(f->ledger, ME, &seen, NULL, 1, NOW, &f->err), ERR_LOCKED);
	assert_non_null(
	    strstr(f->err.msg, "is kept busy by another program: end that one, "));
	assert_null(strstr(f->err.msg, "locked"));
	task = find(f, "t");
	assert_int_equal(task->queue.position, 12);
	task_free(task);
	sqlite3_close(other);
	ok(ledger_observe(f->ledger, ME, &seen, NULL, 1, NOW, &f->err));
	task_free(seen);
	task = find(f, "t");
	assert_int_equal(task->queue.position, 11);
	assert_int_equal(task->queue.length, 340);
	assert_int_equal(task->queue.eta_seconds, 95);
	assert_int_equal(task->status, 20);
	assert_string_equal(task->history_id, "777");
	task_free(task);
}

static void the_seen_task_is_completed(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("t");
	struct task *seen = look("t", TASK_PARTIAL), *again;

	ok(send_one(f->ledger, &intent, &f->err));
	(void)show(seen, "u0");
	(void)show(seen, "u1");
	seen->warning = "odd";
	seen->poll_interval_ms = 5000;
	observe(f, seen);
	assert_string_equal(seen->prompt, intent.prompt);
	assert_string_equal(seen->model, intent.model);
	assert_string_equal(seen->account, ME);
	assert_string_equal(seen->warning, "odd");
	assert_int_equal(seen->poll_interval_ms, 5000);
	task_free(seen);
	/* The other way round, one new, and what is known but not shown. */
	again = look("t", TASK_SUCCEEDED);
	(void)show(again, "u1");
	again->assets[0].index = 0;
	(void)show(again, "u2");
	again->assets[1].index = 1;
	observe(f, again);
	assert_int_equal(again->n_assets, 3);
	assert_string_equal(again->assets[0].uri, "u0");
	assert_null(again->assets[0].url);
	assert_string_equal(again->assets[1].uri, "u1");
	assert_non_null(again->assets[1].url);
	assert_string_equal(again->assets[2].uri, "u2");
	assert_int_equal(again->assets[2].index, 2);
	task_free(again);
}

static void an_id_asked_for_stays_the_name(void **state)
{
	struct fixture *f = *state;
	struct task *seen = look("uuid", TASK_QUEUED);

	seen->history_id = "777";
	observe(f, seen);
	task_free(seen);
	seen = look("777", TASK_GENERATING);
	observe(f, seen);
	assert_string_equal(seen->submit_id, "777");
	task_free(seen);
	assert_int_equal(state_of(f, "uuid"), TASK_GENERATING);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 1);
}

static void one_batch_is_one_transaction(void **state)
{
	struct fixture *f = *state;
	struct task *seen[3] = { look("a", TASK_QUEUED), look("b", TASK_QUEUED),
		look("no such id", TASK_QUEUED) };

	assert_int_equal(
	    ledger_observe(f->ledger, ME, seen, NULL, 3, NOW, &f->err), ERR_USAGE);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 0);
	ok(ledger_observe(f->ledger, ME, seen, NULL, 2, NOW, &f->err));
	ok(ledger_observe(f->ledger, ME, seen, NULL, 0, NOW, &f->err));
	/* One id twice: the second look comes after the first. */
	seen[2]->submit_id = "a";
	seen[2]->state = TASK_GENERATING;
	ok(ledger_observe(f->ledger, ME, seen, NULL, 3, NOW, &f->err));
	assert_int_equal(state_of(f, "a"), TASK_GENERATING);
	assert_int_equal(state_of(f, "b"), TASK_QUEUED);
	for (size_t i = 0; i < COUNT(seen); i++)
		task_free(seen[i]);
}

/* --- events ------------------------------------------------------------------- */

struct heard {
	size_t n;
	char last[200], first[200];
	size_t stop_after;
};

static bool hear(void *payload, const struct ledger_event *event)
{
	struct heard *heard = payload;

	assert_true(event->at_unix_ms > 0);
	(void)snprintf(
	    heard->last, sizeof(heard->last), "%s|%s", event->what, event->text);
	if (heard->n++ == 0)
		strcpy(heard->first, heard->last);
	return heard->n != heard->stop_after;
}

static struct heard events_of(struct fixture *f, const char *id)
{
	struct heard heard = { 0 };

	ok(ledger_events(f->ledger, ME, id, hear, &heard, &f->err));
	return heard;
}

static void show_state(struct fixture *f, enum task_state as)
{
	struct task *seen = look("t", as);

	observe(f, seen);
	task_free(seen);
}

static void an_illegal_look_is_noted_once(void **state)
{
	struct fixture *f = *state;
	struct heard heard;
	struct task *seen;

	adopt(f, "t");
	show_state(f, TASK_SUCCEEDED);
	heard = events_of(f, "t");
	assert_int_equal(heard.n, 2);
	assert_string_equal(heard.last, "state|succeeded, was unknown");
	for (int i = 0; i < 20; i++) {
		seen = look("t", i % 2 ? TASK_GENERATING : TASK_FAILED);
		seen->fail.class = FAIL_CONTENT;
		seen->status = 30;
		observe(f, seen);
		assert_int_equal(seen->state, TASK_SUCCEEDED);
		assert_int_equal(seen->fail.class, FAIL_NONE);
		assert_int_equal(seen->status, INT64_MIN);
		task_free(seen);
	}
	heard = events_of(f, "t");
	assert_int_equal(heard.n, 4);
	assert_string_equal(
	    heard.last, "note|a poll showed 'generating'; it stays 'succeeded'");
	assert_int_equal(state_of(f, "t"), TASK_SUCCEEDED);
	/* Yet a success gains what such a poll shows. */
	seen = look("t", TASK_PARTIAL);
	(void)show(seen, "late");
	observe(f, seen);
	assert_int_equal(seen->n_assets, 1);
	task_free(seen);
	/* And a note is no reason to write when it is there. */
	sqlite_of(f->ledger)->sql.wait_ms = 0;
	sqlite3_close(block(f));
	show_state(f, TASK_FAILED);
}

static void events_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct heard heard;

	adopt(f, "t");
	for (int i = 0; i < 700; i++)
		show_state(f, i % 2 ? TASK_QUEUED : TASK_GENERATING);
	heard = events_of(f, "t");
	assert_int_equal(heard.n, LEDGER_EVENTS_MAX);
	assert_string_equal(heard.first, "state|unknown: asked for by its id");
	assert_string_equal(heard.last, "state|queued, was generating");
	heard = (struct heard){ .stop_after = 3 };
	ok(ledger_events(f->ledger, ME, "t", hear, &heard, &f->err));
	assert_int_equal(heard.n, 3);
	heard = events_of(f, "nobody");
	assert_int_equal(heard.n, 0);
}

static void assets_are_bounded(void **state)
{
	struct fixture *f = *state;
	static char uris[LEDGER_ASSETS_MAX + 50][16];
	static struct asset assets[COUNT(uris)];
	struct task *seen = look("t", TASK_SUCCEEDED);

	for (size_t i = 0; i < COUNT(uris); i++) {
		(void)snprintf(uris[i], sizeof(uris[i]), "u%zu", i);
		assets[i] = (struct asset){ .index = (int)i, .uri = uris[i] };
	}
	seen->assets = assets;
	seen->n_assets = COUNT(uris);
	observe(f, seen);
	assert_int_equal(seen->n_assets, LEDGER_ASSETS_MAX);
	task_free(seen);
	assert_int_equal(peek(f, "SELECT count(*) FROM assets"), LEDGER_ASSETS_MAX);
	assert_int_equal(peek(f, "SELECT count(*) FROM events WHERE what = 'note'"), 1);
}

/* --- no secret ------------------------------------------------------------------ */

static void no_link_enters_the_ledger(void **state)
{
	struct fixture *f = *state;
	struct task *seen = look("t", TASK_FAILED);

	seen->model = "https://h.invalid/?x-signature=SECRET";
	seen->fail = (struct task_fail){ .class = FAIL_SERVICE,
		.code = "https://h.invalid/c?x-signature=SECRET",
		.message = "sessionid=SECRET; https://h.invalid/m?x-expires=SECRET" };
	show(seen, "https://h.invalid/u?x-signature=SECRET")->format =
	    "https://h.invalid/SECRET";
	seen->assets[0].md5 = "SECRET";
	observe(f, seen);
	task_free(seen);
	ok(ledger_asset_lost(f->ledger, ME, "t", 0,
	    "403 from https://h.invalid/u?x-signature=SECRET", &f->err));
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	{
		static char bytes[1 << 20];
		FILE *file = fopen(f->path, "rb");
		size_t n;

		assert_non_null(file);
		n = fread(bytes, 1, sizeof(bytes), file);
		(void)fclose(file);
		assert_true(n > 4096);
		assert_null(memmem(bytes, n, "SECRET", 6));
	}
}

/* Numbers no honest service sends. */
static void mad_numbers_are_survived(void **state)
{
	struct fixture *f = *state;
	struct task *seen = look("t", TASK_QUEUED), *task;
	struct asset *asset = show(seen, "u");

	seen->finished = INT64_MIN;
	seen->total = INT64_MIN;
	seen->has_queue = true;
	seen->queue = (struct task_queue){ INT64_MIN, INT64_MAX, -5 };
	seen->created_unix_ms = -1;
	seen->finished_unix_ms = INT64_MIN;
	asset->width = INT64_MIN;
	asset->height = INT64_MAX;
	asset->duration_ms = INT64_MIN;
	asset->size_bytes = INT64_MIN;
	observe(f, seen);
	task_free(seen);
	task = find(f, "t");
	assert_int_equal(task->finished, 0);
	assert_int_equal(task->total, 0);
	assert_int_equal(task->queue.position, -1);
	assert_int_equal(task->queue.length, INT64_MAX);
	assert_int_equal(task->created_unix_ms, 0);
	assert_int_equal(task->assets[0].width, 0);
	assert_int_equal(task->assets[0].height, INT64_MAX);
	assert_int_equal(task->assets[0].size_bytes, -1);
	task_free(task);
}

/* What a newer dreamq has written is no mode here, and no damage. */
static void a_mode_that_nobody_knows_is_none(void **state)
{
	struct fixture *f = *state;
	struct task *task;

	adopt(f, "a");
	poke(f->path, "UPDATE tasks SET mode = 'hologram'");
	task = find(f, "a");
	assert_int_equal(task->mode, MODE_NONE);
	task_free(task);
	poke(f->path, "UPDATE tasks SET mode = 'draft'");
	task = find(f, "a");
	assert_int_equal(task->mode, MODE_DRAFT);
	task_free(task);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(a_mode_that_nobody_knows_is_none),
		T(a_look_without_news_writes_nothing),
		T(the_seen_task_is_completed),
		T(an_id_asked_for_stays_the_name),
		T(one_batch_is_one_transaction),
		T(an_illegal_look_is_noted_once),
		T(events_are_bounded),
		T(assets_are_bounded),
		T(no_link_enters_the_ledger),
		T(mad_numbers_are_survived),
	};

	return cmocka_run_group_tests_name("ledger_look", tests, NULL, NULL);
}
