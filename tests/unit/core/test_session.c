/* What needs no service: options, paths, the books, the cookie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "dreamq/dreamq.h"
#include "dreamq/login.h"
#include "dreamq/names.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SESSION _cleanup_(dq_closep) struct dq *
#define SIXTEEN "0123456789abcdef"

static void dq_closep(struct dq **dq)
{
	dq_close(*dq);
}

/* A folder of its own for each test, which is HOME. */
static int set_up(void **state)
{
	char *folder = strdup("/tmp/session.XXXXXX");

	*state = folder;
	return !folder || !mkdtemp(folder) || setenv("HOME", folder, 1) ||
	    unsetenv("XDG_CONFIG_HOME") || unsetenv("XDG_STATE_HOME");
}

static int tear_down(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	free(*state);
	return system(command); /* NOLINT(cert-env33-c): a path of our own making */
}

static void bad_options(void **state)
{
	static const struct {
		const char *label;
		struct dq_options options;
		const char *const wire[3];
		const char *says;
	} row[] = {
		{ "empty profile", { .profile = "" }, { NULL }, "profile ''" },
		{ "profile with a path", { .profile = "../a" }, { NULL }, "'../a'" },
		{ "long profile", { .profile = SIXTEEN SIXTEEN SIXTEEN SIXTEEN "x" },
		    { NULL }, "1 to 64" },
		{ "plain http to a stranger", { .api_base = "http://example.com" },
		    { NULL }, "http" },
		{ "loopback in the name only",
		    { .api_base = "http://127.0.0.1.example.com" }, { NULL }, "http" },
		{ "for submits, too", { .submit_base = "http://10.0.0.1" }, { NULL },
		    "http" },
		{ "a password in the address", { .api_base = "https://a:b@example.com" },
		    { NULL }, "" },
		{ "another scheme", { .api_base = "ftp://127.0.0.1" }, { NULL }, "" },
		{ "no address", { .api_base = "" }, { NULL }, "" },
		{ "unknown row", { 0 }, { "appvrr=1", NULL }, "appvrr" },
		{ "no value", { 0 }, { "appvr", NULL }, "'appvr' is not name=value" },
		{ "empty name", { 0 }, { "=1", NULL }, "" },
		{ "no batch", { 0 }, { "batch_max=0", NULL }, "batch_max" },
		{ "mad batch", { 0 }, { "batch_max=99999999999", NULL }, "batch_max" },
		{ "a second header", { 0 }, { "appvr=1\r\nX: y", NULL }, "appvr" },
		{ "http by the back door", { 0 }, { "api_base=http://example.com", NULL },
		    "http" },
		{ "the second row", { 0 }, { "appvr=9", "nonsense=1", NULL },
		    "nonsense" },
		{ "more requests than can be counted",
		    { .requests_per_minute = BUDGET_PER_MINUTE_MAX + 1 }, { NULL },
		    "'1000001' requests a minute" },
		{ "far more", { .requests_per_minute = INT64_MAX }, { NULL },
		    "at most 1000000" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dq_options options = row[i].options;
		struct dq *dq = NULL;
		struct dq_error err = { .message = "" };

		print_message("# %s\n", row[i].label);
		options.size_bytes = sizeof(options);
		options.wire = row[i].wire;
		assert_int_equal(dq_open(&options, &dq, &err), DQ_USAGE);
		assert_null(dq);
		assert_int_equal(err.status, DQ_USAGE);
		assert_true(strlen(err.message) > 10);
		assert_non_null(strstr(err.message, row[i].says));
		assert_null(strpbrk(err.message, "\r\n"));
		assert_int_equal(dq_open(&options, &dq, NULL), DQ_USAGE);
	}
}

static void good_options(void **state)
{
	static const char *const rows[] = { "appvr=9.0.0", "batch_max=20", NULL };
	static const struct dq_options row[] = {
		{ .profile = NULL },
		{ .profile = "A-b_9" },
		{ .api_base = "http://127.0.0.1:8080" },
		{ .api_base = "http://localhost:1/", .submit_base = "http://[::1]:2" },
		{ .api_base = "https://example.com" },
		{ .wire = rows },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SESSION dq = NULL;
		struct dq_options options = row[i];
		struct dq_error err;

		print_message("# %zu\n", i);
		options.size_bytes = sizeof(options);
		assert_int_equal(dq_open(&options, &dq, &err), DQ_OK);
		dq_interrupt(dq);
	}
	dq_close(NULL);
}

static void the_budget(void **state)
{
	static const struct {
		int64_t wish, per_minute;
	} row[] = {
		{ 0, BUDGET_PER_MINUTE },
		{ 1, 1 },
		{ 30, 30 },
		{ BUDGET_PER_MINUTE_MAX, BUDGET_PER_MINUTE_MAX },
		{ -1, 0 },
		{ INT64_MIN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SESSION dq = NULL;
		const struct dq_options options = {
			.size_bytes = sizeof(options),
			.requests_per_minute = row[i].wish,
			.explain = i % 2 == 1,
		};

		print_message("# %lld\n", (long long)row[i].wish);
		assert_int_equal(dq_open(&options, &dq, NULL), DQ_OK);
		assert_int_equal(dq->budget.per_minute, row[i].per_minute);
		assert_int_equal(dq->budget.burst, BUDGET_BURST);
		assert_int_equal(dq->explains, i % 2 == 1);
	}
}

/* Who was built before there were a budget and explanations has the default of both. */
static void an_older_caller(void **state)
{
	const struct dq_options options = {
		.size_bytes = offsetof(struct dq_options, requests_per_minute),
		.requests_per_minute = 7,
		.explain = true,
	};
	SESSION dq = NULL;

	(void)state;
	assert_int_equal(dq_open(&options, &dq, NULL), DQ_OK);
	assert_int_equal(dq->budget.per_minute, BUDGET_PER_MINUTE);
	assert_false(dq->explains);
}

static void no_home(void **state)
{
	const struct dq_options lost = { .size_bytes = sizeof(lost) };
	const struct dq_options told = {
		.size_bytes = sizeof(told), .ledger = "/tmp/x", .cookie_file = "/tmp/y"
	};
	struct dq *dq = NULL;
	struct dq_error err;

	(void)state;
	assert_int_equal(unsetenv("HOME"), 0);
	assert_null(dq_default_path(DQ_PATH_LEDGER, "p"));
	assert_int_equal(dq_open(&lost, &dq, &err), DQ_USAGE);
	assert_non_null(strstr(err.message, "HOME"));
	assert_int_equal(dq_open(&told, &dq, &err), DQ_OK);
	dq_close(dq);
}

static void default_paths(void **state)
{
	static const struct {
		enum dq_path which;
		const char *config, *state, *expected;
	} row[] = {
		{ DQ_PATH_CONFIG, NULL, NULL, "/h/.config/dreamq/config.ini" },
		{ DQ_PATH_LEDGER, NULL, NULL, "/h/.local/state/dreamq/ledger.db" },
		{ DQ_PATH_COOKIE, NULL, NULL, "/h/.config/dreamq/cookies/me.cookie" },
		{ DQ_PATH_CONFIG, "/c", "/s", "/c/dreamq/config.ini" },
		{ DQ_PATH_LEDGER, "/c", "/s", "/s/dreamq/ledger.db" },
		{ DQ_PATH_COOKIE, "/c", "/s", "/c/dreamq/cookies/me.cookie" },
		{ DQ_PATH_LEDGER, "c", "s", "/h/.local/state/dreamq/ledger.db" },
		{ DQ_PATH_LEDGER, "", "", "/h/.local/state/dreamq/ledger.db" },
	};

	(void)state;
	assert_int_equal(setenv("HOME", "/h", 1), 0);
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *path = NULL;

		assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
		assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
		if (row[i].config)
			assert_int_equal(setenv("XDG_CONFIG_HOME", row[i].config, 1), 0);
		if (row[i].state)
			assert_int_equal(setenv("XDG_STATE_HOME", row[i].state, 1), 0);
		path = dq_default_path(row[i].which, "me");
		assert_string_equal(path, row[i].expected);
	}
	assert_int_equal(setenv("HOME", "relative", 1), 0);
	assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
	assert_null(dq_default_path(DQ_PATH_LEDGER, "me"));
}

static struct dq *open_plain(void)
{
	const struct dq_options options = { .size_bytes = sizeof(options) };
	struct dq *dq = NULL;

	assert_int_equal(dq_open(&options, &dq, NULL), DQ_OK);
	return dq;
}

static void the_books_of_an_empty_ledger(void **state)
{
	const struct dq_filter odd = { .size_bytes = sizeof(odd), .state = "sleeping" };
	SESSION dq = open_plain();
	struct dq_error err;

	(void)state;
	assert_int_equal(dq_list(dq, NULL, &err), DQ_OK);
	assert_int_equal(dq_list(dq, &odd, &err), DQ_USAGE);
	assert_non_null(strstr(err.message, "'sleeping'"));
	assert_int_equal(dq_show(dq, "task-1", &err), DQ_FAILED);
	assert_non_null(strstr(err.message, "'task-1'"));
	assert_int_equal(dq_forget(dq, "task-1", &err), DQ_FAILED);
	assert_int_equal(dq_events(dq, "task-1", NULL, NULL, &err), DQ_FAILED);
}

static void without_a_cookie(void **state)
{
	SESSION dq = open_plain();
	const char *id = "task-1";
	struct dq_login login;
	struct dq_error err;

	(void)state;
	assert_int_equal(dq_query(dq, &id, 1, &err), DQ_AUTH);
	assert_int_equal(dq_auth_status(dq, false, &login, &err), DQ_AUTH);
	assert_false(login.exists);
	assert_string_equal(login.profile, "default");
	assert_non_null(strstr(login.path, "/dreamq/cookies/default.cookie"));
	assert_int_equal(dq_auth_remove(dq, &err), DQ_AUTH);
}

static void a_cookie_comes_and_goes(void **state)
{
	static const char text[] = "sessionid=topsecret; sid_guard=topsecret%7C1700000000"
				   "%7C5184000%7CSat\n";
	SESSION dq = open_plain();
	struct dq_login login;
	struct dq_error err;
	struct stat st;

	(void)state;
	assert_int_equal(dq_auth_import(dq, text, strlen(text), &err), DQ_OK);
	assert_int_equal(dq_auth_status(dq, false, &login, &err), DQ_OK);
	assert_true(login.exists);
	assert_false(login.was_asked);
	assert_int_equal(login.expires_unix, 1705184000);
	assert_int_equal(login.credit, -1);
	assert_int_equal(stat(login.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(dq_auth_remove(dq, &err), DQ_OK);
	assert_int_not_equal(stat(login.path, &st), 0);
	assert_int_equal(dq_auth_remove(dq, &err), DQ_AUTH);
}

static void bad_cookies_replace_nothing(void **state)
{
	static const char good[] = "sessionid=topsecret";
	static const struct {
		const char *text;
		size_t len;
	} row[] = {
		{ "", 0 },
		{ "\n", 1 },
		{ "a=b; c=d", 8 },
		{ "sessionid=a\0b", 13 },
		{ "sessionid=a\x01", 12 },
		{ "sessionid=", 10 },
	};
	SESSION dq = open_plain();
	struct dq_login login;
	struct dq_error err;

	(void)state;
	assert_int_equal(dq_auth_import(dq, good, strlen(good), &err), DQ_OK);
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("# %zu\n", i);
		assert_int_equal(
		    dq_auth_import(dq, row[i].text, row[i].len, &err), DQ_AUTH);
		assert_int_equal(dq_auth_status(dq, false, &login, &err), DQ_OK);
	}
}

static void a_huge_cookie(void **state)
{
	const size_t len = (64 << 10) + 1;
	_cleanup_free_ char *text = malloc(len);
	SESSION dq = open_plain();
	struct dq_error err;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', len);
	assert_int_equal(dq_auth_import(dq, text, len, &err), DQ_AUTH);
}

/* Group and others may not read it. */
static void a_cookie_that_everybody_can_read(void **state)
{
	static const char good[] = "sessionid=topsecret";
	SESSION dq = open_plain();
	struct dq_login login;
	struct dq_error err;

	(void)state;
	assert_int_equal(dq_auth_import(dq, good, strlen(good), &err), DQ_OK);
	assert_int_equal(dq_auth_status(dq, false, &login, &err), DQ_OK);
	assert_int_equal(chmod(login.path, 0644), 0);
	assert_int_equal(dq_auth_status(dq, false, &login, &err), DQ_AUTH);
	assert_null(strstr(err.message, "topsecret"));
}

static void a_ledger_that_is_none(void **state)
{
	char path[128];
	const struct dq_options options = { .size_bytes = sizeof(options),
		.ledger = path };
	SESSION dq = NULL;
	struct dq_error err;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/ledger", (char *)*state);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(
	    fputs("This is no database, but a text long enough to be one.", file) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(dq_open(&options, &dq, &err), DQ_OK);
	assert_int_equal(dq_list(dq, NULL, &err), DQ_STORAGE);
	assert_non_null(strstr(err.message, path));
}

static void names_and_durations(void **state)
{
	const char *const *states = dq_state_names();
	const char *const *fields = dq_name_fields();
	struct dq_error err;
	int64_t ms = 0;
	size_t n = 0;

	(void)state;
	while (states[n])
		n++;
	assert_int_equal(n, 9);
	assert_string_equal(states[0], "submitting");
	assert_string_equal(states[8], "not_found");
	assert_non_null(fields[0]);
	assert_string_equal(dq_wire_name_at(0), "api_base");
	for (n = 0; dq_wire_name_at(n);)
		n++;
	assert_true(n > 10);
	assert_int_equal(dq_parse_duration("1h30m", &ms, &err), DQ_OK);
	assert_int_equal(ms, 5400000);
	assert_int_equal(dq_parse_duration("soon", &ms, &err), DQ_USAGE);
	assert_int_equal(ms, 5400000);
	assert_true(strlen(dq_version()) > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bad_options, set_up, tear_down),
		cmocka_unit_test_setup_teardown(good_options, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_budget, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_caller, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_home, set_up, tear_down),
		cmocka_unit_test_setup_teardown(default_paths, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_books_of_an_empty_ledger, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_cookie, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_cookie_comes_and_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    bad_cookies_replace_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_huge_cookie, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_cookie_that_everybody_can_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_ledger_that_is_none, set_up, tear_down),
		cmocka_unit_test(names_and_durations),
	};

	dq_own_process(); /* as the program does */
	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
