#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_fixture.h"

/* --- submitting --------------------------------------------------------------- */

static void an_intent_is_kept(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("t-1");
	struct task *task;

	ok(send_one(f->ledger, &intent, &f->err));
	reopen(f);
	task = find(f, "t-1");
	assert_non_null(task);
	assert_int_equal(task->state, TASK_SUBMITTING);
	assert_int_equal(task->kind, MEDIA_IMAGE);
	assert_string_equal(task->account, ME);
	assert_string_equal(task->prompt, intent.prompt);
	assert_string_equal(task->model, intent.model);
	assert_int_equal(task->status, INT64_MIN);
	assert_int_equal(task->queue.position, -1);
	assert_null(task->history_id);
	task_free(task);
	assert_int_equal(peek(f, "SELECT body = '{\"prompt\":\"x\"}' FROM tasks"), 1);
}

static void an_id_is_submitted_once(void **state)
{
	struct fixture *f = *state;
	struct intent intent = intent_of("t-1");

	ok(send_one(f->ledger, &intent, &f->err));
	assert_int_equal(send_one(f->ledger, &intent, &f->err), ERR_USAGE);
	assert_non_null(strstr(f->err.msg, "'t-1'"));
	intent.account = "other";
	ok(send_one(f->ledger, &intent, &f->err));
	adopt(f, "t-2");
	intent = intent_of("t-2");
	assert_int_equal(send_one(f->ledger, &intent, &f->err), ERR_USAGE);
	intent = intent_of("../x");
	assert_int_equal(send_one(f->ledger, &intent, &f->err), ERR_USAGE);
	intent = intent_of(NULL);
	assert_int_equal(send_one(f->ledger, &intent, &f->err), ERR_USAGE);
}

static const struct {
	enum task_state before, told, after;
	const char *history;
} answers[] = {
	{ TASK_SUBMITTING, TASK_QUEUED, TASK_QUEUED, "123" },
	{ TASK_SUBMITTING, TASK_UNKNOWN, TASK_UNKNOWN, NULL },
	{ TASK_SUBMITTING, TASK_FAILED, TASK_FAILED, NULL },
	{ TASK_UNKNOWN, TASK_QUEUED, TASK_QUEUED, "123" },
	/* A poll was faster than the answer. */
	{ TASK_GENERATING, TASK_QUEUED, TASK_GENERATING, "123" },
	{ TASK_GENERATING, TASK_UNKNOWN, TASK_GENERATING, NULL },
	{ TASK_SUCCEEDED, TASK_FAILED, TASK_SUCCEEDED, NULL },
	{ TASK_PARTIAL, TASK_QUEUED, TASK_PARTIAL, "9" },
};

static void an_answer_settles_the_intent(void **state)
{
	struct fixture *f = *state;
	const struct task_fail refused = { .class = FAIL_QUOTA,
		.code = "1006",
		.message = "no credit, see https://x.invalid/?x-signature=SECRET" };

	for (size_t i = 0; i < COUNT(answers); i++) {
		char id[16];
		struct intent intent;
		struct task *seen, *task;

		(void)snprintf(id, sizeof(id), "t-%zu", i);
		intent = intent_of(id);
		ok(send_one(f->ledger, &intent, &f->err));
		seen = look(id, answers[i].before);
		if (answers[i].before == TASK_UNKNOWN)
			poke(f->path,
			    "UPDATE tasks SET state = 'unknown', owner = NULL "
			    "WHERE state = 'submitting'");
		else if (answers[i].before != TASK_SUBMITTING)
			observe(f, seen);
		task_free(seen);
		ok(answer(f->ledger, id, answers[i].told, &refused, answers[i].history,
		    &f->err));
		task = find(f, id);
		assert_int_equal(task->state, answers[i].after);
		if (answers[i].history)
			assert_string_equal(task->history_id, answers[i].history);
		else
			assert_null(task->history_id);
		if (task->state == TASK_FAILED) {
			assert_int_equal(task->fail.class, FAIL_QUOTA);
			assert_string_equal(task->fail.code, "1006");
			assert_null(strstr(task->fail.message, "SECRET"));
		} else {
			assert_int_equal(task->fail.class, FAIL_NONE);
		}
		task_free(task);
	}
}

static void an_odd_answer_is_refused(void **state)
{
	struct fixture *f = *state;

	adopt(f, "t");
	assert_int_equal(
	    answer(f->ledger, "t", TASK_SUCCEEDED, NULL, NULL, &f->err), ERR_USAGE);
	assert_int_equal(
	    answer(f->ledger, "u", TASK_QUEUED, NULL, NULL, &f->err), ERR_NOT_FOUND);
	assert_non_null(strstr(f->err.msg, "'u'"));
}

/* --- ids from elsewhere ------------------------------------------------------- */

static void ids_are_adopted_once(void **state)
{
	struct fixture *f = *state;
	const char *const ids[] = { "a", "b", "a", "123" };
	const char *const bad[] = { "c", "no such id" };
	struct task *seen;

	ok(ledger_adopt(f->ledger, ME, ids, COUNT(ids), NOW, &f->err));
	ok(ledger_adopt(f->ledger, ME, ids, COUNT(ids), NOW + 5, &f->err));
	ok(ledger_adopt(f->ledger, ME, NULL, 0, NOW, &f->err));
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 3);
	assert_int_equal(peek(f,
			     "SELECT count(*) FROM tasks WHERE first_seen_unix_ms = "
			     "1790000000000 AND state = 'unknown'"),
	    3);
	assert_int_equal(
	    ledger_adopt(f->ledger, ME, bad, COUNT(bad), NOW, &f->err), ERR_USAGE);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 3);
	/* What is known by its history id is no new task. */
	seen = look("a", TASK_QUEUED);
	seen->history_id = "777";
	observe(f, seen);
	task_free(seen);
	adopt(f, "777");
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 3);
	assert_int_equal(state_of(f, "777"), TASK_QUEUED);
	/* But it is one in another account. */
	ok(ledger_adopt(f->ledger, "other", &(const char *){ "777" }, 1, NOW, &f->err));
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 4);
}

static void the_submit_id_wins_over_the_history_id(void **state)
{
	struct fixture *f = *state;
	struct task *seen;

	adopt(f, "123");
	seen = look("uuid", TASK_GENERATING);
	seen->history_id = "123";
	observe(f, seen);
	task_free(seen);
	assert_int_equal(state_of(f, "123"), TASK_UNKNOWN);
	assert_int_equal(state_of(f, "uuid"), TASK_GENERATING);
	ok(ledger_forget(f->ledger, ME, "123", &f->err));
	assert_int_equal(state_of(f, "123"), TASK_GENERATING);
}

/* --- assets on their way home ------------------------------------------------- */

static struct task *with_assets(const char *id, enum task_state as, size_t n)
{
	static const char *const uris[] = { "u0", "u1", "u2", "u3" };
	struct task *task = look(id, as);

	for (size_t i = 0; i < n; i++)
		(void)show(task, uris[i]);
	task->finished = (int64_t)n;
	task->total = 4;
	return task;
}

static void an_asset_comes_home(void **state)
{
	struct fixture *f = *state;
	const struct asset bytes = bytes_of(0, "u0", "/home/x_0.webp");
	struct task *seen = with_assets("t", TASK_PARTIAL, 1);
	struct task *task;

	observe(f, seen);
	assert_string_equal(
	    seen->assets[0].url, "https://cdn.invalid/signed?x-signature=secret");
	assert_int_equal(seen->assets[0].expires_unix, 77);
	ok(ledger_asset_progress(f->ledger, ME, "t", 0, "\"e1\"", &f->err));
	ok(ledger_asset_fetched(f->ledger, ME, "t", &bytes, &f->err));
	task = find(f, "t");
	assert_int_equal(task->assets[0].state, ASSET_FETCHED);
	assert_string_equal(task->assets[0].path, "/home/x_0.webp");
	assert_string_equal(task->assets[0].etag, "\"e1\"");
	assert_string_equal(task->assets[0].format, "webp");
	assert_null(task->assets[0].url);
	task_free(task);
	ok(ledger_asset_stored(f->ledger, ME, "t", 0, NOW, &f->err));
	ok(ledger_asset_stored(f->ledger, ME, "t", 0, NOW, &f->err));
	task = find(f, "t");
	assert_int_equal(task->assets[0].state, ASSET_STORED);
	assert_int_equal(task->assets[0].stored_bytes, 123);
	assert_string_equal(task->assets[0].sha256, SHA);
	assert_null(task->assets[0].etag);
	task_free(task);
	task_free(seen);
	/* The next poll learns it, and links stay. */
	seen = with_assets("t", TASK_SUCCEEDED, 2);
	observe(f, seen);
	assert_int_equal(seen->n_assets, 2);
	assert_int_equal(seen->assets[0].state, ASSET_STORED);
	assert_string_equal(seen->assets[0].path, "/home/x_0.webp");
	assert_non_null(seen->assets[0].url);
	assert_int_equal(seen->assets[1].state, ASSET_WANTED);
	task_free(seen);
	assert_int_equal(peek(f,
			     "SELECT count(*) FROM assets WHERE uri LIKE '%secret%' "
			     "OR path LIKE '%secret%'"),
	    0);
}

/* What the operations make of each state: fetched, stored, wanted, lost. */
static const struct {
	enum asset_state before;
	bool has_intent;
	enum asset_state fetched, stored, wanted, lost;
	enum err_kind stored_kind;
} moves[] = {
	{ ASSET_WANTED, false, ASSET_FETCHED, ASSET_WANTED, ASSET_WANTED, ASSET_LOST,
	    ERR_LEDGER },
	{ ASSET_WANTED, true, ASSET_FETCHED, ASSET_STORED, ASSET_WANTED, ASSET_LOST,
	    ERR_OK },
	{ ASSET_FETCHED, true, ASSET_FETCHED, ASSET_STORED, ASSET_WANTED, ASSET_LOST,
	    ERR_OK },
	{ ASSET_STORED, false, ASSET_STORED, ASSET_STORED, ASSET_WANTED, ASSET_STORED,
	    ERR_OK },
	{ ASSET_STORED, true, ASSET_STORED, ASSET_STORED, ASSET_WANTED, ASSET_STORED,
	    ERR_OK },
	{ ASSET_LOST, false, ASSET_FETCHED, ASSET_LOST, ASSET_WANTED, ASSET_LOST,
	    ERR_LEDGER },
	{ ASSET_LOST, true, ASSET_FETCHED, ASSET_STORED, ASSET_WANTED, ASSET_LOST,
	    ERR_OK },
};

static void put_asset(struct fixture *f, enum asset_state state, bool has_intent)
{
	char text[600];

	(void)snprintf(text, sizeof(text),
	    "UPDATE assets SET state = '%s', path = %s, stored_bytes = %s, sha256 = %s, "
	    "intent_path = %s, intent_bytes = %s, intent_sha256 = %s, lost_reason = NULL",
	    asset_state_name(state), state == ASSET_STORED ? "'/old'" : "NULL",
	    state == ASSET_STORED ? "9" : "NULL", state == ASSET_STORED ? "'s'" : "NULL",
	    has_intent ? "'/new'" : "NULL", has_intent ? "7" : "NULL",
	    has_intent ? "'n'" : "NULL");
	poke(f->path, text);
}

static enum asset_state asset_now(struct fixture *f)
{
	struct task *task = find(f, "t");
	const enum asset_state state = task->assets[0].state;

	task_free(task);
	return state;
}

static void asset_moves(void **state)
{
	struct fixture *f = *state;
	const struct asset bytes = bytes_of(0, "u0", "/third");
	struct task *seen = with_assets("t", TASK_SUCCEEDED, 1);

	observe(f, seen);
	task_free(seen);
	for (size_t i = 0; i < COUNT(moves); i++) {
		put_asset(f, moves[i].before, moves[i].has_intent);
		ok(ledger_asset_fetched(f->ledger, ME, "t", &bytes, &f->err));
		assert_int_equal(asset_now(f), moves[i].fetched);
		put_asset(f, moves[i].before, moves[i].has_intent);
		assert_int_equal(ledger_asset_stored(f->ledger, ME, "t", 0, NOW, &f->err),
		    moves[i].stored_kind);
		assert_int_equal(asset_now(f), moves[i].stored);
		put_asset(f, moves[i].before, moves[i].has_intent);
		ok(ledger_asset_wanted(f->ledger, ME, "t", 0, &f->err));
		assert_int_equal(asset_now(f), moves[i].wanted);
		put_asset(f, moves[i].before, moves[i].has_intent);
		ok(ledger_asset_lost(f->ledger, ME, "t", 0, "gone", &f->err));
		assert_int_equal(asset_now(f), moves[i].lost);
	}
}

static void a_copy_elsewhere_never_loses_the_first(void **state)
{
	struct fixture *f = *state;
	const struct asset copy = bytes_of(0, "u0", "/b");
	struct task *seen = with_assets("t", TASK_SUCCEEDED, 1), *task;

	observe(f, seen);
	task_free(seen);
	store(f, "t", 0, "u0", "/a");
	ok(ledger_asset_fetched(f->ledger, ME, "t", &copy, &f->err));
	task = find(f, "t");
	assert_int_equal(task->assets[0].state, ASSET_STORED);
	assert_string_equal(task->assets[0].path, "/a");
	task_free(task);
	ok(ledger_asset_stored(f->ledger, ME, "t", 0, NOW, &f->err));
	task = find(f, "t");
	assert_string_equal(task->assets[0].path, "/b");
	task_free(task);
}

static void asset_operations_check_what_they_get(void **state)
{
	struct fixture *f = *state;
	struct asset bytes = bytes_of(0, "other", "/a");
	struct task *seen = with_assets("t", TASK_SUCCEEDED, 1);

	observe(f, seen);
	task_free(seen);
	assert_int_equal(
	    ledger_asset_fetched(f->ledger, ME, "t", &bytes, &f->err), ERR_LEDGER);
	bytes = bytes_of(5, "u0", "/a");
	assert_int_equal(
	    ledger_asset_fetched(f->ledger, ME, "t", &bytes, &f->err), ERR_NOT_FOUND);
	bytes = bytes_of(0, "u0", NULL);
	assert_int_equal(
	    ledger_asset_fetched(f->ledger, ME, "t", &bytes, &f->err), ERR_USAGE);
	assert_int_equal(
	    ledger_asset_stored(f->ledger, ME, "nobody", 0, NOW, &f->err), ERR_NOT_FOUND);
	assert_int_equal(
	    ledger_asset_wanted(f->ledger, ME, "t", -1, &f->err), ERR_NOT_FOUND);
	assert_int_equal(
	    ledger_asset_lost(f->ledger, "other", "t", 0, "x", &f->err), ERR_NOT_FOUND);
	assert_int_equal(asset_now(f), ASSET_WANTED);
	/* An object made anew forgets validator and withdrawn intent. */
	ok(ledger_asset_progress(f->ledger, ME, "t", 0, "e", &f->err));
	bytes = bytes_of(0, "u0", "/a");
	ok(ledger_asset_fetched(f->ledger, ME, "t", &bytes, &f->err));
	ok(ledger_asset_wanted(f->ledger, ME, "t", 0, &f->err));
	seen = look("t", TASK_SUCCEEDED);
	(void)show(seen, "anew");
	observe(f, seen);
	assert_string_equal(seen->assets[0].uri, "anew");
	assert_null(seen->assets[0].etag);
	task_free(seen);
	assert_int_equal(
	    ledger_asset_stored(f->ledger, ME, "t", 0, NOW, &f->err), ERR_LEDGER);
}

/* The fault of one file is no other's; an intent and its fact may come together. */
static void many_files_move_at_once(void **state)
{
	struct fixture *f = *state;
	const struct asset first = bytes_of(0, "u0", "/a"), anew = bytes_of(1, "x", "/b"),
			   none = bytes_of(7, "u7", "/c"), last = bytes_of(2, "u2", "/d");
	struct ledger_entry together[] = {
		move_of("t", &first, ASSET_FETCHED),
		move_of("t", &anew, ASSET_FETCHED),
		move_of("t", &none, ASSET_FETCHED),
		move_of("nobody", &first, ASSET_STORED),
		move_of("t", &anew, ASSET_STORED),
		move_of("t", &last, ASSET_FETCHED),
		move_of("t", &last, ASSET_STORED),
	};
	static const enum err_kind kinds[] = { ERR_OK, ERR_LEDGER, ERR_NOT_FOUND,
		ERR_NOT_FOUND, ERR_LEDGER, ERR_OK, ERR_OK };
	struct task *seen = with_assets("t", TASK_SUCCEEDED, 3), *task;

	observe(f, seen);
	task_free(seen);
	ok(ledger_commit(f->ledger, ME, together, COUNT(together), NOW, &f->err));
	for (size_t i = 0; i < COUNT(together); i++)
		assert_int_equal(together[i].why.kind, kinds[i]);
	task = find(f, "t");
	assert_int_equal(task->assets[0].state, ASSET_FETCHED);
	assert_int_equal(task->assets[1].state, ASSET_WANTED);
	assert_int_equal(task->assets[2].state, ASSET_STORED);
	assert_string_equal(task->assets[2].path, "/d");
	task_free(task);
	ok(ledger_commit(f->ledger, ME, NULL, 0, NOW, &f->err));
}

static void forgetting_takes_everything(void **state)
{
	struct fixture *f = *state;
	struct task *seen = with_assets("t", TASK_SUCCEEDED, 2);
	struct task *gone = seen;

	adopt(f, "stays");
	observe(f, seen);
	task_free(seen);
	ok(ledger_forget(f->ledger, ME, "t", &f->err));
	assert_int_equal(ledger_forget(f->ledger, ME, "t", &f->err), ERR_NOT_FOUND);
	ok(ledger_find(f->ledger, ME, "t", &gone, &f->err));
	assert_null(gone);
	assert_int_equal(peek(f, "SELECT count(*) FROM assets"), 0);
	assert_int_equal(peek(f, "SELECT count(*) FROM events"), 1);
	assert_int_equal(state_of(f, "stays"), TASK_UNKNOWN);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(an_intent_is_kept),
		T(an_id_is_submitted_once),
		T(an_answer_settles_the_intent),
		T(an_odd_answer_is_refused),
		T(ids_are_adopted_once),
		T(the_submit_id_wins_over_the_history_id),
		T(an_asset_comes_home),
		T(asset_moves),
		T(a_copy_elsewhere_never_loses_the_first),
		T(asset_operations_check_what_they_get),
		T(many_files_move_at_once),
		T(forgetting_takes_everything),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
