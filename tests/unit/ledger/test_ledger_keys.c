/*
 * test_ledger_keys.c - idempotency keys: one key, one task, whatever is tried.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_processes.h"

#define WISH_A "aa"
#define WISH_B "bb"
#define DIGEST_A "00aa11bb22cc33dd"
#define DIGEST_B "fedcba9876543210"

static struct intent keyed(const char *id, const char *key, const char *wish)
{
	struct intent intent = intent_of(id);

	intent.idempotency_key = key;
	intent.content_hash = wish;
	return intent;
}

static struct intended intend(struct fixture *f, const struct intent *intent)
{
	struct intended intended = { .is_known = false };

	ok(ledger_intend(f->ledger, intent, 1, &intended, NULL, &f->err));
	return intended;
}

static void expect_known(struct fixture *f, const struct intent *intent, const char *id)
{
	const struct intended intended = intend(f, intent);

	assert_true(intended.is_known);
	assert_string_equal(intended.submit_id, id);
	if (strcmp(id, intent->submit_id) != 0)
		assert_null(find(f, intent->submit_id));
}

static void the_same_wish_is_the_same_task(void **state)
{
	struct fixture *f = *state;
	const struct intent first = keyed("t1", "K", WISH_A);
	const struct intent second = keyed("t2", "K", WISH_A);
	struct intent other = keyed("t3", "K", WISH_B);

	assert_false(intend(f, &first).is_known);
	expect_known(f, &second, "t1");
	expect_known(f, &first, "t1");
	reopen(f);
	/* However the first one went on. */
	ok(begin(f->ledger, ME, "t1", &f->err));
	expect_known(f, &second, "t1");
	ok(answer(f->ledger, "t1", TASK_FAILED, NULL, NULL, &f->err));
	expect_known(f, &second, "t1");
	/* Keys belong to their account. */
	other.account = "other";
	assert_false(intend(f, &other).is_known);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 2);
}

static void another_wish_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct intent first = keyed("t1", "K", WISH_A);
	const struct intent other = keyed("t2", "K", WISH_B);
	struct intended intended;

	(void)intend(f, &first);
	assert_int_equal(
	    ledger_intend(f->ledger, &other, 1, &intended, NULL, &f->err), ERR_USAGE);
	assert_non_null(strstr(f->err.msg, "'K'"));
	assert_non_null(strstr(f->err.msg, "'t1'"));
	assert_null(find(f, "t2"));
	/* Forgotten with its task. */
	ok(ledger_forget(f->ledger, ME, "t1", &f->err));
	assert_false(intend(f, &other).is_known);
}

static void keys_hold_within_one_call(void **state)
{
	struct fixture *f = *state;
	struct intent intents[] = { keyed("a", "K", WISH_A), keyed("b", "L", WISH_A),
		keyed("c", "K", WISH_A), keyed("d", NULL, WISH_A) };
	struct intended intended[COUNT(intents)];
	size_t refused = 9;

	ok(ledger_intend(f->ledger, intents, COUNT(intents), intended, NULL, &f->err));
	assert_string_equal(intended[2].submit_id, "a");
	assert_true(intended[2].is_known);
	for (size_t i = 0; i < COUNT(intents); i++)
		if (i != 2)
			assert_string_equal(intended[i].submit_id, intents[i].submit_id);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 3);
	/* One that contradicts takes the others with it. */
	intents[0] = keyed("e", "M", WISH_A);
	intents[1] = keyed("f", "N", WISH_A);
	intents[2] = keyed("g", "M", WISH_B);
	assert_int_equal(
	    ledger_intend(f->ledger, intents, 3, intended, &refused, &f->err), ERR_USAGE);
	assert_int_equal(refused, 2);
	assert_non_null(strstr(f->err.msg, "'M'"));
	assert_non_null(strstr(f->err.msg, "'e'"));
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 3);
}

static struct intent in_scope(
    const char *id, const char *key, const char *line_key, const char *wish, size_t nth)
{
	struct intent intent = keyed(id, key, wish);

	intent.key_scope = "K/";
	intent.line_key = line_key;
	intent.nth = nth;
	return intent;
}

/* However its tasks are keyed, a scope has one for each line of a wish. */
static void a_scope_knows_the_nth_of_a_wish(void **state)
{
	struct fixture *f = *state;
	const struct intent by_line = in_scope("t1", "K/1", "K/1", WISH_A, 1);
	const struct intent moved = in_scope("t2", "K/" DIGEST_A, "K/2", WISH_A, 1);
	const struct intent second = in_scope("t3", "K/" DIGEST_A ".2", "K/3", WISH_A, 2);
	const struct intent third = in_scope("t4", "K/4", "K/4", WISH_A, 3);
	struct intent elsewhere = in_scope("t5", "L/" DIGEST_A, "L/1", WISH_A, 1);

	assert_false(intend(f, &by_line).is_known);
	expect_known(f, &moved, "t1");
	assert_false(intend(f, &second).is_known);
	expect_known(f, &second, "t3");
	assert_false(intend(f, &third).is_known);
	elsewhere.key_scope = "L/";
	assert_false(intend(f, &elsewhere).is_known);
}

/* What only begins like the scope is a key of somebody else's. */
static void a_scope_is_no_prefix(void **state)
{
	static const char *const others[] = { "K/b/" DIGEST_A, "K/b/1", "K/x", "K/",
		"K/" DIGEST_A "0", "K/" DIGEST_A ".", "K/" DIGEST_A ".x", "K/1.2",
		"K/00AA11BB22CC33DD", "KK/1", "k/1", "K/-1", "K/1 ",
		"K/00aa11bb22cc33d" };
	struct fixture *f = *state;
	struct intent line = in_scope("line", "K/2", "K/2", WISH_A, 1);
	struct intent repeat = in_scope("again", "K/" DIGEST_B, "K/3", WISH_B, 1);
	bool is_known;

	for (size_t i = 0; i < COUNT(others); i++) {
		char id[16];
		struct intent other;

		(void)snprintf(id, sizeof(id), "other-%zu", i);
		other = keyed(id, others[i], WISH_A);
		assert_false(intend(f, &other).is_known);
		ok(ledger_intended_before(f->ledger, &line, 1, &is_known, &f->err));
		if (is_known)
			fail_msg("'%s' is of no batch 'K'", others[i]);
	}
	/* Nor is its key taken over by a repeat of it under a key of the scope. */
	repeat.rerolls = "other-0";
	assert_false(intend(f, &repeat).is_known);
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM tasks WHERE idempotency_key LIKE 'K/b/%'"), 2);
	assert_false(intend(f, &line).is_known);
	line.submit_id = "line-again";
	expect_known(f, &line, "line");
}

/* A line that wished the same prompt otherwise is not paid again; another one is new. */
static void a_line_with_other_options_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct intent before = in_scope("t1", "K/1", "K/1", WISH_A, 1);
	struct intent now = in_scope("t2", "K/" DIGEST_B, "K/1", WISH_B, 1);
	bool is_known[2];
	const struct intent both[] = { before, now };
	struct intended intended;

	(void)intend(f, &before);
	assert_int_equal(
	    ledger_intend(f->ledger, &now, 1, &intended, NULL, &f->err), ERR_USAGE);
	assert_non_null(strstr(f->err.msg, "'K/1'"));
	ok(ledger_intended_before(f->ledger, both, 2, is_known, &f->err));
	assert_true(is_known[0] && is_known[1]);
	now.prompt = "another prompt";
	ok(ledger_intended_before(f->ledger, &now, 1, is_known, &f->err));
	assert_false(is_known[0]);
	assert_false(intend(f, &now).is_known);
}

static void a_repeat_takes_the_key_over(void **state)
{
	struct fixture *f = *state;
	const struct intent first = keyed("t1", "K", WISH_A);
	struct intent repeat = keyed("t2", "K", WISH_A);
	struct intent stranger = keyed("t4", "K", WISH_B);
	const struct intent same = keyed("t5", "K", WISH_A);
	struct intended intended;

	(void)intend(f, &first);
	repeat.rerolls = "t1";
	assert_false(intend(f, &repeat).is_known);
	assert_int_equal(state_of(f, "t1"), TASK_SUBMITTING);
	expect_known(f, &same, "t2");
	/* Once more, of the first: the wish is the same, so the key moves on. */
	repeat.submit_id = "t3";
	assert_false(intend(f, &repeat).is_known);
	expect_known(f, &same, "t3");
	/* A repeat of something else is no way around the key. */
	stranger.rerolls = "t1";
	assert_int_equal(
	    ledger_intend(f->ledger, &stranger, 1, &intended, NULL, &f->err), ERR_USAGE);
	expect_known(f, &same, "t3");
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM tasks WHERE idempotency_key = 'K'"), 1);
	assert_int_equal(
	    peek(f, "SELECT rerolls = 't1' FROM tasks WHERE submit_id = 't3'"), 1);
}

static void odd_keys_are_refused(void **state)
{
	struct fixture *f = *state;
	char longest[LEDGER_KEY_MAX + 2] = { 0 };
	struct intent intent = keyed("t", longest, WISH_A);
	static const char *const odd[] = { "", "a\nb", "\x7f", "\x01" };
	struct intended intended;

	memset(longest, 'k', sizeof(longest));
	longest[LEDGER_KEY_MAX + 1] = '\0';
	assert_int_equal(
	    ledger_intend(f->ledger, &intent, 1, &intended, NULL, &f->err), ERR_USAGE);
	longest[LEDGER_KEY_MAX] = '\0';
	assert_false(intend(f, &intent).is_known);
	for (size_t i = 0; i < COUNT(odd); i++) {
		intent = keyed("u", odd[i], WISH_A);
		assert_int_equal(
		    ledger_intend(f->ledger, &intent, 1, &intended, NULL, &f->err),
		    ERR_USAGE);
	}
	intent = keyed("u", "no wish", NULL);
	assert_int_equal(
	    ledger_intend(f->ledger, &intent, 1, &intended, NULL, &f->err), ERR_USAGE);
	intent = keyed("u", "一只猫", WISH_A);
	assert_false(intend(f, &intent).is_known);
}

static int intend_the_same(const char *path, int me)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };

	must(ledger_open(path, &ledger, &err));
	for (int i = 0; i < 25; i++) {
		char id[24], key[16];
		struct intent intent;
		struct intended intended;

		(void)snprintf(id, sizeof(id), "p%d-%d", me, i);
		(void)snprintf(key, sizeof(key), "key-%d", i);
		intent = keyed(id, key, WISH_A);
		must(ledger_intend(ledger, &intent, 1, &intended, NULL, &err));
		if (intended.is_known == !strcmp(intended.submit_id, id))
			return 3;
	}
	ledger_close(ledger);
	return 0;
}

static void many_with_one_key_make_one_task(void **state)
{
	struct fixture *f = *state;

	run_processes(intend_the_same, f->path);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 25);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(the_same_wish_is_the_same_task),
		T(a_scope_knows_the_nth_of_a_wish),
		T(a_scope_is_no_prefix),
		T(a_line_with_other_options_is_refused),
		T(another_wish_is_refused),
		T(keys_hold_within_one_call),
		T(a_repeat_takes_the_key_over),
		T(odd_keys_are_refused),
		cmocka_unit_test_setup_teardown(
		    many_with_one_key_make_one_task, closed_make, fixture_free),
	};

	return cmocka_run_group_tests_name("ledger_keys", tests, NULL, NULL);
}
