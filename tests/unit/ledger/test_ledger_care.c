/*
 * test_ledger_care.c - what is saved of a damaged ledger (ledger/care.h) stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/care.h"
#include "ledger/sqlite/schema.h"
#include "ledger/sqlite/sql.h"
#include "ledger_fixture.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static void intend_keyed(struct fixture *f, const char *id, const char *key)
{
	struct intent intent = intent_of(id);

	intent.idempotency_key = key;
	intent.content_hash = SHA;
	ok(wait_one(f->ledger, &intent, &f->err));
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

/* A day behind the poll that did not find them, somebody asks for an id. */
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
	close_it(f);
	lose_the_table(f);
	recover(f, &saved);
	assert_int_equal(saved.keys, 2);
	a_day_later(f);
	assert_int_equal(peek(f, "SELECT count(*) FROM keys"), 2);
	again.idempotency_key = "k-a";
	again.content_hash = SHA;
	assert_int_equal(
	    ledger_intend(f->ledger, &again, 1, &intended, NULL, &f->err), ERR_USAGE);
}

/* Readable, and not what was written: what stands elsewhere counts as well. */
static void a_key_of_an_altered_row_is_used(void **state)
{
	static const char *const changes[] = { "account = 'elsewhere'",
		"idempotency_key = 'k-x'", "submit_id = 'x'" };
	struct fixture *f = *state;
	char text[300];

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct intent again = intent_of("again");
		struct care_saved saved;
		struct intended intended = { .is_known = false };

		intend_keyed(f, "a", "k-a");
		close_it(f);
		(void)snprintf(text, sizeof(text),
		    "DROP TRIGGER keys_change; UPDATE tasks SET %s", changes[i]);
		poke(f->path, text);
		recover(f, &saved);
		a_day_later(f);
		again.idempotency_key = "k-a";
		again.content_hash = SHA;
		if (!ledger_intend(f->ledger, &again, 1, &intended, NULL, &f->err))
			assert_true(intended.is_known);
		close_it(f);
		(void)snprintf(
		    text, sizeof(text), "rm -f '%s'* '%s'/saved*", f->path, f->folder);
		assert_int_equal(system(text), 0);
		f->ledger = open_ledger(f->path);
	}
}

/* Its id was printed, so it is listed, whatever the service says of it. */
static void a_saved_name_is_listed_for_ever(void **state)
{
	const struct intent intent = intent_of("unkeyed");
	struct fixture *f = *state;
	struct care_saved saved;

	intend_keyed(f, "a", "k-a");
	ok(wait_one(f->ledger, &intent, &f->err));
	close_it(f);
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

/* --- checking -------------------------------------------------------------------- */

static void read_mark(const struct fixture *f, char ret_line[200])
{
	FILE *file = fopen(beside(f, "-mark"), "r");

	assert_non_null(file);
	memset(ret_line, 0, 200);
	assert_true(fread(ret_line, 1, 199, file) > 100);
	(void)fclose(file);
}

static void a_check_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct care_health health;
	char before[200], after[200];
	struct stat st;

	intend_keyed(f, "a", "k-a");
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	f->ledger = open_ledger(f->path);
	intend_keyed(f, "b", "k-b");
	close_it(f);
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	read_mark(f, before);
	ok(care_check(f->path, &health, &f->err));
	assert_int_equal(health.verdict, CARE_BEHIND);
	assert_non_null(strstr(health.said.msg, "1 of 2 tasks"));
	read_mark(f, after);
	assert_string_equal(before, after);
	/* A new file stays empty. */
	(void)unlink(beside(f, "-mark"));
	(void)unlink(beside(f, "-wal"));
	assert_int_equal(truncate(f->path, 0), 0);
	ok(care_check(f->path, &health, &f->err));
	assert_int_equal(health.verdict, CARE_GOOD);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_not_equal(access(beside(f, "-mark"), F_OK), 0);
}

/* Of an older dreamq it is whole, and of a newer one nobody here can tell. */
static void another_schema_is_no_damage(void **state)
{
	struct fixture *f = *state;

	close_it(f);
	for (size_t version = 1; version <= LEDGER_SCHEMA_VERSION; version++) {
		struct care_health health;
		struct sql sql;
		char text[120];

		(void)snprintf(text, sizeof(text), "rm -f '%s'*", f->path);
		assert_int_equal(system(text), 0);
		ok(sql_open(&sql, f->path, 1000, &f->err));
		ok(schema_bring(&sql, ledger_schema_steps, version, &f->err));
		ok(sql_exec(&sql,
		    "INSERT INTO tasks (account, submit_id, state, is_open, "
		    "first_seen_unix_ms, updated_unix_ms) VALUES ('default', 'a', "
		    "'unknown', 1, 1, 1)",
		    &f->err));
		sql_close(&sql);
		ok(care_check(f->path, &health, &f->err));
		if (health.verdict != CARE_GOOD)
			fail_msg("schema %zu: %s", version, health.said.msg);
		assert_int_equal(health.tasks, 1);
		assert_int_equal(health.keys, 0);
		assert_int_equal(peek(f, "PRAGMA user_version"), version);
	}
	poke(f->path, "PRAGMA user_version = 99");
	{
		struct care_health health = { .verdict = CARE_GONE };
		struct err err = { 0 };

		assert_int_equal(care_check(f->path, &health, &err), ERR_LEDGER);
		assert_non_null(strstr(err.msg, "newer dreamq"));
		assert_int_equal(health.verdict, CARE_GONE);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(a_saved_key_is_used_for_ever),
		T(a_saved_name_is_listed_for_ever),
		T(a_key_of_an_altered_row_is_used),
		T(a_check_changes_nothing),
		T(another_schema_is_no_damage),
		T(what_is_beside_is_not_touched),
	};

	return cmocka_run_group_tests_name("ledger_care", tests, NULL, NULL);
}
