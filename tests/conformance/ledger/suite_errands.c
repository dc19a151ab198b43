/*
 * suite_errands.c - what is asked for later: it is there before its name is told, ends
 * once, and goes when its time is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/errands.h"
#include "suite.h"

enum { HOUR_MS = 3600 * 1000 };

struct name {
	char id[LEDGER_ERRAND_ID_LEN + 1];
};

static struct name begin(struct suite *s, const char *arguments, int64_t now_unix_ms)
{
	const struct errand errand = { .account = ME,
		.what = "wait",
		.arguments = arguments,
		.made_unix_ms = now_unix_ms,
		.expires_unix_ms = now_unix_ms + HOUR_MS };
	struct name name;

	ok(ledger_errand_begin(s->a, &errand, name.id, &s->err));
	return name;
}

static void end(struct suite *s, const struct name *name, enum errand_state state,
    const char *outcome)
{
	const struct errand errand = { .id = name->id,
		.account = ME,
		.state = state,
		.outcome = outcome,
		.changed_unix_ms = NOW + 5 };

	ok(ledger_errand_end(s->b, &errand, &s->err));
}

/* "state|what|arguments|outcome|changed" as the other handle sees it; "-": none. */
static const char *look_at(struct suite *s, const struct name *name, int64_t now_unix_ms)
{
	struct arena arena = arena_make(4 << 20);
	struct errand is = { .account = ME, .id = name->id };
	const enum err_kind kind =
	    ledger_errand_find(s->b, now_unix_ms, &arena, &is, &s->err);

	if (kind == ERR_NOT_FOUND)
		(void)snprintf(s->events, sizeof(s->events), "-");
	else
		(void)snprintf(s->events, sizeof(s->events), "%s|%s|%s|%s|%d",
		    errand_state_name(is.state), is.what, is.arguments,
		    is.outcome ? is.outcome : "", (int)(is.changed_unix_ms - NOW));
	arena_release(&arena);
	return s->events;
}

static void it_is_there_and_ends_once(void **state)
{
	struct suite *s = *state;
	const struct name done = begin(s, "{\"a\":1}", NOW), other = begin(s, "{}", NOW),
			  stopped = begin(s, "{}", NOW);

	assert_int_equal(strlen(done.id), LEDGER_ERRAND_ID_LEN);
	assert_int_equal(strspn(done.id, "0123456789abcdef"), LEDGER_ERRAND_ID_LEN);
	assert_string_not_equal(done.id, other.id);
	assert_string_equal(look_at(s, &done, NOW), "working|wait|{\"a\":1}||0");
	end(s, &done, ERRAND_DONE, "[2]");
	assert_string_equal(look_at(s, &done, NOW), "done|wait|{\"a\":1}|[2]|5");
	end(s, &done, ERRAND_FAILED, "[3]");
	end(s, &done, ERRAND_CANCELLED, NULL);
	assert_string_equal(look_at(s, &done, NOW), "done|wait|{\"a\":1}|[2]|5");
	end(s, &stopped, ERRAND_CANCELLED, NULL);
	end(s, &stopped, ERRAND_DONE, "[4]");
	assert_string_equal(look_at(s, &stopped, NOW), "cancelled|wait|{}||5");
	assert_string_equal(look_at(s, &other, NOW), "working|wait|{}||0");
}

static void it_is_the_accounts_own(void **state)
{
	struct suite *s = *state;
	const struct name mine = begin(s, "{}", NOW);
	struct arena arena = arena_make(1 << 20);
	struct errand is = { .account = "other", .id = mine.id };

	assert_int_equal(
	    ledger_errand_find(s->b, NOW, &arena, &is, &s->err), ERR_NOT_FOUND);
	ok(ledger_errand_end(s->b,
	    &(struct errand){
		.id = mine.id, .account = "other", .state = ERRAND_CANCELLED },
	    &s->err));
	assert_string_equal(look_at(s, &mine, NOW), "working|wait|{}||0");
	arena_release(&arena);
}

static void it_goes_with_its_time(void **state)
{
	struct suite *s = *state;
	const struct name old = begin(s, "{}", NOW);
	struct name later;

	assert_string_equal(look_at(s, &old, NOW + HOUR_MS - 1), "working|wait|{}||0");
	assert_string_equal(look_at(s, &old, NOW + HOUR_MS), "-");
	later = begin(s, "{}", NOW + HOUR_MS);
	/* And not for the eye only. */
	assert_string_equal(look_at(s, &old, NOW), "-");
	assert_string_not_equal(look_at(s, &later, NOW + HOUR_MS), "-");
}

static void the_oldest_of_many_goes(void **state)
{
	struct suite *s = *state;
	const struct name first = begin(s, "{}", NOW), second = begin(s, "{}", NOW);

	for (int i = 2; i < LEDGER_ERRANDS_MAX; i++)
		(void)begin(s, "{}", NOW);
	assert_string_not_equal(look_at(s, &first, NOW), "-");
	(void)begin(s, "{}", NOW);
	assert_string_equal(look_at(s, &first, NOW), "-");
	assert_string_not_equal(look_at(s, &second, NOW), "-");
}

static void what_is_none_is_refused(void **state)
{
	struct suite *s = *state;
	const struct errand nothing = { .account = ME, .what = "wait" },
			    open = { .id = "x", .account = ME, .state = ERRAND_DONE };
	char id[LEDGER_ERRAND_ID_LEN + 1];

	assert_int_equal(ledger_errand_begin(s->a, &nothing, id, &s->err), ERR_USAGE);
	assert_int_equal(ledger_errand_end(s->a, &open, &s->err), ERR_USAGE);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	static const struct CMUnitTest tests[] = {
		T(it_is_there_and_ends_once),
		T(it_is_the_accounts_own),
		T(it_goes_with_its_time),
		T(the_oldest_of_many_goes),
		T(what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
