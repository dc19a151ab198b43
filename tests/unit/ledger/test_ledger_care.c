/*
 * test_ledger_care.c - what is saved of a damaged ledger (ledger_care.h) stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/ledger_care.h"
#include "ledger_fixture.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static void intend_keyed(struct fixture *f, const char *id, const char *key)
{
	struct intent intent = intent_of(id);

	intent.idempotency_key = key;
	intent.wish_hash = SHA;
	ok(wait_one(f->ledger, &intent, &f->err));
}

static void close_it(struct fixture *f)
{
	ledger_close(f->ledger);
	f->ledger = NULL;
}

/* The table of tasks is read as empty: names and keys are in indexes only. */
static void lose_the_table(struct fixture *f)
{
	close_it(f);
	poke(f->path,
	    "PRAGMA writable_schema = ON;"
	    "CREATE TABLE empty (x);"
	    "UPDATE sqlite_schema SET rootpage ="
	    " (SELECT rootpage FROM sqlite_schema WHERE name = 'empty')"
	    " WHERE name = 'tasks'");
}

static void recover(struct fixture *f, struct care_saved *ret_saved)
{
	char to[200];

	(void)snprintf(to, sizeof(to), "%s/saved.db", f->folder);
	ok(care_recover(f->path, to, ret_saved, &f->err));
	ok(care_accept(f->path, to, &f->err));
	f->ledger = open_ledger(f->path);
}

static bool count_task(void *payload, const struct task *task)
{
	(void)task;
	(*(size_t *)payload)++;
	return true;
}

static size_t count_listed(struct fixture *f)
{
	const struct ledger_filter all = { 0 };
	size_t n = 0;

	ok(ledger_list(f->ledger, &all, count_task, &n, &f->err));
	return n;
}

/* A day behind the look that did not find them, somebody asks for an id. */
static void a_day_later(struct fixture *f)
{
	const char *const stranger = "stranger";

	poke(f->path,
	    "UPDATE tasks SET state = 'not_found', is_open = 0, looks = 3, "
	    "updated_unix_ms = 1");
	ok(ledger_adopt(f->ledger, ME, &stranger, 1, NOW + DAY_MS, &f->err));
}

static void a_saved_key_is_used_for_ever(void **state)
{
	struct fixture *f = *state;
	struct intent again = intent_of("again");
	struct care_saved saved;
	struct intended intended;

	intend_keyed(f, "a", "k-a");
	intend_keyed(f, "b", "k-b");
	lose_the_table(f);
	recover(f, &saved);
	assert_int_equal(saved.keys, 2);
	a_day_later(f);
	assert_int_equal(peek(f, "SELECT count(*) FROM keys"), 2);
	again.idempotency_key = "k-a";
	again.wish_hash = SHA;
	assert_int_equal(
	    ledger_intend(f->ledger, &again, 1, &intended, NULL, &f->err), ERR_USAGE);
}

/* Its id was printed, so it is listed, whatever the service says of it. */
static void a_saved_name_is_listed_for_ever(void **state)
{
	const struct intent intent = intent_of("unkeyed");
	struct fixture *f = *state;
	struct care_saved saved;

	intend_keyed(f, "a", "k-a");
	ok(wait_one(f->ledger, &intent, &f->err));
	lose_the_table(f);
	recover(f, &saved);
	assert_int_equal(saved.names, 2);
	assert_int_equal(count_listed(f), 2);
	poke(f->path, "UPDATE tasks SET looks = 1");
	assert_int_equal(count_listed(f), 2);
	a_day_later(f);
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM tasks WHERE submit_id = 'unkeyed'"), 1);
	poke(f->path, "DELETE FROM tasks WHERE submit_id = 'stranger'");
	assert_int_equal(count_listed(f), 2);
}

/* What is left of a ledger that is gone may be all that there is of it. */
static void what_is_beside_is_not_touched(void **state)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-mark" };
	struct fixture *f = *state;
	struct care_saved saved;

	intend_keyed(f, "a", "k-a");
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		char to[200], name[210];

		(void)snprintf(to, sizeof(to), "%s/gone%zu.db", f->folder, i);
		(void)snprintf(name, sizeof(name), "%s%s", to, suffixes[i]);
		{
			FILE *file = fopen(name, "w");

			assert_non_null(file);
			assert_true(fputs("all that is left", file) >= 0);
			assert_int_equal(fclose(file), 0);
		}
		assert_int_equal(care_recover(f->path, to, &saved, &f->err), ERR_USAGE);
		assert_int_equal(access(name, F_OK), 0);
		assert_int_not_equal(access(to, F_OK), 0);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(a_saved_key_is_used_for_ever),
		T(a_saved_name_is_listed_for_ever),
		T(what_is_beside_is_not_touched),
	};

	return cmocka_run_group_tests_name("ledger_care", tests, NULL, NULL);
}
