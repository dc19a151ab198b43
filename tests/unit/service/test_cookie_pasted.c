/* Cookies as people copy them out of a browser, and as exports have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/jimeng/send/cookie.h"

#define TAB "\t"

#define HOST "https://jimeng.jianying.com/mweb/v1/get_history_by_ids?aid=1"

/* What people copy from a browser, and what is to be read of it; NULL: refused. */
static const struct {
	const char *label, *text, *cookie;
	int64_t expires_unix;
} pasted[] = {
	{ "curl for bash",
	    "curl '" HOST
	    "' \\\n  -H 'accept: */*' \\\n  -H 'cookie: a=b; sessionid=abc' "
	    "\\\n  --data-raw '{\"x\":1}' --compressed",
	    "a=b; sessionid=abc", 0 },
	{ "curl with -b", "curl '" HOST "' -b 'sessionid=abc; c=d' -H 'a: b'",
	    "sessionid=abc; c=d", 0 },
	{ "curl with --cookie=", "curl --cookie=sessionid=abc " HOST, "sessionid=abc",
	    0 },
	{ "curl with a joined option", "curl -bsessionid=abc '-Haccept: x' " HOST,
	    "sessionid=abc", 0 },
	{ "curl with a prompt before it", "$ curl " HOST " -b sessionid=abc",
	    "sessionid=abc", 0 },
	{ "curl with escapes",
	    "curl '" HOST "' -H $'cookie: a=it\\'s\\u0021; sessionid=abc'",
	    "a=it's!; sessionid=abc", 0 },
	{ "curl with double quotes", "curl \"" HOST "\" -H \"Cookie: sessionid=a\\\"b\"",
	    "sessionid=a\"b", 0 },
	{ "curl for cmd",
	    "curl ^\"" HOST "^\" ^\r\n  -H ^\"accept: ^*/^*^\" ^\r\n  -b "
	    "^\"sessionid=abc; g=1^%^7C2^\" ^\r\n  --data-raw ^\"^{^\\^\"x^\\^\":1^}^\"",
	    "sessionid=abc; g=1%7C2", 0 },
	{ "curl for cmd, older",
	    "curl \"" HOST "\" -H \"cookie: sessionid=abc\" --compressed",
	    "sessionid=abc", 0 },
	{ "curl for another site",
	    "curl 'https://example.com/' -H 'cookie: sessionid=abc'", NULL, 0 },
	{ "curl for a site that looks like it",
	    "curl 'https://jianying.com.example.com/' -b 'sessionid=abc'", NULL, 0 },
	{ "curl for a user of that name",
	    "curl 'https://jimeng.jianying.com@example.com/' -b 'sessionid=abc'", NULL,
	    0 },
	{ "all requests of a page",
	    "curl 'https://example.com/' -H 'cookie: sessionid=bad' ;\ncurl '" HOST
	    "' -H 'accept: x' ;\ncurl '" HOST "' -H 'cookie: sessionid=abc' ;\n",
	    "sessionid=abc", 0 },
	{ "curl with a cookie file", "curl -b jar.txt " HOST, NULL, 0 },
	{ "curl without a cookie", "curl " HOST "?sessionid=abc -d 'sessionid=abc'", NULL,
	    0 },
	{ "header lines",
	    "POST /mweb HTTP/2\r\nHost: jimeng.jianying.com\r\nAccept: */*\r\nCookie: "
	    "sessionid=abc; c=d\r\nOrigin: x\r\n\r\n",
	    "sessionid=abc; c=d", 0 },
	{ "header lines of HTTP/2",
	    ":authority: jimeng.jianying.com\n:path: /\ncookie: a=b\ncookie: "
	    "sessionid=abc\n",
	    "a=b; sessionid=abc", 0 },
	{ "header lines, name above value",
	    ":authority\njimeng.jianying.com\naccept\n*/*\ncookie\nsessionid=abc\n",
	    "sessionid=abc", 0 },
	{ "header lines of another site",
	    "GET / HTTP/1.1\nHost: example.com\nCookie: sessionid=abc\n", NULL, 0 },
	{ "PowerShell",
	    "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n"
	    "$session.Cookies.Add((New-Object System.Net.Cookie(\"sessionid\", \"abc\", "
	    "\"/\", \".jianying.com\")))\n$session.Cookies.Add((New-Object "
	    "System.Net.Cookie(\"secret\", \"x\", \"/\", \".example.com\")))\n"
	    "Invoke-WebRequest -UseBasicParsing -Uri \"" HOST "\"",
	    "sessionid=abc", 0 },
	{ "PowerShell with headers",
	    "Invoke-WebRequest -Uri \"" HOST "\" -Headers @{\n  \"accept\"=\"*/*\"\n  "
	    "\"cookie\"=\"sessionid=abc; c=d\"\n}",
	    "sessionid=abc; c=d", 0 },
	{ "fetch",
	    "fetch(\"" HOST "\", {\n  \"headers\": {\n    \"accept\": \"*/*\",\n    "
	    "\"cookie\": \"sessionid=abc\"\n  },\n \"method\": \"POST\"\n});",
	    "sessionid=abc", 0 },
	{ "fetch of another site",
	    "fetch(\"https://example.com/\", {\"headers\": {\"cookie\": "
	    "\"sessionid=abc\"}});",
	    NULL, 0 },
	{ "an extension's export",
	    "[{\"domain\": \".jianying.com\", \"expirationDate\": 1790000000.5, "
	    "\"name\": \"sessionid\", \"value\": \"abc\"}, {\"domain\": "
	    "\".example.com\", \"name\": \"secret\", \"value\": \"x\"}, {\"domain\": "
	    "\"jimeng.jianying.com\", \"name\": \"c\", \"value\": \"d\"}]",
	    "sessionid=abc; c=d", 1790000000 },
	{ "a browser's state",
	    "{\"cookies\": [{\"name\": \"sessionid\", \"value\": \"abc\", \"domain\": "
	    "\".jianying.com\", \"expires\": 1790000000}], \"origins\": [{\"origin\": "
	    "\"x\", \"localStorage\": [{\"name\": \"secret\", \"value\": \"y\"}]}]}",
	    "sessionid=abc", 1790000000 },
	{ "with its site",
	    "{\"url\": \"https://jimeng.jianying.com\", \"cookies\": [{\"name\": "
	    "\"sessionid\", \"value\": \"abc\", \"expirationDate\": "
	    "\"2026-09-21T14:13:20Z\""
	    "}]}",
	    "sessionid=abc", 1790000000 },
	{ "an object of names", "{\"sessionid\": \"abc\", \"c\": \"d\", \"n\": 1}",
	    "sessionid=abc; c=d", 0 },
	{ "an export of another site",
	    "[{\"domain\": \".example.com\", \"name\": \"sessionid\", \"value\": "
	    "\"abc\"}]",
	    NULL, 0 },
	{ "HAR",
	    "{\"log\": {\"entries\": [{\"request\": {\"url\": \"https://example.com/\", "
	    "\"headers\": [{\"name\": \"Cookie\", \"value\": \"sessionid=bad\"}]}}, "
	    "{\"request\": {\"url\": \"" HOST "\", \"headers\": [{\"name\": \"accept\", "
	    "\"value\": \"x\"}, {\"name\": \"cookie\", \"value\": \"sessionid=abc; "
	    "c=d\"}], \"cookies\": [{\"name\": \"sessionid\", \"value\": \"abc\"}]}, "
	    "\"response\": {\"cookies\": [{\"name\": \"secret\", \"value\": \"x\"}]}}]}}",
	    "sessionid=abc; c=d", 0 },
	{ "request headers as JSON",
	    "{\"Request Headers (1.2 kB)\": {\"headers\": [{\"name\": \"Cookie\", "
	    "\"value\": \"sessionid=abc\"}]}}",
	    "sessionid=abc", 0 },
	{ "JSON that is cut", "[{\"domain\": \".jianying.com\", \"name\": \"sessionid\"",
	    NULL, 0 },
	{ "cookies.txt with a date",
	    ".jianying.com" TAB "TRUE" TAB "/" TAB "TRUE" TAB "1790000000" TAB
	    "sessionid" TAB "abc",
	    "sessionid=abc", 1790000000 },
	{ "the service's own date wins",
	    ".jianying.com" TAB "TRUE" TAB "/" TAB "TRUE" TAB "1790000000" TAB
	    "sessionid" TAB "abc\n.jianying.com" TAB "TRUE" TAB "/" TAB "TRUE" TAB "0" TAB
	    "sid_guard" TAB "x%7C1700000000%7C100%7Cz",
	    "sessionid=abc; sid_guard=x%7C1700000000%7C100%7Cz", 1700000100 },
	{ "in quotes", "'sessionid=abc; c=d'", "sessionid=abc; c=d", 0 },
	{ "the header in quotes", "\"Cookie: sessionid=abc\"", "sessionid=abc", 0 },
	{ "a bare one in quotes", "\"0123abcd\"", "sessionid=0123abcd", 0 },
	{ "wget", "wget --header='cookie: sessionid=abc' " HOST, NULL, 0 },
	{ "an option alone", "-H 'cookie: sessionid=abc'", NULL, 0 },
	{ "prose", "my cookie is sessionid=abc; thanks", NULL, 0 },
	{ "an answer", "HTTP/2 200\nset-cookie: sessionid=abc; Path=/\n", NULL, 0 },
};

static const struct cookie_home at_home = { "https://jimeng.jianying.com",
	"jianying.com" },
				nowhere = { NULL, "jianying.com" };

static void what_browsers_copy_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pasted) / sizeof(*pasted); i++) {
		_cleanup_free_ char *cookie = NULL;
		int64_t expires = 0;
		struct err err = { .kind = ERR_OK };
		const enum err_kind kind =
		    cookie_parse(pasted[i].text, &at_home, &cookie, &expires, &err);

		print_message("# %s\n", pasted[i].label);
		assert_int_equal(kind, pasted[i].cookie ? ERR_OK : ERR_AUTH);
		if (!pasted[i].cookie) {
			assert_null(cookie);
			assert_null(strstr(err.msg, "abc"));
			continue;
		}
		assert_string_equal(cookie, pasted[i].cookie);
		assert_int_equal(expires, pasted[i].expires_unix);
	}
}

/* Whoever has something else learns what would do. */
static void the_forms_are_named(void **state)
{
	static const char *const names[] = { "sessionid=", "Cookie header", "cURL",
		"PowerShell", "HAR", "JSON", "cookies.txt" };
	char *cookie = NULL;
	int64_t expires = 0;
	struct err err;

	(void)state;
	assert_int_equal(
	    cookie_parse("<html>", &nowhere, &cookie, &expires, &err), ERR_AUTH);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_non_null(strstr(err.msg, names[i]));
	assert_int_equal(cookie_parse("curl https://example.com -b sessionid=abc",
			     &nowhere, &cookie, &expires, &err),
	    ERR_AUTH);
	assert_non_null(strstr(err.msg, "another site"));
}

/* The date of a jar outlives the file that we keep. */
static void the_date_is_kept(void **state)
{
	static const struct {
		const char *cookie;
		int64_t expires;
		const char *api;
	} row[] = {
		{ "sessionid=abc; c=d=e", 1790000000, "https://jimeng.jianying.com" },
		{ "sessionid=abc; c=", 1790000000, "http://127.0.0.1:80" },
		{ "sessionid=abc; c=d", 0, "http://127.0.0.1:80" },
		{ "sid_guard=x|1700000000|100|z; sessionid=abc", 1700000100, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const struct cookie_home home = { row[i].api, "jianying.com" };
		_cleanup_free_ char *text =
		    cookie_as_file(row[i].cookie, row[i].expires, &home);
		_cleanup_free_ char *cookie = NULL;
		int64_t expires = -1;
		struct err err;

		print_message("# %zu\n", i);
		assert_non_null(text);
		assert_int_equal(
		    cookie_parse(text, &home, &cookie, &expires, &err), ERR_OK);
		assert_string_equal(cookie, row[i].cookie);
		assert_int_equal(expires, row[i].expires);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_browsers_copy_is_read),
		cmocka_unit_test(the_forms_are_named),
		cmocka_unit_test(the_date_is_kept),
	};

	return cmocka_run_group_tests_name("cookie_pasted", tests, NULL, NULL);
}
