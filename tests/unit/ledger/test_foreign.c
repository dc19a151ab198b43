/* Databases of other programs: read as they are, while they are in use, whatever is
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ledger/foreign/foreign.h"

enum { TOLD_MAX = 16384 };

struct place {
	char folder[64], path[96];
	struct buf told;
	bool gives_up;
};

static int make(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	(void)snprintf(place->folder, sizeof(place->folder), "/tmp/foreign-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	(void)snprintf(place->path, sizeof(place->path), "%s/t.db", place->folder);
	place->told = buf_make(TOLD_MAX);
	*state = place;
	return 0;
}

static int clean(void **state)
{
	struct place *place = *state;
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s%s", place->path, ends[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(place->folder), 0);
	buf_release(&place->told);
	free(place);
	return 0;
}

/* The program whose database it is. */
static sqlite3 *own(const struct place *place, const char *text)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(place->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static enum err_kind on_row(
    void *payload, const char *json, size_t len, size_t number, struct err *err)
{
	struct place *place = payload;

	(void)err;
	assert_int_equal(strlen(json), len);
	buf_addf(&place->told, "%zu %s\n", number, json);
	return ERR_OK;
}

static bool gives_up(void *payload)
{
	const struct place *place = payload;

	return place->gives_up;
}

static bool is_id_name(const char *name)
{
	return !strcmp(name, "submit_id");
}

static bool is_id(const char *text)
{
	return !strncmp(text, "id-", 3);
}

static enum err_kind read_it(
    struct place *place, struct foreign_seen *seen, struct err *err)
{
	const struct foreign_reader reader = { on_row, gives_up, is_id_name, is_id,
		place };

	buf_clear(&place->told);
	return foreign_read(place->path, &reader, seen, err);
}

#define TASKS                                                                       \
	"CREATE TABLE task (submit_id TEXT, uid INTEGER, x REAL, request TEXT, "    \
	"raw BLOB, no TEXT);"                                                       \
	"INSERT INTO task VALUES ('a', 7, 0.5, '{\"prompt\":\"b\"}', x'00', NULL)," \
	" ('c', 8, 2, '{not', x'', 'say \"d\"'), ('e', 7, 3, '', x'', '');"

static void rows_are_objects(void **state)
{
	struct place *place = *state;
	struct foreign_seen seen;
	struct err err;

	sqlite3_close(own(place,
	    TASKS "CREATE TABLE \"od\"\"d\" (y); CREATE VIEW v AS "
		  "SELECT * FROM task;"));
	assert_int_equal(read_it(place, &seen, &err), ERR_OK);
	assert_string_equal(place->told.data,
	    "1 {\"submit_id\":\"a\",\"uid\":7,\"x\":0.5,\"request\":{\"prompt\":\"b\"}}\n"
	    "2 "
	    "{\"submit_id\":\"c\",\"uid\":8,\"x\":2.0,\"request\":\"{not\",\"no\":\"say "
	    "\\\"d\\\"\"}\n"
	    "3 {\"submit_id\":\"e\",\"uid\":7,\"x\":3.0,\"request\":\"\",\"no\":\"\"}\n");
	assert_int_equal(seen.n_accounts, 2);
	assert_int_equal(seen.n_tables, 2);
	assert_int_equal(seen.n_read, 1);
	assert_string_equal(seen.tables, "od\"d, task");
}

static void what_json_has_no_word_for_is_left_out(void **state)
{
	struct place *place = *state;
	struct foreign_seen seen;
	struct err err;

	sqlite3_close(own(place,
	    "CREATE TABLE task (submit_id TEXT, x REAL, y REAL);"
	    "INSERT INTO task VALUES ('a', 9e999, -9e999), ('b', 1e300, 1);"));
	assert_int_equal(read_it(place, &seen, &err), ERR_OK);
	assert_string_equal(place->told.data,
	    "1 {\"submit_id\":\"a\"}\n"
	    "2 {\"submit_id\":\"b\",\"x\":1.0e+300,\"y\":1.0}\n");
}

static void a_column_of_ids_needs_no_name(void **state)
{
	struct place *place = *state;
	struct foreign_seen seen;
	struct err err;

	sqlite3_close(own(place,
	    "CREATE TABLE a (n, remote TEXT, t TEXT); INSERT INTO a VALUES (1, 'id-1', "
	    "'x'), (2, 'id-2', 'id-9');"
	    "CREATE TABLE b (one TEXT, two TEXT); INSERT INTO b VALUES ('id-1', 'id-2');"
	    "CREATE TABLE c (one TEXT);"));
	assert_int_equal(read_it(place, &seen, &err), ERR_OK);
	assert_string_equal(place->told.data,
	    "1 {\"n\":1,\"submit_id\":\"id-1\",\"t\":\"x\"}\n"
	    "2 {\"n\":2,\"submit_id\":\"id-2\",\"t\":\"id-9\"}\n");
	assert_int_equal(seen.n_read, 1);
	assert_int_equal(seen.n_tables, 3);
}

static void it_may_be_in_use(void **state)
{
	struct place *place = *state;
	sqlite3 *db = own(
	    place, "PRAGMA journal_mode=WAL;" TASKS "BEGIN IMMEDIATE; DELETE FROM task;");
	struct foreign_seen seen;
	struct err err;

	assert_int_equal(read_it(place, &seen, &err), ERR_OK);
	assert_int_equal(seen.n_rows, 3);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(read_it(place, &seen, &err), ERR_OK);
	assert_int_equal(seen.n_rows, 0);
	assert_int_equal(seen.n_read, 1);
	sqlite3_close(db);
}

static void it_may_be_locked(void **state)
{
	struct place *place = *state;
	sqlite3 *db = own(place, TASKS "BEGIN EXCLUSIVE;");
	struct foreign_seen seen;
	struct err err;

	assert_int_equal(read_it(place, &seen, &err), ERR_LOCKED);
	assert_non_null(strstr(err.msg, "is in use: its program has had it locked"));
	sqlite3_close(db);
}

static void a_cut_one_tells_what_it_has(void **state)
{
	struct place *place = *state;
	struct foreign_seen seen;
	struct err err;

	sqlite3_close(own(place,
	    TASKS "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
		  "i < 2000) INSERT INTO task SELECT 'f' || i, 7, 0, 'some text', '', '' "
		  "FROM n;"));
	assert_int_equal(truncate(place->path, 2 * 4096 + 100), 0);
	assert_int_equal(read_it(place, &seen, &err), ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "is damaged, or cut"));
	assert_int_equal(truncate(place->path, 40), 0);
	assert_int_not_equal(read_it(place, &seen, &err), ERR_OK);
}

static void it_ends_when_it_shall(void **state)
{
	struct place *place = *state;
	struct foreign_seen seen;
	struct err err;

	sqlite3_close(own(place,
	    TASKS "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
		  "i < 50000) INSERT INTO task SELECT '', 7, 0, '', '', '' FROM n;"));
	place->gives_up = true;
	assert_int_equal(read_it(place, &seen, &err), ERR_CANCELLED);
}

static void it_stays_as_it_is(void **state)
{
	struct place *place = *state;
	struct foreign_seen seen;
	struct err err;

	sqlite3_close(own(place, TASKS));
	assert_int_equal(access(place->path, W_OK), 0);
	assert_int_equal(chmod(place->path, 0400), 0);
	assert_int_equal(read_it(place, &seen, &err), ERR_OK);
	assert_int_equal(seen.n_rows, 3);
}

static void what_begins_as_one(void **state)
{
	(void)state;
	assert_true(foreign_is_database("SQLite format 3\0x", 17));
	assert_false(foreign_is_database("SQLite format 3", 15));
	assert_false(foreign_is_database("SQLite format 4\0x", 17));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_objects),
		TEST(what_json_has_no_word_for_is_left_out),
		TEST(a_column_of_ids_needs_no_name),
		TEST(it_may_be_in_use),
		TEST(it_may_be_locked),
		TEST(a_cut_one_tells_what_it_has),
		TEST(it_ends_when_it_shall),
		TEST(it_stays_as_it_is),
		cmocka_unit_test(what_begins_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
