/*
 * test_ledger_accounts.c - what those who follow a whole account ask: has anything
 * changed, what is open, is there a pause.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/lease.h"
#include "ledger_fixture.h"

/* --- has anything changed? ---------------------------------------------------------- */

static void changes_of_others_are_noticed(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	const char *id = "t";
	struct task *task;

	assert_true(ledger_has_changed(f->ledger));
	assert_false(ledger_has_changed(f->ledger));
	/* Our own are no news, theirs are, once. */
	adopt(f, "mine");
	assert_false(ledger_has_changed(f->ledger));
	ok(ledger_adopt(other, ME, &id, 1, NOW, &f->err));
	assert_true(ledger_has_changed(f->ledger));
	assert_false(ledger_has_changed(f->ledger));
	/* Also when we have read, and written, in between. */
	ok(ledger_forget(other, ME, "t", &f->err));
	task = find(f, "mine");
	task_free(task);
	adopt(f, "mine-too");
	assert_true(ledger_has_changed(f->ledger));
	/* Nothing written is nothing changed. */
	ok(ledger_adopt(other, ME, &id, 1, NOW, &f->err));
	(void)ledger_has_changed(f->ledger);
	ok(ledger_adopt(other, ME, &id, 1, NOW, &f->err));
	assert_false(ledger_has_changed(f->ledger));
	ledger_close(other);
}

/* --- what is open ------------------------------------------------------------------- */

struct listed {
	struct fixture *f;
	char text[400];
	size_t n, stop_after;
};

static bool list_one(void *payload, const struct open_task *task)
{
	struct listed *listed = payload;
	struct fixture *f = listed->f;
	const size_t len = strlen(listed->text);

	if (len < sizeof(listed->text) / 2)
		(void)snprintf(listed->text + len, sizeof(listed->text) - len,
		    "%s:%s%s%s ", task->submit_id, task_state_name(task->state),
		    task->is_waiting ? ",waits" : "", task->has_owner ? ",owned" : "");
	/* The ledger may be used meanwhile. */
	if (f)
		ok(ledger_forget(f->ledger, ME, task->submit_id, &f->err));
	return ++listed->n != listed->stop_after;
}

static void expect_open(struct fixture *f, const char *account, const char *text)
{
	struct listed listed = { .n = 0 };

	ok(ledger_open_tasks(f->ledger, account, list_one, &listed, &f->err));
	assert_string_equal(listed.text, text);
}

static void open_tasks_are_listed(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	const struct intent waits = intent_of("waits"), sent = intent_of("sent");
	struct lease lease = { .id = "adopted" };
	struct task *seen;
	const char *id = "theirs";

	expect_open(f, ME, "");
	adopt(f, "adopted");
	ok(wait_one(f->ledger, &waits, &f->err));
	ok(send_one(f->ledger, &sent, &f->err));
	ok(ledger_adopt(f->ledger, "other", &id, 1, NOW, &f->err));
	ok(ledger_lease(other, ME, &lease, 1, NOW, &f->err));
	expect_open(
	    f, ME, "adopted:unknown,owned waits:submitting,waits sent:submitting ");
	expect_open(f, "other", "theirs:unknown ");
	expect_open(f, "nobody", "");
	ledger_close(other);
	expect_open(f, ME, "adopted:unknown waits:submitting,waits sent:submitting ");
	/* Ended: gone; succeeded with a file to fetch: not. */
	ok(answer(f->ledger, "sent", TASK_FAILED, NULL, NULL, &f->err));
	seen = look("adopted", TASK_SUCCEEDED);
	(void)show(seen, "u");
	observe(f, seen);
	task_free(seen);
	expect_open(f, ME, "adopted:succeeded waits:submitting,waits ");
	store(f, "adopted", 0, "u", "/x");
	expect_open(f, ME, "waits:submitting,waits ");
}

static void a_long_list_comes_in_pages(void **state)
{
	struct fixture *f = *state;
	enum { MANY = 1203 };
	static char names[MANY][16];
	static const char *ids[MANY];
	struct listed listed = { .stop_after = 700 };

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "t-%d", i);
		ids[i] = names[i];
	}
	ok(ledger_adopt(f->ledger, ME, ids, MANY, NOW, &f->err));
	ok(ledger_open_tasks(f->ledger, ME, list_one, &listed, &f->err));
	assert_int_equal(listed.n, 700);
	listed = (struct listed){ .f = f };
	ok(ledger_open_tasks(f->ledger, ME, list_one, &listed, &f->err));
	assert_int_equal(listed.n, MANY);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 0);
}

/* --- pauses ------------------------------------------------------------------------- */

static void pause_account(
    struct fixture *f, enum err_kind kind, int64_t until_unix_ms, const char *text)
{
	struct account_pause pause = { .kind = kind, .until_unix_ms = until_unix_ms };

	(void)snprintf(pause.text, sizeof(pause.text), "%s", text);
	ok(ledger_pause(f->ledger, ME, &pause, &f->err));
}

static void expect_pause(
    struct fixture *f, int64_t now, enum err_kind kind, const char *text)
{
	struct account_pause pause;

	memset(&pause, 'x', sizeof(pause));
	ok(ledger_pause_of(f->ledger, ME, now, &pause, &f->err));
	assert_int_equal(pause.kind, kind);
	assert_string_equal(pause.text, text);
	assert_int_equal(pause.until_unix_ms == 0, kind == ERR_OK);
}

static void a_later_end_wins(void **state)
{
	struct fixture *f = *state;
	struct ledger *other;

	expect_pause(f, NOW, ERR_OK, "");
	pause_account(f, ERR_OK, 0, "");
	assert_int_equal(peek(f, "SELECT count(*) FROM accounts"), 0);
	pause_account(f, ERR_BUSY, NOW + 100, "slow down");
	expect_pause(f, NOW + 99, ERR_BUSY, "slow down");
	expect_pause(f, NOW + 100, ERR_OK, "");
	pause_account(f, ERR_ACCOUNT, NOW + 50, "shorter");
	expect_pause(f, NOW, ERR_BUSY, "slow down");
	pause_account(f, ERR_ACCOUNT, NOW + 500, "captcha");
	expect_pause(f, NOW + 200, ERR_ACCOUNT, "captcha");
	/* All processes know, and it belongs to its account. */
	other = f->ledger;
	f->ledger = open_ledger(f->path);
	expect_pause(f, NOW, ERR_ACCOUNT, "captcha");
	pause_account(f, ERR_OK, 0, "");
	ledger_close(f->ledger);
	f->ledger = other;
	expect_pause(f, NOW, ERR_OK, "");
	/* After the end, an earlier one than that before is a pause again. */
	pause_account(f, ERR_AUTH, NOW + 1, "log in");
	expect_pause(f, NOW, ERR_AUTH, "log in");
}

static void a_known_pause_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);

	pause_account(f, ERR_BUSY, NOW + 100, "slow down");
	(void)ledger_has_changed(other);
	pause_account(f, ERR_BUSY, NOW + 100, "slow down");
	assert_false(ledger_has_changed(other));
	pause_account(f, ERR_OK, 0, "");
	assert_true(ledger_has_changed(other));
	pause_account(f, ERR_OK, 0, "");
	assert_false(ledger_has_changed(other));
	ledger_close(other);
}

static void a_pause_keeps_no_secret(void **state)
{
	struct fixture *f = *state;
	struct account_pause pause;
	char longest[256];

	pause_account(f, ERR_ACCOUNT, NOW + 1,
	    "see https://x.invalid/a?x-signature=SECRETSECRET for more");
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	assert_null(strstr(pause.text, "SECRET"));
	assert_non_null(strstr(pause.text, "see "));
	assert_int_equal(peek(f, "SELECT instr(pause_text, 'SECRET') FROM accounts"), 0);
	/* Cut between characters. */
	for (size_t i = 0; i + 3 < sizeof(longest); i += 3)
		memcpy(longest + i, "猫", sizeof("猫"));
	pause_account(f, ERR_ACCOUNT, NOW + 2, longest);
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	assert_string_equal(pause.text, longest);
	poke(f->path,
	    "UPDATE accounts SET pause_text = 'x' || pause_text, pause_kind = 'LATER'");
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	assert_int_equal(pause.kind, ERR_ACCOUNT);
	assert_int_equal(strlen(pause.text) % 3, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(changes_of_others_are_noticed),
		T(open_tasks_are_listed),
		T(a_long_list_comes_in_pages),
		T(a_later_end_wins),
		T(a_known_pause_is_not_written),
		T(a_pause_keeps_no_secret),
	};

	return cmocka_run_group_tests_name("ledger_accounts", tests, NULL, NULL);
}
