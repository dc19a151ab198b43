/* Tables of failures, and what is done after each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy/retry.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void each_kind_has_its_move(void **state)
{
	static const struct {
		enum err_kind kind;
		enum retry_move first, last;
		unsigned allowed; /* how often `first` comes */
	} row[] = {
		{ ERR_NET, RETRY_LATER, RETRY_GIVE_UP, RETRY_TRIES_MAX - 1 },
		{ ERR_TRUST, RETRY_LATER, RETRY_GIVE_UP, RETRY_TRUST_MAX },
		{ ERR_BUSY, RETRY_LATER, RETRY_GIVE_UP, RETRY_BUSY_MAX },
		{ ERR_GONE, RETRY_RENEW, RETRY_GIVE_UP, RETRY_RENEW_MAX },
		{ ERR_CONTRACT, RETRY_RESTART, RETRY_GIVE_UP, RETRY_RESTART_MAX },
		{ ERR_NOSPACE, RETRY_ROOM, RETRY_ROOM, 0 },
		{ ERR_IO, RETRY_STOP_ALL, RETRY_STOP_ALL, 0 },
		{ ERR_LEDGER, RETRY_STOP_ALL, RETRY_STOP_ALL, 0 },
		{ ERR_NOMEM, RETRY_STOP_ALL, RETRY_STOP_ALL, 0 },
		{ ERR_USAGE, RETRY_GIVE_UP, RETRY_GIVE_UP, 0 },
		{ ERR_AUTH, RETRY_GIVE_UP, RETRY_GIVE_UP, 0 },
		{ ERR_ACCOUNT, RETRY_GIVE_UP, RETRY_GIVE_UP, 0 },
		{ ERR_FAILED, RETRY_GIVE_UP, RETRY_GIVE_UP, 0 },
		{ ERR_NOT_FOUND, RETRY_GIVE_UP, RETRY_GIVE_UP, 0 },
		{ ERR_RUNNING, RETRY_GIVE_UP, RETRY_GIVE_UP, 0 },
		{ ERR_CANCELLED, RETRY_GIVE_UP, RETRY_GIVE_UP, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct err why = { .kind = row[i].kind };
		struct retry_counts counts = { 0 };
		int64_t delay_ms = -1;

		for (unsigned n = 0; n < row[i].allowed; n++)
			assert_int_equal(
			    retry_download(&counts, &why, n * 7919, &delay_ms),
			    row[i].first);
		assert_int_equal(
		    retry_download(&counts, &why, 1, &delay_ms), row[i].last);
	}
}

/* Eight tries that brought nothing new end a file, whatever each met. */
static void tries_of_all_kinds_are_counted_together(void **state)
{
	const struct err net = { .kind = ERR_NET }, gone = { .kind = ERR_GONE };
	const struct err busy = { .kind = ERR_BUSY };
	struct retry_counts counts = { 0 };
	int64_t delay_ms;

	(void)state;
	for (unsigned n = 0; n < RETRY_TRIES_MAX / 2 - 1; n++) {
		assert_int_equal(
		    retry_download(&counts, &net, n, &delay_ms), RETRY_LATER);
		assert_int_equal(
		    retry_download(&counts, &gone, n, &delay_ms), RETRY_RENEW);
		assert_int_equal(
		    retry_download(&counts, &busy, n, &delay_ms), RETRY_LATER);
	}
	assert_int_equal(retry_download(&counts, &net, 0, &delay_ms), RETRY_LATER);
	assert_int_equal(retry_download(&counts, &gone, 0, &delay_ms), RETRY_GIVE_UP);
	assert_int_equal(counts.renewals, RETRY_TRIES_MAX / 2 - 1);
	assert_int_equal(retry_download(&counts, &net, 0, &delay_ms), RETRY_GIVE_UP);
}

/* A link dies, and the next is asked for at once; when that is dead, too, later. */
static void renewals_back_off(void **state)
{
	static const int64_t most_ms[] = { 0, 4000, 8000, 16000, 30000, 30000 };
	const struct err why = { .kind = ERR_GONE };
	struct retry_counts counts = { 0 };
	int64_t delay_ms = -1;

	(void)state;
	for (size_t i = 0; i < COUNT(most_ms); i++) {
		assert_int_equal(retry_download(&counts, &why, UINT64_MAX / 3, &delay_ms),
		    RETRY_RENEW);
		assert_in_range(delay_ms, most_ms[i] / 2, most_ms[i]);
	}
	assert_int_equal(retry_download(&counts, &why, 0, &delay_ms), RETRY_GIVE_UP);
}

/* Full jitter: between nothing and a ceiling that doubles, and never above the cap. */
static void delays_jitter_below_a_doubling_ceiling(void **state)
{
	static const int64_t ceilings[] = { 500, 1000, 2000, 4000, 8000, 16000, 30000 };
	static const uint64_t words[] = { 0, 1, 499, 12345, UINT64_MAX / 3, UINT64_MAX };
	const struct err why = { .kind = ERR_NET };

	(void)state;
	for (size_t w = 0; w < COUNT(words); w++) {
		struct retry_counts counts = { 0 };

		for (size_t i = 0; i < COUNT(ceilings); i++) {
			int64_t delay_ms = -1;

			assert_int_equal(
			    retry_download(&counts, &why, words[w], &delay_ms),
			    RETRY_LATER);
			assert_in_range(delay_ms, 1, ceilings[i]);
		}
	}
}

static void the_peer_says_when(void **state)
{
	static const enum err_kind kinds[] = { ERR_NET, ERR_BUSY };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct err why = { .kind = kinds[i], .retry_after_ms = 7777 };
		struct retry_counts counts = { 0 };
		int64_t delay_ms = -1;

		assert_int_equal(
		    retry_download(&counts, &why, 3, &delay_ms), RETRY_LATER);
		assert_int_equal(delay_ms, 7777);
	}
}

static void giving_up_writes_no_delay(void **state)
{
	const struct err why = { .kind = ERR_AUTH };
	struct retry_counts counts = { 0 };
	int64_t delay_ms = -5;

	(void)state;
	assert_int_equal(retry_download(&counts, &why, 3, &delay_ms), RETRY_GIVE_UP);
	assert_int_equal(delay_ms, -5);
}

static void requests_to_the_api(void **state)
{
	static const struct {
		const char *label;
		struct retry_request tried;
		struct err why;
		bool expected;
	} row[] = {
		{ "login is never tried twice", { .failures = 1 }, { .kind = ERR_AUTH },
		    false },
		{ "nor an account that was stopped", { .failures = 1 },
		    { .kind = ERR_ACCOUNT }, false },
		{ "nor our own memory", { .failures = 1 }, { .kind = ERR_NOMEM }, false },
		{ "a first trouble", { .failures = 1, .is_single_poll = true },
		    { .kind = ERR_NET }, true },
		{ "a look's last but one",
		    { .failures = RETRY_POLL_MAX - 1, .is_single_poll = true },
		    { .kind = ERR_NET }, true },
		{ "a look's last", { .failures = RETRY_POLL_MAX, .is_single_poll = true },
		    { .kind = ERR_NET }, false },
		{ "nobody has ever answered", { .failures = RETRY_FIRST_CONTACT_MAX },
		    { .kind = ERR_NET }, false },
		{ "somebody has",
		    { .failures = 1000,
			.ever_went_well = true,
			.trouble_ms = RETRY_OUTAGE_MAX_MS - 1 },
		    { .kind = ERR_NET }, true },
		{ "but too long ago",
		    { .failures = 2,
			.ever_went_well = true,
			.trouble_ms = RETRY_OUTAGE_MAX_MS },
		    { .kind = ERR_NET }, false },
		{ "unreadable answers", { .failures = RETRY_CONTRACT_MAX - 1 },
		    { .kind = ERR_CONTRACT }, true },
		{ "too many of them", { .failures = RETRY_CONTRACT_MAX },
		    { .kind = ERR_CONTRACT }, false },
		{ "unless a smaller one may do",
		    { .failures = RETRY_CONTRACT_MAX, .gets_smaller = true },
		    { .kind = ERR_CONTRACT }, true },
		{ "slow down", { .failures = RETRY_SLOW_DOWN_MAX - 1 },
		    { .kind = ERR_BUSY, .retry_after_ms = 3600000 }, true },
		{ "slower", { .failures = RETRY_SLOW_DOWN_MAX }, { .kind = ERR_BUSY },
		    false },
		{ "slower, but known to pass", { .failures = 1000, .is_lag = true },
		    { .kind = ERR_BUSY }, true },
		{ "which a single look does not wait for",
		    { .failures = RETRY_POLL_MAX,
			.is_lag = true,
			.is_single_poll = true },
		    { .kind = ERR_BUSY }, false },
		{ "an outage till next month", { .failures = 1, .ever_went_well = true },
		    { .kind = ERR_NET, .retry_after_ms = UINT32_MAX }, false },
		{ "a look at an outage", { .failures = 1, .is_single_poll = true },
		    { .kind = ERR_NET, .retry_after_ms = RETRY_PATIENCE_MS + 1 }, false },
		{ "a look has patience", { .failures = 1, .is_single_poll = true },
		    { .kind = ERR_BUSY, .retry_after_ms = RETRY_PATIENCE_MS }, true },
		{ "not so much", { .failures = 1, .is_single_poll = true },
		    { .kind = ERR_BUSY, .retry_after_ms = RETRY_PATIENCE_MS + 1 },
		    false },
		{ "interrupted", { .failures = 1 }, { .kind = ERR_CANCELLED }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("# %s\n", row[i].label);
		assert_int_equal(retry_api(&row[i].tried, &row[i].why), row[i].expected);
	}
}

static void a_login_is_dead_when_two_say_so_or_time_does(void **state)
{
	struct retry_login login = { 0 };

	(void)state;
	assert_true(retry_login_is_dead(&login, true, 5000));
	login = (struct retry_login){ 0 };
	assert_false(retry_login_is_dead(&login, false, 5000));
	assert_false(retry_login_is_dead(&login, false, 5000 + RETRY_LOGIN_MS));
	assert_true(retry_login_is_dead(&login, false, 5000 + RETRY_LOGIN_MS));
	login = (struct retry_login){ 0 };
	for (int i = 0; i < 100; i++)
		assert_false(retry_login_is_dead(&login, false, RETRY_LOGIN_MS - 1));
	assert_true(retry_login_is_dead(&login, true, RETRY_LOGIN_MS - 1));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_move),
		cmocka_unit_test(tries_of_all_kinds_are_counted_together),
		cmocka_unit_test(renewals_back_off),
		cmocka_unit_test(delays_jitter_below_a_doubling_ceiling),
		cmocka_unit_test(the_peer_says_when),
		cmocka_unit_test(giving_up_writes_no_delay),
		cmocka_unit_test(requests_to_the_api),
		cmocka_unit_test(a_login_is_dead_when_two_say_so_or_time_does),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
