/*
 * test_ledger_recover.c - pages of a ledger are lost: what is read of it for all that,
 * and is it said what could not be (ledger/care.h)?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "ledger/care.h"
#include "ledger/sqlite/schema.h"
#include "ledger/sqlite/sql.h"
#include "ledger_fixture.h"

static void recover(struct fixture *f, struct care_saved *ret_saved)
{
	char to[200];

	(void)snprintf(to, sizeof(to), "%s/saved.db", f->folder);
	ok(care_recover(f->path, to, ret_saved, &f->err));
	ok(care_accept(f->path, to, &f->err));
	f->ledger = open_ledger(f->path);
}

enum { PAGE = 4096, MARKED = 400 };

/* Long notes, and tags, on so many tasks that both take many pages. */
static void mark_many(struct fixture *f, int n)
{
	char text[700];

	(void)snprintf(text, sizeof(text),
	    "BEGIN;"
	    "CREATE TEMP TABLE n AS WITH RECURSIVE c (i) AS "
	    "(SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d) SELECT i FROM c;"
	    "INSERT INTO tasks (id, account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms) SELECT i, 'default', 't-' || i, "
	    "'queued', 1, 1, 1 FROM n;"
	    "INSERT INTO marks SELECT i, -1, 3, printf('%%.2000c', 'x'), 1 FROM n;"
	    "INSERT INTO tags SELECT i, -1, 'all' FROM n;"
	    "INSERT INTO tags SELECT i, -1, printf('%%050d', i) FROM n;"
	    "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)",
	    n);
	close_it(f);
	poke(f->path, text);
}

/* Writes `n` bytes into page `page`, as a disk does it. */
static void spoil(struct fixture *f, int64_t page, int at, const char *bytes, size_t n)
{
	const int fd = open(f->path, O_WRONLY | O_CLOEXEC);

	assert_true(page > 1);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, (off_t)(page - 1) * PAGE + at), (ssize_t)n);
	assert_int_equal(close(fd), 0);
}

static void lose_page(struct fixture *f, int64_t page)
{
	static const char nothing[PAGE];

	spoil(f, page, 0, nothing, sizeof(nothing));
}

static int64_t root_of(struct fixture *f, const char *name)
{
	char text[100];

	(void)snprintf(text, sizeof(text),
	    "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", name);
	return peek(f, text);
}

/* The n-th leaf of many, counted from 0. */
static int64_t leaf_of(struct fixture *f, const char *name, int n)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
	    "SELECT pageno FROM dbstat WHERE name = '%s' AND pagetype = 'leaf' "
	    "ORDER BY path LIMIT 1 OFFSET %d",
	    name, n);
	return peek(f, text);
}

/* The words of what was not read whole, one behind the other. */
static void expect_unread(const struct care_saved *saved, const char *words)
{
	char all[200] = "";

	for (size_t i = 0; saved->unread[i]; i++) {
		strcat(all, i ? " " : "");
		strcat(all, saved->unread[i]);
	}
	assert_string_equal(all, words);
}

static void of_a_sound_ledger_all_is_read(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;

	mark_many(f, MARKED);
	recover(f, &saved);
	expect_unread(&saved, "");
	assert_int_equal(saved.notes, MARKED);
	assert_int_equal(saved.tags, 2 * MARKED);
	assert_int_equal(saved.lost_tasks, 0);
}

/* A tag stands in the table and in its index: either is enough. */
static void tags_are_read_from_either_place(void **state)
{
	static const char *const places[] = { "tags", "tags_tag" };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(places); i++) {
		struct care_saved saved;
		char text[200];

		mark_many(f, MARKED);
		lose_page(f, root_of(f, places[i]));
		recover(f, &saved);
		expect_unread(&saved, "");
		assert_int_equal(saved.tags, 2 * MARKED);
		assert_int_equal(peek(f, "SELECT count(*) FROM tags"), 2 * MARKED);
		close_it(f);
		(void)snprintf(
		    text, sizeof(text), "rm -f '%s'* '%s'/saved*", f->path, f->folder);
		assert_int_equal(system(text), 0);
		f->ledger = open_ledger(f->path);
	}
}

static void what_can_not_be_read_is_told(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;

	mark_many(f, 20);
	lose_page(f, root_of(f, "tags"));
	lose_page(f, root_of(f, "tags_tag"));
	lose_page(f, root_of(f, "marks"));
	lose_page(f, root_of(f, "events"));
	lose_page(f, root_of(f, "counters"));
	recover(f, &saved);
	expect_unread(&saved, "events notes tags");
	assert_int_equal(saved.notes, 0);
	assert_int_equal(saved.tags, 0);
	assert_int_equal(saved.tasks, 20);
}

static void between_lost_pages_notes_are_read(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;

	mark_many(f, MARKED);
	lose_page(f, leaf_of(f, "marks", 3));
	lose_page(f, leaf_of(f, "marks", 20));
	lose_page(f, leaf_of(f, "tags", 1));
	lose_page(f, leaf_of(f, "tags", 5));
	lose_page(f, leaf_of(f, "tags_tag", 1));
	lose_page(f, leaf_of(f, "tags_tag", 5));
	recover(f, &saved);
	expect_unread(&saved, "notes tags");
	assert_in_range(saved.notes, MARKED - 20, MARKED - 2);
	/* Of the tags only what both have lost. */
	assert_in_range(saved.tags, 2 * MARKED * 8 / 10, 2 * MARKED - 1);
	assert_int_equal(saved.tasks, MARKED);
}

/* Its reading ends, and nothing says that it ends too early. */
static void a_page_that_hides_rows_is_told(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;

	mark_many(f, 3);
	spoil(f, leaf_of(f, "marks", 0), 3, "\0\0", 2);
	recover(f, &saved);
	expect_unread(&saved, "notes");
	assert_int_equal(saved.tags, 6);
}

static void a_table_that_is_not_listed_is_told(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;

	mark_many(f, 3);
	poke(f->path,
	    "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = "
	    "'marks'");
	recover(f, &saved);
	expect_unread(&saved, "notes");
}

static void what_only_a_newer_one_knows_is_told(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;

	mark_many(f, 3);
	poke(f->path,
	    "PRAGMA user_version = 99; CREATE TABLE deliveries_of_99 (x);"
	    "ALTER TABLE tasks ADD COLUMN by_99 TEXT");
	recover(f, &saved);
	expect_unread(&saved, "newer");
	assert_int_equal(saved.tasks, 3);
}

/* A ledger of an older dreamq never had any. */
static void what_never_was_is_not_missed(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;
	struct sql sql;
	char text[120];

	close_it(f);
	(void)snprintf(text, sizeof(text), "rm -f '%s'*", f->path);
	assert_int_equal(system(text), 0);
	ok(sql_open(&sql, f->path, 1000, &f->err));
	ok(schema_bring(&sql, ledger_schema_steps, 1, &f->err));
	sql_close(&sql);
	recover(f, &saved);
	expect_unread(&saved, "");
}

/* A lease is newer than all that were given, whatever the table of counters says. */
static void leases_go_on_counting(void **state)
{
	struct fixture *f = *state;
	struct care_saved saved;

	mark_many(f, 3);
	poke(f->path,
	    "UPDATE tasks SET lease_token = 77 WHERE submit_id = 't-1';"
	    "DELETE FROM counters");
	recover(f, &saved);
	assert_int_equal(
	    peek(f, "SELECT value FROM counters WHERE name = 'lease_token'"), 77);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(of_a_sound_ledger_all_is_read),
		T(tags_are_read_from_either_place),
		T(what_can_not_be_read_is_told),
		T(between_lost_pages_notes_are_read),
		T(a_page_that_hides_rows_is_told),
		T(a_table_that_is_not_listed_is_told),
		T(what_only_a_newer_one_knows_is_told),
		T(what_never_was_is_not_missed),
		T(leases_go_on_counting),
	};

	return cmocka_run_group_tests_name("ledger_recover", tests, NULL, NULL);
}
