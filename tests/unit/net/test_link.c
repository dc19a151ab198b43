/* URLs and the proxies for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/link.h"
#include "net/proxy.h"

#define LINK _cleanup_(link_release) struct link

static const struct {
	const char *url;
	bool is_loopback, is_private;
	const char *peer, *shown;
} good[] = {
	{ "https://a.test", false, false, "a.test:443", "https://a.test/" },
	{ "HTTPS://A.test:8443/x?y=1#z", false, false, "A.test:8443",
	    "https://A.test:8443/x" },
	{ "http://127.0.0.1:80/x", true, true, "127.0.0.1:80", "http://127.0.0.1/x" },
	{ "http://127.1/x", true, true, "127.0.0.1:80", "http://127.0.0.1/x" },
	{ "http://0x7f000001:81", true, true, "127.0.0.1:81", "http://127.0.0.1:81/" },
	{ "http://[::1]:81/x", true, true, "[::1]:81", "http://[::1]:81/x" },
	{ "http://localhost/x", true, true, "localhost:80", "http://localhost/x" },
	{ "https://foo.localhost/", false, true, "foo.localhost:443",
	    "https://foo.localhost/" },
	{ "https://localhost./", false, true, "localhost.:443", "https://localhost./" },
	{ "https://10.0.0.1/", false, true, "10.0.0.1:443", "https://10.0.0.1/" },
	{ "https://10.0.0.1./", false, true, "10.0.0.1.:443", "https://10.0.0.1./" },
	{ "https://012.1/", false, true, "10.0.0.1:443", "https://10.0.0.1/" },
	{ "https://%31%30.0.0.1/", false, true, "10.0.0.1:443", "https://10.0.0.1/" },
	{ "https://[::ffff:10.0.0.1]/", false, true, NULL, NULL },
	{ "https://8.8.8.8/a b", false, false, "8.8.8.8:443", "https://8.8.8.8/a%20b" },
	{ "https://a.test/x/../y~z:0:0.png", false, false, NULL,
	    "https://a.test/x/../y~z:0:0.png" },
	{ "https:///a.test/x", false, false, "a.test:443", "https://a.test/x" },
	{ "https:/a.test/x", false, false, "a.test:443", "https://a.test/x" },
	{ "https://a.test/%E5%9B%BE", false, false, NULL, "https://a.test/%E5%9B%BE" },
};

static void good_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		LINK link = { 0 };
		struct err err = { 0 };

		if (link_make(good[i].url, ERR_USAGE, &link, &err) != ERR_OK)
			fail_msg("%s: %s", good[i].url, err.msg);
		if (link.is_loopback != good[i].is_loopback ||
		    link.is_private != good[i].is_private)
			fail_msg("%s: loopback %d, private %d", good[i].url,
			    link.is_loopback, link.is_private);
		if (strncmp(link.url, link.is_tls ? "https://" : "http://",
			link.is_tls ? 8 : 7) != 0 ||
		    link.url[link.is_tls ? 8 : 7] == '/')
			fail_msg("%s is asked for as %s", good[i].url, link.url);
		if (good[i].peer)
			assert_string_equal(link.peer, good[i].peer);
		if (good[i].shown)
			assert_string_equal(link.shown, good[i].shown);
	}
}

static const char *const bad[] = { "", "a", "/x", "//a.test/x", "http://a.test/",
	"ftp://a.test/", "file:///etc/passwd", "gopher://127.0.0.1/", "https://",
	"https://u@a.test/", "https://u:p@a.test/", "https://:p@a.test/",
	"https://a.test:0x50/", "https://a.test:99999/", "https://a.test:/%zz\x01",
	"https://a\r\nb.test/", "https://\xef\xbc\x91\xef\xbc\x90.0.0.1/",
	"https://b\xc3\xbcz.test/", "http://localhost.evil.test/",
	"http://127.0.0.1.evil.test/", "http://127.0.0.1@evil.test/", "http://128.0.0.1/",
	"http://[::2]/", "javascript:alert(1)", "http://localhost./",
	"http://foo.localhost/", "data:text/plain,x" };

static void bad_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		LINK link = { 0 };
		struct err err = { 0 };

		if (link_make(bad[i], ERR_CONTRACT, &link, &err) != ERR_CONTRACT)
			fail_msg("'%s' passes as %s", bad[i], link.shown);
		assert_int_equal(err.kind, ERR_CONTRACT);
		assert_null(link.parts);
	}
}

static void a_very_long_url(void **state)
{
	enum { LEN = 100000 };
	_cleanup_free_ char *url = malloc(LEN + 1);
	LINK link = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_non_null(url);
	memset(url, 'a', LEN);
	memcpy(url, "https://a.test/", 15);
	url[LEN] = '\0';
	assert_int_equal(link_make(url, ERR_USAGE, &link, &err), ERR_OK);
	assert_int_equal(strlen(link.url), LEN);
	assert_true(strlen(link.shown) < sizeof(link.shown));
}

static const struct {
	const char *from, *location;
	const char *to; /* NULL: refused */
} hops[] = {
	{ "https://a.test/x/y?q", "z", "https://a.test/x/z" },
	{ "https://a.test/x/y?q", "/z?w", "https://a.test/z?w" },
	{ "https://a.test/x/y?q", "?w", "https://a.test/x/y?w" },
	{ "https://a.test/x", "//b.test/y", "https://b.test/y" },
	{ "https://a.test/x", "https://b.test/y z", "https://b.test/y%20z" },
	{ "https://a.test/x", "http://b.test/", NULL },
	{ "https://a.test/x", "http://127.0.0.1/", NULL },
	{ "https://a.test/x", "file:///etc/passwd", NULL },
	{ "https://a.test/x", "https://u:p@b.test/", NULL },
	{ "https://a.test/x", "https://b.test/\x01", NULL },
	{ "http://127.0.0.1:1/x", "http://127.0.0.1:2/", "http://127.0.0.1:2/" },
	{ "http://127.0.0.1:1/x", "http://b.test/", NULL },
	{ "http://127.0.0.1:1/x", "https://b.test/", "https://b.test/" },
};

static void every_hop(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++) {
		LINK from = { 0 };
		LINK to = { 0 };
		struct err err = { 0 };

		assert_int_equal(link_make(hops[i].from, ERR_USAGE, &from, &err), ERR_OK);
		if (link_follow(&from, hops[i].location, &to, &err) != ERR_OK) {
			if (hops[i].to)
				fail_msg("%s: %s", hops[i].location, err.msg);
			assert_int_equal(err.kind, ERR_CONTRACT);
			assert_null(strstr(err.msg, "u:p"));
		} else if (!hops[i].to || strcmp(hops[i].to, to.url) != 0) {
			fail_msg("%s leads to %s", hops[i].location, to.url);
		}
	}
}

/* ---- proxies ---- */

struct setting {
	const char *name, *value;
};
/* What the environment of the running case is; getenv has no payload, so neither has
 * this. */
static const struct setting *environment;

static char *lookup(const char *name)
{
	static char value[256];

	for (const struct setting *s = environment; s->name; s++) {
		if (strcmp(s->name, name) == 0) {
			(void)snprintf(value, sizeof(value), "%s", s->value);
			return value;
		}
	}
	return NULL;
}

static const struct {
	struct setting settings[4];
	const char *url, *proxy;
} ways[] = {
	{ { { 0 } }, "https://a.test/", NULL },
	{ { { "https_proxy", "http://p:1" } }, "https://a.test/", "http://p:1" },
	{ { { "HTTPS_PROXY", "http://p:1" } }, "https://a.test/", "http://p:1" },
	{ { { "all_proxy", "socks5h://p:1" } }, "https://a.test/", "socks5h://p:1" },
	{ { { "ALL_PROXY", "http://p:1" }, { "https_proxy", "http://q:1" } },
	    "https://a.test/", "http://q:1" },
	{ { { "all_proxy", "http://p:1" }, { "https_proxy", "" } }, "https://a.test/",
	    NULL },
	{ { { "http_proxy", "http://p:1" } }, "https://a.test/", NULL },
	{ { { "https_proxy", "http://p:1" } }, "http://127.0.0.1/", NULL },
	{ { { "https_proxy", "http://p:1" } }, "https://127.0.0.1/", NULL },
	{ { { "https_proxy", "http://p:1" } }, "https://localhost/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "*" } }, "https://a.test/",
	    NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "a.test" } },
	    "https://a.test/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "NO_PROXY", "A.TEST" } },
	    "https://x.a.test/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", ".a.test" } },
	    "https://a.test/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "*.a.test" } },
	    "https://b.a.test/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "b, \ta.test ,c" } },
	    "https://a.test./", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "a.test" } },
	    "https://ba.test/", "http://p:1" },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "a.test." } },
	    "https://a.test/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", ", ,." } }, "https://a.test/",
	    "http://p:1" },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "" } }, "https://a.test/",
	    "http://p:1" },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "10.0.0.0/8" } },
	    "https://10.1.1.1/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "10.0.0.0/8" } },
	    "https://11.1.1.1/", "http://p:1" },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "fd00::/8" } },
	    "https://[fd00::1]/", NULL },
	{ { { "https_proxy", "http://p:1" }, { "no_proxy", "1.1.1" } },
	    "https://1.1.1.1/", "http://p:1" },
};

static void every_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		_cleanup_(proxies_release) struct proxies proxies = { 0 };
		LINK link = { 0 };
		struct err err = { 0 };
		const char *proxy;

		environment = ways[i].settings;
		assert_int_equal(
		    proxies_make(lookup, NULL, NULL, &proxies, &err), ERR_OK);
		assert_int_equal(link_make(ways[i].url, ERR_USAGE, &link, &err), ERR_OK);
		proxy = proxies_for(&proxies, &link);
		if ((proxy != NULL) != (ways[i].proxy != NULL) ||
		    (proxy && strcmp(proxy, ways[i].proxy) != 0))
			fail_msg(
			    "row %zu, %s: %s", i, ways[i].url, proxy ? proxy : "direct");
	}
}

/* Passwords of proxies that nobody has escaped, as people write them. */
static void peers_of_proxies(void **state)
{
	static const char *const rows[][2] = {
		{ "http://proxy.test:3128/", "proxy.test:3128" },
		{ "proxy.test:3128", "proxy.test:3128" },
		{ "user:canary@proxy.test:3128", "proxy.test:3128" },
		{ "http://user:can@ary@proxy.test:3128", "proxy.test:3128" },
		{ "http://user:can/ary@proxy.test:3128/x", "proxy.test:3128" },
		{ "http://user:can#ary@proxy.test:3128", "proxy.test:3128" },
		{ "socks5h://user:can?ary@[::1]:1080", "[::1]:1080" },
		{ "http:/user:canary@proxy.test", "proxy.test" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char peer[128];

		assert_string_equal(
		    proxy_peer(rows[i][0], peer, sizeof(peer)), rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_urls),
		cmocka_unit_test(bad_urls),
		cmocka_unit_test(a_very_long_url),
		cmocka_unit_test(every_hop),
		cmocka_unit_test(every_way),
		cmocka_unit_test(peers_of_proxies),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
