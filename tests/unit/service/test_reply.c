#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/jimeng/send/reply.h"

#define GOOD "{\"ret\":\"0\",\"data\":{}}"
#define LOGIN "{\"ret\":\"1015\",\"errmsg\":\"login error\"}"
#define PAGE "<html><title>502 Bad Gateway</title></html>"
#define SOME_JSON "{\"message\":\"no route\"}"

static const struct {
	const char *label;
	long status;
	const char *body;
	enum err_kind kind;
	bool is_empty_body, could_be_size;
	const char *says;
} replies[] = {
	{ "good", 200, GOOD, ERR_OK, false, false, NULL },
	{ "good, 201", 201, GOOD, ERR_OK, false, false, NULL },
	{ "login", 200, LOGIN, ERR_AUTH, false, false, "'1015'" },
	{ "quota", 200, "{\"ret\":\"1006\"}", ERR_ACCOUNT, false, false, "'1006'" },
	{ "risk", 200, "{\"ret\":-6}", ERR_ACCOUNT, false, false, "'-6'" },
	{ "slow down", 200, "{\"ret\":\"1310\"}", ERR_BUSY, false, false, "'1310'" },
	{ "content", 200, "{\"ret\":\"2038\"}", ERR_FAILED, false, false, "'2038'" },
	{ "caller", 200, "{\"ret\":\"1014\"}", ERR_USAGE, false, false, "'1014'" },
	{ "a parameter, maybe the size", 200, "{\"ret\":\"1000\"}", ERR_USAGE, false,
	    true, "'1000'" },
	{ "unknown code", 200, "{\"ret\":\"31337\"}", ERR_NET, false, false, "'31337'" },
	{ "empty", 200, "", ERR_NET, true, false, "empty" },
	{ "blank", 200, "\r\n", ERR_NET, true, false, "empty" },
	{ "page", 200, PAGE, ERR_NET, false, false, "web page" },
	{ "not JSON", 200, "oops", ERR_CONTRACT, false, true, "JSON" },
	{ "cut JSON", 200, "{\"ret\":\"0\",\"data\":{", ERR_CONTRACT, false, true, "" },
	{ "no ret", 200, SOME_JSON, ERR_CONTRACT, false, true, "'ret'" },
	{ "204", 204, "", ERR_NET, true, false, "empty" },
	{ "redirect", 302, PAGE, ERR_CONTRACT, false, false, "'sso.example.com:8443'" },
	{ "redirect, slash", 307, "", ERR_CONTRACT, false, false, "307" },
	{ "not modified", 304, "", ERR_CONTRACT, false, false, "304" },
	{ "400 with a code", 400, LOGIN, ERR_AUTH, false, false, "'1015'" },
	{ "400 with an unknown code", 400, "{\"ret\":\"31337\"}", ERR_CONTRACT, false,
	    false, "400" },
	{ "400 that claims success", 400, GOOD, ERR_CONTRACT, false, false, "400" },
	{ "400 page", 400, PAGE, ERR_NET, false, false, "web page" },
	{ "401", 401, SOME_JSON, ERR_AUTH, false, false, "401" },
	{ "401 page", 401, PAGE, ERR_NET, false, false, "web page" },
	{ "401 empty", 401, "", ERR_NET, true, false, "empty" },
	{ "403", 403, SOME_JSON, ERR_ACCOUNT, false, false, "403" },
	{ "403 page", 403, PAGE, ERR_NET, false, false, "web page" },
	{ "403 empty", 403, "", ERR_NET, true, false, "empty" },
	{ "404", 404, SOME_JSON, ERR_CONTRACT, false, false, "404" },
	{ "404 page", 404, PAGE, ERR_NET, false, false, "404" },
	{ "408", 408, "", ERR_NET, false, true, "408" },
	{ "413 page", 413, PAGE, ERR_CONTRACT, false, true, "413" },
	{ "414", 414, "", ERR_CONTRACT, false, true, "414" },
	{ "429 page", 429, PAGE, ERR_BUSY, false, false, "429" },
	{ "429 empty", 429, "", ERR_BUSY, false, false, "429" },
	{ "429 with a code", 429, "{\"ret\":\"1006\"}", ERR_ACCOUNT, false, false,
	    "1006" },
	{ "500", 500, SOME_JSON, ERR_NET, false, true, "500" },
	{ "502 page", 502, PAGE, ERR_NET, false, true, "502" },
	{ "503 empty", 503, "", ERR_NET, false, true, "503" },
	{ "504 that claims success", 504, GOOD, ERR_NET, false, true, "504" },
	{ "599", 599, "x", ERR_NET, false, true, "599" },
};

static void replies_are_classified(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		const struct reply reply = {
			.err = { .kind = ERR_OK },
			.sent = true,
			.status = replies[i].status,
			.retry_after_ms = -1,
			.date_unix_ms = -1,
			.location = "https://sso.example.com:8443/login?ticket=secret",
			.body = replies[i].body,
			.len = strlen(replies[i].body),
		};
		_cleanup_(reading_release) struct reading reading = reply_read(&reply);

		print_message("# %s\n", replies[i].label);
		assert_string_equal(
		    err_kind_name(reading.err.kind), err_kind_name(replies[i].kind));
		assert_int_equal(reading.is_empty_body, replies[i].is_empty_body);
		assert_int_equal(reading.could_be_size, replies[i].could_be_size);
		if (replies[i].says)
			assert_non_null(strstr(reading.err.msg, replies[i].says));
		assert_null(strstr(reading.err.msg, "ticket"));
		assert_true(reading.err.kind || reading.answer);
	}
}

static const struct {
	long status;
	const char *body;
	int64_t retry_after_ms;
	uint32_t kept_ms;
} waits[] = {
	{ 429, "", 7000, 7000 },
	{ 503, PAGE, 2000, 2000 },
	{ 200, "{\"ret\":\"1310\"}", 3000, 3000 },
	{ 200, "{\"ret\":\"1015\"}", 3000, 0 },
	{ 413, "", 3000, 0 },
	{ 429, "", INT64_MAX, UINT32_MAX },
	{ 429, "", 0, 0 },
	{ 429, "", -1, 0 },
};

static void advice_to_wait_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		const struct reply reply = {
			.status = waits[i].status,
			.retry_after_ms = waits[i].retry_after_ms,
			.body = waits[i].body,
			.len = strlen(waits[i].body),
		};
		_cleanup_(reading_release) struct reading reading = reply_read(&reply);

		print_message("# row %zu\n", i);
		assert_int_equal(reading.err.retry_after_ms, waits[i].kept_ms);
	}
}

static const struct {
	enum err_kind kind;
	bool sent;
	long status;
	bool could_be_size;
} transfers[] = {
	{ ERR_NET, false, 0, false },
	{ ERR_NET, true, 0, true },
	{ ERR_NET, true, 200, true },
	{ ERR_CONTRACT, true, 200, true },
	{ ERR_CONTRACT, false, 0, false },
	{ ERR_CANCELLED, true, 200, false },
	{ ERR_NOMEM, true, 200, false },
};

static void the_network_speaks_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(transfers) / sizeof(*transfers); i++) {
		const struct reply reply = {
			.err = { .kind = transfers[i].kind,
			    .msg = "as the network says" },
			.sent = transfers[i].sent,
			.status = transfers[i].status,
			.retry_after_ms = -1,
			.body = GOOD,
			.len = sizeof(GOOD) - 1,
		};
		_cleanup_(reading_release) struct reading reading = reply_read(&reply);

		print_message("# row %zu\n", i);
		assert_int_equal(reading.err.kind, transfers[i].kind);
		assert_string_equal(reading.err.msg, "as the network says");
		assert_int_equal(reading.could_be_size, transfers[i].could_be_size);
		assert_null(reading.answer);
	}
}

static void strange_targets_of_redirects_are_shown_safely(void **state)
{
	static const struct {
		const char *location, *says;
	} row[] = {
		{ NULL, "'another path'" },
		{ "/login?x=secret", "'another path'" },
		{ "//evil.example/x?secret", "'evil.example'" },
		{ "https://evil.example/secret", "'evil.example'" },
		{ "https://user:secret@evil.example:8/x", "'evil.example:8'" },
		{ "/login?next=https://secret.example/", "'another path'" },
		{ "https://", "''" },
		{ "https://a\x1b[31mb/secret", "?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const struct reply reply = {
			.status = 307, .location = row[i].location, .body = ""
		};
		_cleanup_(reading_release) struct reading reading = reply_read(&reply);

		print_message("# row %zu\n", i);
		assert_int_equal(reading.err.kind, ERR_CONTRACT);
		assert_non_null(strstr(reading.err.msg, row[i].says));
		assert_null(strstr(reading.err.msg, "secret"));
		assert_null(strchr(reading.err.msg, '\x1b'));
	}
}

static void the_log_id_of_the_header_is_shown(void **state)
{
	const struct reply reply = { .status = 502,
		.log_id = "2026\x01XYZ",
		.body = PAGE,
		.len = sizeof(PAGE) - 1 };
	_cleanup_(reading_release) struct reading reading = reply_read(&reply);

	(void)state;
	assert_non_null(strstr(reading.err.msg, "2026?XYZ"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_classified),
		cmocka_unit_test(advice_to_wait_is_kept),
		cmocka_unit_test(the_network_speaks_first),
		cmocka_unit_test(strange_targets_of_redirects_are_shown_safely),
		cmocka_unit_test(the_log_id_of_the_header_is_shown),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
