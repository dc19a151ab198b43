/* What net_new, net_start and the check of a base url refuse, before anything is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "harness.h"

#define NET _cleanup_(harness_netp) struct net *
#define OUTCOME _cleanup_(outcome_release) struct outcome

static const char *const smuggled[] = { "X: a\r\nCookie: b", NULL };
static const char *const nameless[] = { ": a", NULL };
static const char *const colonless[] = { "hello", NULL };
static const char *const cookied[] = { "cookie: a=b", NULL };
static const char *const credentials[] = { "Authorization: Bearer x", NULL };

static const struct {
	const char *what;
	struct net_spec spec;
	enum err_kind kind;
	const char *part; /* of the message */
} refused[] = {
	{ "a cookie for the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .cookie = "a=b" }, ERR_USAGE,
	    "cookie" },
	{ "a cookie header for the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .headers = cookied }, ERR_USAGE,
	    "cookie" },
	{ "credentials for the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .headers = credentials },
	    ERR_USAGE, "Authorization" },
	{ "POST to the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .method = "POST" }, ERR_USAGE,
	    "GET" },
	{ "another method", { .url = "https://a.test/", .method = "PUT" }, ERR_USAGE,
	    "'PUT'" },
	{ "a smuggled header", { .url = "https://a.test/", .headers = smuggled },
	    ERR_USAGE, "header" },
	{ "a header without name", { .url = "https://a.test/", .headers = nameless },
	    ERR_USAGE, "header" },
	{ "a header without colon", { .url = "https://a.test/", .headers = colonless },
	    ERR_USAGE, "header" },
	{ "a cookie with line breaks",
	    { .url = "https://a.test/", .cookie = "a\r\nX: b" }, ERR_USAGE, "cookie" },
	{ "an empty cookie", { .url = "https://a.test/", .cookie = "" }, ERR_USAGE,
	    "cookie" },
	{ "an ETag with line breaks",
	    { .url = "https://a.test/", .range_from = 1, .if_range = "\"\n\"" },
	    ERR_USAGE, "ETag" },
	{ "plain http", { .url = "http://a.test/" }, ERR_USAGE, "https" },
	{ "plain http from the service", { .role = NET_CDN, .url = "http://a.test/" },
	    ERR_CONTRACT, "https" },
	{ "another scheme", { .role = NET_CDN, .url = "file:///etc/passwd" },
	    ERR_CONTRACT, "'file:'" },
	{ "a user name", { .url = "https://me:pw@a.test/" }, ERR_USAGE, "user name" },
	{ "no URL at all", { .role = NET_CDN, .url = "" }, ERR_CONTRACT, "URL" },
	{ "line breaks in the URL", { .role = NET_CDN, .url = "https://a.test/\r\nX: b" },
	    ERR_CONTRACT, "URL" },
	{ "a private link", { .role = NET_CDN, .url = "https://10.1.2.3/x" },
	    ERR_CONTRACT, "private address" },
	{ "a loopback link", { .role = NET_CDN, .url = "http://127.0.0.1:1/x" },
	    ERR_CONTRACT, "private address" },
	{ "a loopback link in disguise",
	    { .role = NET_CDN, .url = "https://2130706433/x" }, ERR_CONTRACT,
	    "private address" },
	{ "metadata of a cloud",
	    { .role = NET_CDN, .url = "https://[::ffff:169.254.169.254]/x" },
	    ERR_CONTRACT, "private address" },
	{ "localhost", { .role = NET_CDN, .url = "https://LocalHost/x" }, ERR_CONTRACT,
	    "private address" },
};

static void refusals(void **state)
{
	NET net = harness_net(&(struct net_config){ 0 });

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		OUTCOME outcome = { 0 };

		harness_run(net, &refused[i].spec, &outcome);
		if (outcome.err.kind != refused[i].kind ||
		    !strstr(outcome.err.msg, refused[i].part))
			fail_msg("%s: %d %s", refused[i].what, outcome.err.kind,
			    outcome.err.msg);
		if (outcome.ends != 0)
			fail_msg("%s: got a handler call", refused[i].what);
		if (strstr(outcome.err.msg, "pw"))
			fail_msg("%s: tells a secret", refused[i].what);
	}
	assert_int_equal(net_active(net), 0);
}

static void bad_ca_file(void **state)
{
	struct net *net = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    net_new(
		&(struct net_config){ .way.ca_file = "/nonexistent/ca.pem" }, &net, &err),
	    ERR_USAGE);
	assert_null(net);
	assert_non_null(strstr(err.msg, "'/nonexistent/ca.pem'"));
}

static void base_urls(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    net_check_base_url("--api-base", "https://jimeng.jianying.com", &err),
	    ERR_OK);
	assert_int_equal(
	    net_check_base_url("--api-base", "http://127.0.0.1:8080", &err), ERR_OK);
	assert_int_equal(
	    net_check_base_url("--api-base", "http://jimeng.jianying.com", &err),
	    ERR_USAGE);
	assert_non_null(strstr(err.msg, "--api-base: "));
	assert_int_equal(
	    net_check_base_url("--api-base", "jimeng.jianying.com", &err), ERR_USAGE);
	assert_int_equal(
	    net_check_base_url("--api-base", "https://u:p@jimeng.jianying.com", &err),
	    ERR_USAGE);
	assert_true(net_url_is_loopback("http://localhost:1/x"));
	assert_true(net_url_is_loopback("https://[::1]/"));
	assert_false(net_url_is_loopback("http://localhost.evil.test/"));
	assert_false(net_url_is_loopback("https://10.0.0.1/"));
	assert_false(net_url_is_loopback("nonsense"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(bad_ca_file),
		cmocka_unit_test(base_urls),
	};

	return cmocka_run_group_tests_name(
	    "net_refusals", tests, harness_clear_env, NULL);
}
