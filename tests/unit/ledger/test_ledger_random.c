/*
 * test_ledger_random.c - whatever the service says and processes do, in any order:
 * no move is illegal, and what is stored keeps its facts. The seed is printed by a
 * failure; LEDGER_SEED repeats it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_fixture.h"

enum { TASKS = 6, URIS = 5, STEPS = 1500, WORLDS = 3 };

struct world {
	struct fixture *f;
	uint64_t random, seed;
	int step;
	struct task *before[TASKS]; /* as the ledger had it; NULL: no row */
};

static const char *const ids[TASKS] = { "t0", "t1", "t2", "t3", "t4", "700" };
static const char *const uris[URIS] = { "u0", "u1", "u2", "u3", NULL };

static unsigned draw(struct world *w, unsigned below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (unsigned)(w->random % below);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void broken(const struct world *w, const char *id, const char *what)
{
	fail_msg("seed %llu, step %d, task %s: %s", (unsigned long long)w->seed, w->step,
	    id, what);
}

static const struct asset *by_index(const struct task *task, int index)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].index == index)
			return &task->assets[i];
	return NULL;
}

static void check_asset(const struct world *w, const char *id, const struct asset *was,
    const struct asset *is, bool may_withdraw)
{
	if (!is) {
		broken(w, id, "an asset is gone");
		return;
	}
	/* By way of wanted, and by carrying out a withdrawn intent. */
	if (!asset_state_may_become(was->state, is->state) &&
	    !asset_state_may_become(ASSET_WANTED, is->state) && is->state != ASSET_STORED)
		broken(w, id, "an asset moved illegally");
	if (was->state != ASSET_STORED || may_withdraw)
		return;
	if (is->state != ASSET_STORED || !is->path || is->stored_bytes < 0 || !is->sha256)
		broken(w, id, "a stored asset lost its facts");
	if (was->uri && !same(was->uri, is->uri))
		broken(w, id, "a stored asset changed its name");
	if (!same(was->format, is->format))
		broken(w, id, "a stored asset changed its format");
}

static void check_task(struct world *w, size_t i, bool may_withdraw)
{
	struct task *was = w->before[i], *is = find(w->f, ids[i]);
	int64_t n_held = 0;

	w->before[i] = is;
	if (!is) {
		if (was)
			broken(w, ids[i], "gone");
		return;
	}
	for (size_t k = 0; k < is->n_assets; k++) {
		n_held += is->assets[k].state == ASSET_STORED;
		if (k > 0 && is->assets[k].index <= is->assets[k - 1].index)
			broken(w, ids[i], "assets are out of order");
		for (size_t j = 0; j < k; j++)
			if (is->assets[j].uri &&
			    same(is->assets[j].uri, is->assets[k].uri))
				broken(w, ids[i], "one uri twice");
	}
	if (is->finished < n_held || is->total < is->finished)
		broken(w, ids[i], "fewer finished than stored");
	/* One found by its history id gives way to one of that very name. */
	if (was && !same(was->submit_id, is->submit_id)) {
		task_free(was);
		return;
	}
	if (was && !task_state_may_become(was->state, is->state) &&
	    !(task_end_is_doubtful(was) && !task_state_is_final(is->state)))
		broken(w, ids[i], "the state moved illegally");
	for (size_t k = 0; was && k < was->n_assets; k++)
		check_asset(w, ids[i], &was->assets[k],
		    by_index(is, was->assets[k].index), may_withdraw);
	task_free(was);
}

static struct task *random_look(struct world *w, const char *id)
{
	struct task *seen = look(id, (enum task_state)draw(w, TASK_STATE_COUNT));
	const unsigned n = draw(w, 5);

	seen->finished = (int64_t)draw(w, 6) - 1;
	seen->total = (int64_t)draw(w, 6) - 1;
	seen->status = draw(w, 3) ? (int64_t)draw(w, 60) : INT64_MIN;
	seen->history_id = draw(w, 4) ? NULL : "700";
	seen->fail.class = (enum fail_class)draw(w, FAIL_DELETED + 1);
	for (unsigned k = 0; k < n; k++) {
		struct asset *asset = show(seen, uris[draw(w, URIS)]);

		asset->index = (int)draw(w, 6) - 1;
		asset->width = draw(w, 3) * 100;
		asset->format = draw(w, 2) ? "png" : NULL;
	}
	return seen;
}

static void check_completed(struct world *w, const struct task *seen)
{
	struct task *task = find(w->f, seen->submit_id);

	if (!task || task->state != seen->state || task->n_assets != seen->n_assets ||
	    task->finished != seen->finished || task->total != seen->total)
		broken(w, seen->submit_id, "the look was not completed");
	for (size_t k = 0; task && k < task->n_assets; k++)
		if (task->assets[k].index != seen->assets[k].index ||
		    task->assets[k].state != seen->assets[k].state ||
		    !same(task->assets[k].path, seen->assets[k].path) ||
		    !same(task->assets[k].uri, seen->assets[k].uri))
			broken(w, seen->submit_id, "an asset was not completed");
	task_free(task);
}

static void step_look(struct world *w)
{
	struct fixture *f = w->f;
	struct task *seen = random_look(w, ids[draw(w, TASKS)]);

	ok(ledger_observe(f->ledger, ME, &seen, NULL, 1, NOW, &f->err));
	check_completed(w, seen);
	task_free(seen);
}

static void step_submit(struct world *w)
{
	struct fixture *f = w->f;
	static const enum task_state ends[] = { TASK_QUEUED, TASK_UNKNOWN, TASK_FAILED };
	const struct task_fail fail = { .class = FAIL_QUOTA };
	const char *id = ids[draw(w, TASKS)];
	const struct intent intent = intent_of(id);

	(void)send_one(f->ledger, &intent, &f->err);
	if (draw(w, 2))
		(void)answer(f->ledger, id, ends[draw(w, 3)], &fail, NULL, &f->err);
}

/* Returns whether a stored file may be wanted again after it. */
static bool step_asset(struct world *w)
{
	struct fixture *f = w->f;
	const char *id = ids[draw(w, TASKS)];
	const int index = (int)draw(w, 6);
	const struct asset bytes = bytes_of(index, NULL, draw(w, 2) ? "/a" : "/b");
	struct err err;

	switch (draw(w, 9)) {
	case 0:
		(void)ledger_asset_wanted(f->ledger, ME, id, index, &err);
		return true;
	case 1:
		(void)ledger_asset_lost(f->ledger, ME, id, index, "gone", &err);
		break;
	case 2:
		(void)ledger_asset_progress(f->ledger, ME, id, index, "e", &err);
		break;
	case 3:
	case 4:
	case 5:
		(void)ledger_asset_fetched(f->ledger, ME, id, &bytes, &err);
		break;
	default:
		(void)ledger_asset_stored(f->ledger, ME, id, index, NOW, &err);
		break;
	}
	return false;
}

static void run_world(struct fixture *f, uint64_t seed)
{
	struct world w = { .f = f, .random = seed, .seed = seed };

	for (w.step = 0; w.step < STEPS; w.step++) {
		const unsigned kind = draw(&w, 10);
		bool may_withdraw = false;
		size_t n;

		if (kind < 5)
			step_look(&w);
		else if (kind < 6)
			step_submit(&w);
		else if (kind < 9)
			may_withdraw = step_asset(&w);
		else
			ok(ledger_settle_dead(f->ledger, &n, &f->err));
		for (size_t i = 0; i < TASKS; i++)
			check_task(&w, i, may_withdraw);
	}
	for (size_t i = 0; i < TASKS; i++)
		task_free(w.before[i]);
}

/* What is_open promises, said once more in other words. */
static const char wrong_open[] =
    "SELECT count(*) FROM tasks t WHERE is_open <> (CASE state "
    "WHEN 'failed' THEN 0 WHEN 'cancelled' THEN 0 WHEN 'not_found' THEN 0 "
    "WHEN 'succeeded' THEN (SELECT count(*) = 0 OR "
    "sum(a.state IN ('wanted', 'fetched')) > 0 FROM assets a WHERE a.task = t.id) "
    "ELSE 1 END)";

static void laws_hold_in_any_order(void **state)
{
	struct fixture *f = *state;
	const char *given = getenv("LEDGER_SEED");
	const uint64_t first = given ? strtoull(given, NULL, 10) : 0x9e3779b97f4a7c15u;

	for (unsigned i = 0; i < (given ? 1 : WORLDS); i++) {
		run_world(f, first + i);
		assert_int_equal(peek(f, wrong_open), 0);
		for (size_t k = 0; k < TASKS; k++)
			(void)ledger_forget(f->ledger, ME, ids[k], &f->err);
	}
	assert_int_equal(peek(f, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    laws_hold_in_any_order, fixture_make, fixture_free),
	};

	return cmocka_run_group_tests_name("ledger_random", tests, NULL, NULL);
}
