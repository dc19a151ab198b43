/*
 * test_ledger_places.c - where files were once put: told as a fact, and read out of the
 * events that older ledgers have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/rules/words.h"
#include "ledger_fixture.h"

/* --- the words ---------------------------------------------------------------------- */

/* What is written is read again, whatever the path looks like. */
static void what_is_written_is_read_again(void **state)
{
	static const char *const paths[] = { "/a", "/a b: c", "/7 fetched: /x",
		"/\xff\xfe", "s3://bucket/key", "/一只猫.webp" };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct buf text = buf_make(WORDS_TEXT_MAX);
		const char *path = NULL;
		int index = -1;

		words_asset(&text, (int)i * 100, "fetched", paths[i]);
		assert_true(words_place("asset", text.data, &index, &path));
		assert_int_equal(index, (int)i * 100);
		assert_string_equal(path, paths[i]);
		buf_release(&text);
	}
}

static void a_path_that_was_cut_is_none(void **state)
{
	char *path = calloc(1, WORDS_DETAIL_MAX + 2);
	const char *found = NULL;
	int index = -1;

	(void)state;
	assert_non_null(path);
	for (size_t len = WORDS_DETAIL_MAX - 1; len <= WORDS_DETAIL_MAX + 1; len++) {
		struct buf text = buf_make(WORDS_TEXT_MAX);

		memset(path, 'x', len);
		*path = '/';
		words_asset(&text, 3, "fetched", path);
		assert_int_equal(words_place("asset", text.data, &index, &found),
		    len < WORDS_DETAIL_MAX);
		buf_release(&text);
	}
	free(path);
}

static void other_events_are_no_places(void **state)
{
	static const struct {
		const char *what, *text;
	} rows[] = { { "asset", "0 stored" }, { "asset", "0 wanted, was: stored" },
		{ "asset", "0 fetched" }, { "asset", "0 fetched: " }, { "asset", "" },
		{ "asset", "fetched: /x" }, { "asset", "-1 fetched: /x" },
		{ "asset", " 1 fetched: /x" }, { "asset", "99999999999 fetched: /x" },
		{ "asset", "99999999999999999999999 fetched: /x" },
		{ "asset", "0 lost: 1 fetched: /x" }, { "note", "0 fetched: /x" },
		{ "state", "queued, was submitting" } };
	const char *path = NULL;
	int index = -1;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_false(words_place(rows[i].what, rows[i].text, &index, &path));
	assert_int_equal(index, -1);
	assert_null(path);
}

/* --- in a ledger -------------------------------------------------------------------- */

struct told {
	char text[200];
	size_t stop_at, n;
};

static bool tell(void *payload, const struct ledger_place *place)
{
	struct told *told = payload;
	const size_t len = strlen(told->text);

	(void)snprintf(told->text + len, sizeof(told->text) - len, "%d=%s ", place->index,
	    place->path);
	assert_true(place->at_unix_ms > 0);
	return ++told->n != told->stop_at;
}

static void places_are_told_in_their_order(void **state)
{
	struct fixture *f = *state;
	struct task *seen = look("t", TASK_SUCCEEDED);
	struct told all = { 0 }, first = { .stop_at = 1 }, none = { 0 };

	(void)show(seen, "u0");
	(void)show(seen, "u1");
	observe(f, seen);
	task_free(seen);
	store(f, "t", 0, "u0", "/a");
	store(f, "t", 1, "u1", "/b");
	ok(ledger_asset_wanted(f->ledger, ME, "t", 0, &f->err));
	store(f, "t", 0, "u0", "/c: d");
	ok(ledger_places(f->ledger, ME, "t", tell, &all, &f->err));
	assert_string_equal(all.text, "0=/a 1=/b 0=/c: d ");
	ok(ledger_places(f->ledger, ME, "t", tell, &first, &f->err));
	assert_string_equal(first.text, "0=/a ");
	ok(ledger_places(f->ledger, ME, "nobody", tell, &none, &f->err));
	assert_int_equal(none.n, 0);
}

/* As dreamq has written it since its first ledger. */
static void older_ledgers_tell_them_too(void **state)
{
	struct fixture *f = *state;
	struct told told = { 0 };

	adopt(f, "t");
	poke(f->path,
	    "INSERT INTO events (task, seq, at_unix_ms, what, text) SELECT id, 7, 5, "
	    "'asset', '2 fetched: /old/place.webp' FROM tasks");
	ok(ledger_places(f->ledger, ME, "t", tell, &told, &f->err));
	assert_string_equal(told.text, "2=/old/place.webp ");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_path_that_was_cut_is_none),
		cmocka_unit_test(other_events_are_no_places),
		T(places_are_told_in_their_order),
		T(older_ledgers_tell_them_too),
	};

	return cmocka_run_group_tests_name("ledger_places", tests, NULL, NULL);
}
