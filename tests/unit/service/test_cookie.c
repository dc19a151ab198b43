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
#define LINE(domain, name, value) \
	domain TAB "TRUE" TAB "/" TAB "TRUE" TAB "0" TAB name TAB value

static const struct {
	const char *label, *text, *cookie; /* NULL: refused */
} good[] = {
	{ "a header's value", "sessionid=abc; sid_guard=x",
	    "sessionid=abc; sid_guard=x" },
	{ "with the header's name", "Cookie: sessionid=abc", "sessionid=abc" },
	{ "lower case", "cookie:sessionid=abc", "sessionid=abc" },
	{ "line end", "sessionid=abc\r\n", "sessionid=abc" },
	{ "blanks around", " \n sessionid=abc \n\n", "sessionid=abc" },
	{ "byte order mark", "\xef\xbb\xbfsessionid=abc", "sessionid=abc" },
	{ "no blanks between", "a=b;sessionid=abc", "a=b;sessionid=abc" },
	{ "semicolon at the end", "sessionid=abc;", "sessionid=abc;" },
	{ "the other name", "sessionid_ss=abc", "sessionid_ss=abc" },
	{ "value with '='", "sessionid=a=b==", "sessionid=a=b==" },
	{ "bare", "0123456789abcdef0123456789abcdef",
	    "sessionid=0123456789abcdef0123456789abcdef" },
	{ "bare, short", "alice", "sessionid=alice" },
	{ "bare, line end", "expired\n", "sessionid=expired" },
	{ "bare, escaped", "ab%7Ccd-ef_1", "sessionid=ab%7Ccd-ef_1" },
	{ "netscape", LINE(".jianying.com", "sessionid", "abc") "\n", "sessionid=abc" },
	{ "netscape, http only", "#HttpOnly_" LINE(".jianying.com", "sessionid", "abc"),
	    "sessionid=abc" },
	{ "netscape, comment and blank lines",
	    "# Netscape HTTP Cookie File\n\n" LINE(
		".jianying.com", "sessionid", "abc") "\r\n# end\n",
	    "sessionid=abc" },
	{ "netscape, several",
	    LINE("jimeng.jianying.com", "sessionid", "abc") "\n" LINE(
		".jianying.com", "sid_guard", "g") "\n",
	    "sessionid=abc; sid_guard=g" },
	{ "netscape, foreign domains are left out",
	    LINE(".example.com", "secret", "x") "\n" LINE(".jianying.com", "sessionid",
		"abc") "\n" LINE(".notjianying.com", "secret", "x"),
	    "sessionid=abc" },
	{ "netscape, the API's own host",
	    LINE("127.0.0.1", "sessionid", "abc") "\n" LINE("127.0.0.2", "x", "y"),
	    "sessionid=abc" },
	{ "netscape, a name twice",
	    LINE(".jianying.com", "sessionid", "abc") "\n" LINE(
		".jianying.com", "sessionid", "def"),
	    "sessionid=abc" },
	{ "netscape, empty value beside",
	    LINE(".jianying.com", "empty", "") "\n" LINE(
		".jianying.com", "sessionid", "abc"),
	    "empty=; sessionid=abc" },
	{ "nothing", "", NULL },
	{ "blanks", " \n\t", NULL },
	{ "NULL", NULL, NULL },
	{ "no session", "a=b; c=d", NULL },
	{ "empty session", "sessionid=", NULL },
	{ "empty session beside others", "sessionid=; a=b", NULL },
	{ "name is a part only", "xsessionid=abc", NULL },
	{ "two lines", "sessionid=abc\nevil: header", NULL },
	{ "carriage return inside", "sessionid=abc\rX: y", NULL },
	{ "escape character", "sessionid=a\x1b[31mb", NULL },
	{ "delete character", "sessionid=a\x7f", NULL },
	{ "two words", "hello world", NULL },
	{ "a web page", "<html>login</html>", NULL },
	{ "JSON", "[{\"name\":\"sessionid\"}]", NULL },
	{ "bare, strange characters", "abc$def", NULL },
	{ "netscape without the session", LINE(".jianying.com", "a", "b"), NULL },
	{ "netscape of another site", LINE(".example.com", "sessionid", "abc"), NULL },
	{ "netscape, six fields",
	    ".jianying.com" TAB "TRUE" TAB "/" TAB "TRUE" TAB "0" TAB "sessionid", NULL },
	{ "netscape, control in the value", LINE(".jianying.com", "sessionid", "a\x01"),
	    NULL },
};

static const struct cookie_home here = { "http://127.0.0.1:8080", "jianying.com" },
				nowhere = { NULL, "jianying.com" };

static void every_form_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		_cleanup_free_ char *cookie = NULL;
		int64_t expires = 0;
		struct err err = { .kind = ERR_OK };
		const enum err_kind kind =
		    cookie_parse(good[i].text, &here, &cookie, &expires, &err);

		print_message("# %s\n", good[i].label);
		assert_int_equal(kind, good[i].cookie ? ERR_OK : ERR_AUTH);
		if (good[i].cookie)
			assert_string_equal(cookie, good[i].cookie);
		else
			assert_null(cookie);
	}
}

static void an_error_never_shows_the_text(void **state)
{
	static const char *const texts[] = { "secretvalue=secretvalue",
		"sessionid=secretvalue\nx", "secretvalue secretvalue",
		LINE(".example.com", "sessionid", "secretvalue") };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *cookie = NULL;
		int64_t expires = 0;
		struct err err;

		assert_int_equal(
		    cookie_parse(texts[i], &nowhere, &cookie, &expires, &err), ERR_AUTH);
		assert_null(strstr(err.msg, "secretvalue"));
		assert_true(strlen(err.msg) > 10);
	}
}

static void long_ones_are_refused(void **state)
{
	static const size_t lengths[] = { 257, 20000, 300000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		_cleanup_free_ char *text = malloc(lengths[i] + 11);
		char *cookie = NULL;
		int64_t expires = 0;
		struct err err;

		assert_non_null(text);
		memset(text, 'a', lengths[i]);
		text[lengths[i]] = '\0';
		assert_int_equal(
		    cookie_parse(text, &nowhere, &cookie, &expires, &err), ERR_AUTH);
		memcpy(text, "sessionid=", 10);
		if (lengths[i] > 15000)
			assert_int_equal(
			    cookie_parse(text, &nowhere, &cookie, &expires, &err),
			    ERR_AUTH);
	}
}

static const struct {
	const char *cookie;
	int64_t expires;
} guards[] = {
	{ "sessionid=a; sid_guard=abc|1757778120|5184000|Wed, 12-Nov-2025 15:42:00 GMT",
	    1757778120 + 5184000 },
	{ "sid_guard=abc%7C1757778120%7C5184000%7CWed%2C+12-Nov-2025; sessionid=a",
	    1757778120 + 5184000 },
	{ "sid_guard=abc%7c1757778120%7c1296000", 1757778120 + 1296000 },
	{ "sid_guard=abc|1757778120", 0 },
	{ "sid_guard=abc|x|y|z", 0 },
	{ "sid_guard=", 0 },
	{ "sid_guard=|||", 0 },
	{ "sid_guard=a|99999999999999999999|1|", 0 },
	{ "xsid_guard=abc|1757778120|5184000|", 0 },
	{ "sessionid=a", 0 },
	{ "", 0 },
	{ NULL, 0 },
};

static void the_guard_tells_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(guards) / sizeof(*guards); i++) {
		print_message("# %zu\n", i);
		assert_int_equal(
		    cookie_expires_unix(guards[i].cookie), guards[i].expires);
	}
}

/* A login is of one place: what lies beside it in a browser is left out. */
static void each_region_has_its_own(void **state)
{
	static const char both[] = ".jianying.com\tTRUE\t/\tTRUE\t0\tsessionid\there\n"
				   ".capcut.com\tTRUE\t/\tTRUE\t0\tsessionid\tthere\n";
	static const struct cookie_home homes[] = {
		{ "https://jimeng.jianying.com", "jianying.com" },
		{ "https://mweb-api-sg.capcut.com", "capcut.com" },
		{ "http://127.0.0.1:80", "capcut.com" },
	};
	static const char *const cookies[] = { "sessionid=here", "sessionid=there",
		"sessionid=there" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		_cleanup_free_ char *cookie = NULL;
		int64_t expires;
		struct err err;

		assert_int_equal(
		    cookie_parse(both, &homes[i], &cookie, &expires, &err), ERR_OK);
		assert_string_equal(cookie, cookies[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(each_region_has_its_own),
		cmocka_unit_test(an_error_never_shows_the_text),
		cmocka_unit_test(long_ones_are_refused),
		cmocka_unit_test(the_guard_tells_the_end),
	};

	return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}
