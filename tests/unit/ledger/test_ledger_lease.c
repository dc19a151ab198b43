/*
 * test_ledger_lease.c - one owner per task, told by the clock that the test keeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/lease.h"
#include "ledger/sqlite/handle.h"
#include "ledger_fixture.h"

static struct lease lease_at(
    struct fixture *f, struct ledger *ledger, const char *id, int64_t now_unix_ms)
{
	struct lease lease = { .id = id, .token = -1, .version = -1 };

	ok(ledger_lease(ledger, ME, &lease, 1, now_unix_ms, &f->err));
	return lease;
}

static void release(struct fixture *f, struct ledger *ledger, const char *id)
{
	ok(ledger_lease_release(ledger, ME, &id, 1, &f->err));
}

static void one_of_two_has_it(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	int64_t token;

	adopt(f, "t");
	token = lease_at(f, f->ledger, "t", NOW).token;
	assert_true(token > 0);
	assert_int_equal(lease_at(f, other, "t", NOW).token, 0);
	assert_true(lease_at(f, other, "t", NOW).version > 0);
	/* Ours stays ours, and keeps its token. */
	assert_int_equal(lease_at(f, f->ledger, "t", NOW + 5).token, token);
	/* Who has not got it can't give it back. */
	release(f, other, "t");
	assert_int_equal(lease_at(f, other, "t", NOW).token, 0);
	release(f, f->ledger, "t");
	assert_true(lease_at(f, other, "t", NOW).token > token);
	assert_int_equal(lease_at(f, f->ledger, "t", NOW).token, 0);
	/* All go with the handle. */
	ledger_close(other);
	assert_int_equal(peek(f, "SELECT count(*) FROM owners"), 1);
	assert_true(lease_at(f, f->ledger, "t", NOW).token > token + 1);
}

static void nobody_owns_what_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct lease lease = lease_at(f, f->ledger, "t", NOW);
	int64_t before;

	assert_int_equal(lease.token, 0);
	assert_int_equal(lease.version, 0);
	release(f, f->ledger, "t");
	ok(ledger_lease_renew(f->ledger, NOW, &f->err));
	ok(ledger_lease(f->ledger, ME, NULL, 0, NOW, &f->err));
	assert_int_equal(peek(f, "SELECT count(*) FROM owners"), 0);
	adopt(f, "t");
	before = lease_at(f, f->ledger, "t", NOW).token;
	/* Tokens grow over forgetting, too. */
	ok(ledger_forget(f->ledger, ME, "t", &f->err));
	assert_int_equal(lease_at(f, f->ledger, "t", NOW).token, 0);
	adopt(f, "t");
	assert_true(lease_at(f, f->ledger, "t", NOW).token > before);
	/* The same task by two names is taken once. */
	ok(answer(f->ledger, "t", TASK_QUEUED, NULL, "77", &f->err));
	assert_int_equal(lease_at(f, f->ledger, "77", NOW).token,
	    lease_at(f, f->ledger, "t", NOW).token);
}

static const struct {
	int64_t owner_ms, other_ms; /* behind NOW: last renewed; when asked */
	bool is_free;
} ages[] = {
	{ 0, 0, false },
	{ 0, LEDGER_LEASE_MS, false },
	{ 0, LEDGER_LEASE_MS + 1, true },
	{ 9000, LEDGER_LEASE_MS + 1, false },
	{ 1000000, 1000000 + LEDGER_LEASE_MS, false },
	/* A clock that was set back; one that was ahead. */
	{ LEDGER_LEASE_MS, 0, false },
	{ LEDGER_LEASE_MS + 1, 0, true },
	{ 86400000, 0, true },
};

static void a_stopped_owner_is_replaced(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(ages); i++) {
		struct ledger *other = open_ledger(f->path);
		char id[32];
		int64_t token;

		(void)snprintf(id, sizeof(id), "t-%zu", i);
		adopt(f, id);
		token = lease_at(f, f->ledger, id, NOW).token;
		ok(ledger_lease_renew(f->ledger, NOW + ages[i].owner_ms, &f->err));
		assert_int_equal(
		    lease_at(f, other, id, NOW + ages[i].other_ms).token > token,
		    ages[i].is_free);
		/* What nobody has taken is still ours when we go on. */
		assert_int_equal(
		    lease_at(f, f->ledger, id, NOW + ages[i].other_ms).token == token,
		    !ages[i].is_free);
		ledger_close(other);
	}
}

static void a_look_under_a_lost_lease_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	struct task *seen = look("t", TASK_QUEUED);
	int64_t ours, theirs;

	adopt(f, "t");
	ours = lease_at(f, f->ledger, "t", NOW).token;
	ok(ledger_observe(f->ledger, ME, &seen, &ours, 1, NOW, &f->err));
	assert_int_equal(state_of(f, "t"), TASK_QUEUED);
	task_free(seen);
	/* We sleep; another one takes it and sees more. */
	theirs = lease_at(f, other, "t", NOW + LEDGER_LEASE_MS + 1).token;
	assert_true(theirs > ours);
	seen = look("t", TASK_PARTIAL);
	(void)show(seen, "u0");
	ok(ledger_observe(other, ME, &seen, &theirs, 1, NOW, &f->err));
	task_free(seen);
	/* We wake up and say what we saw long ago. */
	seen = look("t", TASK_FAILED);
	seen->fail.class = FAIL_SERVICE;
	(void)show(seen, "u0");
	(void)show(seen, "u9");
	ok(ledger_observe(f->ledger, ME, &seen, &ours, 1, NOW, &f->err));
	assert_int_equal(seen->state, TASK_PARTIAL);
	assert_int_equal(seen->fail.class, FAIL_NONE);
	assert_int_equal(seen->n_assets, 1);
	assert_string_equal(seen->assets[0].uri, "u0");
	assert_non_null(seen->assets[0].url);
	task_free(seen);
	assert_int_equal(state_of(f, "t"), TASK_PARTIAL);
	assert_int_equal(peek(f, "SELECT count(*) FROM assets"), 1);
	assert_int_equal(peek(f, "SELECT count(*) FROM events WHERE what = 'note'"), 0);
	/* Their number is not ours either. */
	seen = look("t", TASK_FAILED);
	ok(ledger_observe(f->ledger, ME, &seen, &theirs, 1, NOW, &f->err));
	task_free(seen);
	assert_int_equal(state_of(f, "t"), TASK_PARTIAL);
	ledger_close(other);
}

static void only_the_lost_ones_of_a_batch_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	struct lease leases[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
	struct task *seen[] = { look("a", TASK_QUEUED), look("b", TASK_QUEUED),
		look("c", TASK_QUEUED) };
	int64_t tokens[COUNT(seen)];

	for (size_t i = 0; i < COUNT(leases); i++)
		adopt(f, leases[i].id);
	ok(ledger_lease(f->ledger, ME, leases, COUNT(leases), NOW, &f->err));
	for (size_t i = 0; i < COUNT(leases); i++)
		tokens[i] = leases[i].token;
	tokens[2] = 0;
	release(f, f->ledger, "b");
	assert_true(lease_at(f, other, "b", NOW).token > 0);
	ok(ledger_observe(f->ledger, ME, seen, tokens, COUNT(seen), NOW, &f->err));
	assert_int_equal(state_of(f, "a"), TASK_QUEUED);
	assert_int_equal(state_of(f, "b"), TASK_UNKNOWN);
	assert_int_equal(state_of(f, "c"), TASK_QUEUED);
	assert_int_equal(seen[1]->state, TASK_UNKNOWN);
	for (size_t i = 0; i < COUNT(seen); i++)
		task_free(seen[i]);
	ledger_close(other);
}

static void what_was_forgotten_is_not_brought_back(void **state)
{
	struct fixture *f = *state;
	struct task *seen = look("t", TASK_QUEUED);
	int64_t token;

	adopt(f, "t");
	token = lease_at(f, f->ledger, "t", NOW).token;
	ok(ledger_forget(f->ledger, ME, "t", &f->err));
	ok(ledger_observe(f->ledger, ME, &seen, &token, 1, NOW, &f->err));
	assert_null(find(f, "t"));
	assert_string_equal(seen->submit_id, "t");
	assert_int_equal(seen->state, TASK_UNKNOWN);
	task_free(seen);
	/* Without a lease an id without a row gets one, as ever. */
	seen = look("t", TASK_QUEUED);
	token = 0;
	ok(ledger_observe(f->ledger, ME, &seen, &token, 1, NOW, &f->err));
	task_free(seen);
	assert_int_equal(state_of(f, "t"), TASK_QUEUED);
}

/* --- what it costs ------------------------------------------------------------------ */

enum { MANY = 2000 };

static int64_t rows_written(const struct ledger *ledger)
{
	return sqlite3_total_changes64(sqlite_of_const(ledger)->sql.db);
}

static void renewing_is_one_row(void **state)
{
	struct fixture *f = *state;
	static char names[MANY][16];
	static const char *ids[MANY];
	static struct lease leases[MANY];
	struct ledger *other = open_ledger(f->path);
	int64_t before;

	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "t-%zu", i);
		ids[i] = names[i];
		leases[i].id = names[i];
	}
	ok(ledger_adopt(f->ledger, ME, ids, MANY, NOW, &f->err));
	ok(ledger_lease(f->ledger, ME, leases, MANY, NOW, &f->err));
	assert_true(leases[MANY - 1].token > 0);
	(void)ledger_has_changed(other);
	before = rows_written(f->ledger);
	/* Nothing changes hands: nothing is written, by us or by the other. */
	ok(ledger_lease(f->ledger, ME, leases, MANY, NOW + 1, &f->err));
	ok(ledger_lease(other, ME, leases, MANY, NOW + 1, &f->err));
	assert_int_equal(leases[MANY - 1].token, 0);
	assert_int_equal(rows_written(f->ledger), before);
	assert_int_equal(rows_written(other), 0);
	assert_false(ledger_has_changed(other));
	ok(ledger_lease_renew(f->ledger, NOW + 2, &f->err));
	assert_int_equal(rows_written(f->ledger), before + 1);
	/* When it is time, taking renews by itself. */
	ok(ledger_lease(f->ledger, ME, leases, MANY, NOW + 1 + LEDGER_RENEW_MS, &f->err));
	assert_int_equal(rows_written(f->ledger), before + 1);
	ok(ledger_lease(f->ledger, ME, leases, MANY, NOW + 2 + LEDGER_RENEW_MS, &f->err));
	assert_int_equal(rows_written(f->ledger), before + 2);
	assert_int_equal(
	    peek(f, "SELECT renewed_unix_ms FROM owners"), NOW + 2 + LEDGER_RENEW_MS);
	/* So is giving all back. */
	ledger_close(f->ledger);
	f->ledger = NULL;
	assert_int_equal(peek(f, "SELECT count(*) FROM owners"), 0);
	ok(ledger_lease(other, ME, leases, MANY, NOW + 3, &f->err));
	for (size_t i = 0; i < MANY; i++)
		assert_true(leases[i].token > 0);
	ledger_close(other);
}

/* --- versions ----------------------------------------------------------------------- */

static int64_t version_of(struct fixture *f)
{
	return lease_at(f, f->ledger, "t", NOW).version;
}

static void a_version_grows_with_every_change(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("t");
	const struct asset bytes = bytes_of(0, "u0", "/x");
	struct task *seen = NULL;
	int64_t version = 0;
	size_t n;

#define GROWS(call)                                   \
	do {                                          \
		ok(call);                             \
		assert_true(version_of(f) > version); \
		version = version_of(f);              \
	} while (0)
#define STAYS(call)                                       \
	do {                                              \
		ok(call);                                 \
		assert_int_equal(version_of(f), version); \
	} while (0)
	GROWS(wait_one(f->ledger, &intent, &f->err));
	GROWS(begin(f->ledger, ME, "t", &f->err));
	GROWS(answer(f->ledger, "t", TASK_SUBMITTING, NULL, NULL, &f->err));
	GROWS(begin(f->ledger, ME, "t", &f->err));
	GROWS(answer(f->ledger, "t", TASK_QUEUED, NULL, "7", &f->err));
	for (int n_assets = 0; n_assets < 2; n_assets++) {
		seen = look("t", TASK_PARTIAL);
		if (n_assets)
			(void)show(seen, "u0");
		GROWS(ledger_observe(f->ledger, ME, &seen, NULL, 1, NOW, &f->err));
		STAYS(ledger_observe(f->ledger, ME, &seen, NULL, 1, NOW, &f->err));
		task_free(seen);
	}
	GROWS(ledger_asset_progress(f->ledger, ME, "t", 0, "e", &f->err));
	STAYS(ledger_asset_progress(f->ledger, ME, "t", 0, "e", &f->err));
	GROWS(ledger_asset_fetched(f->ledger, ME, "t", &bytes, &f->err));
	GROWS(ledger_asset_stored(f->ledger, ME, "t", 0, NOW, &f->err));
	STAYS(ledger_asset_stored(f->ledger, ME, "t", 0, NOW, &f->err));
	GROWS(ledger_asset_wanted(f->ledger, ME, "t", 0, &f->err));
	GROWS(ledger_asset_lost(f->ledger, ME, "t", 0, "gone", &f->err));
	STAYS(ledger_settle_dead(f->ledger, &n, &f->err));
	STAYS(ledger_lease_renew(f->ledger, NOW, &f->err));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(one_of_two_has_it),
		T(nobody_owns_what_is_not_there),
		T(a_stopped_owner_is_replaced),
		T(a_look_under_a_lost_lease_is_not_written),
		T(only_the_lost_ones_of_a_batch_are_left_out),
		T(what_was_forgotten_is_not_brought_back),
		T(renewing_is_one_row),
		T(a_version_grows_with_every_change),
	};

	return cmocka_run_group_tests_name("ledger_lease", tests, NULL, NULL);
}
