/*
 * test_ledger_promises.c - what the bytes of a file are held against: size and md5, of
 * the answer that gave their link, and of no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "ledger_fixture.h"

#define MD5 "0123456789abcdef0123456789abcdef"

/* A poll shows the one file of "t", with these promises and, maybe, a link. */
static void poll_shows(struct fixture *f, int64_t size, const char *md5, bool has_link)
{
	_cleanup_(task_freep) struct task *task = look("t", TASK_SUCCEEDED);
	struct asset *asset = show(task, "uri");

	asset->size_bytes = size;
	asset->md5 = md5;
	asset->url = has_link ? asset->url : NULL;
	observe(f, task);
}

static void expect(struct fixture *f, int64_t size, const char *md5)
{
	_cleanup_(task_freep) struct task *task = find(f, "t");

	assert_non_null(task);
	assert_int_equal(task->n_assets, 1);
	assert_int_equal(task->assets[0].size_bytes, size);
	if (md5)
		assert_string_equal(task->assets[0].md5, md5);
	else
		assert_null(task->assets[0].md5);
}

static void a_link_brings_its_own(void **state)
{
	struct fixture *f = *state;

	adopt(f, "t");
	poll_shows(f, 45183, MD5, true);
	expect(f, 45183, MD5);
	poll_shows(f, -1, NULL, true);
	expect(f, -1, NULL);
	poll_shows(f, 31025, NULL, true);
	expect(f, 31025, NULL);
}

static void without_a_link_they_stay(void **state)
{
	struct fixture *f = *state;

	adopt(f, "t");
	poll_shows(f, 45183, MD5, true);
	poll_shows(f, -1, NULL, false);
	expect(f, 45183, MD5);
}

/* Given up because of a promise that was wrong; another answer makes none. */
static void what_is_lost_gets_new_ones(void **state)
{
	struct fixture *f = *state;

	adopt(f, "t");
	poll_shows(f, 45183, MD5, true);
	ok(ledger_asset_lost(f->ledger, ME, "t", 0, "45183 were promised", &f->err));
	poll_shows(f, -1, NULL, true);
	expect(f, -1, NULL);
}

static void of_what_is_here_they_stay(void **state)
{
	struct fixture *f = *state;

	adopt(f, "t");
	poll_shows(f, 123, MD5, true);
	store(f, "t", 0, "uri", "/tmp/t_0.png");
	poll_shows(f, -1, NULL, true);
	expect(f, 123, MD5);
	poll_shows(f, 7, NULL, true);
	expect(f, 123, MD5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
		TEST(a_link_brings_its_own),
		TEST(without_a_link_they_stay),
		TEST(what_is_lost_gets_new_ones),
		TEST(of_what_is_here_they_stay),
	};

	return cmocka_run_group_tests_name("ledger_promises", tests, NULL, NULL);
}
