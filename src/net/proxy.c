#include "net/proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "net/addr.h"

static const char *const proxy_names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
	"ALL_PROXY", NULL };
static const char *const except_names[] = { "no_proxy", "NO_PROXY", NULL };

static void curl_url_cleanupp(CURLU **parts)
{
	curl_url_cleanup(*parts);
}

/* The first that is set decides, also when it is empty. */
static enum err_kind copy_first(char *(*lookup)(const char *name), const char *value,
    const char *const *names, char **ret_value, struct err *err)
{
	for (; *names && !value; names++)
		value = lookup(*names);
	if (!value || !*value)
		return ERR_OK;
	*ret_value = strdup(value);
	if (!*ret_value)
		return err_set(err, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

static bool has_known_scheme(const char *url)
{
	static const char *const schemes[] = { "http", "https", "socks4", "socks4a",
		"socks5", "socks5h" };
	const char *end = strstr(url, "://");

	for (size_t i = 0; end && i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strlen(schemes[i]) == (size_t)(end - url) &&
		    !strncasecmp(url, schemes[i], strlen(schemes[i])))
			return true;
	return !end;
}

static enum err_kind check(const char *url, struct err *err)
{
	_cleanup_(curl_url_cleanupp) CURLU *parts = curl_url();
	char peer[128];

	if (!url || !*url)
		return ERR_OK;
	if (!parts)
		return err_set(err, ERR_NOMEM, "out of memory");
	(void)proxy_peer(url, peer, sizeof(peer));
	if (!has_known_scheme(url))
		return err_set(err, ERR_USAGE,
		    "a proxy is http, https, socks4, socks4a, socks5 or socks5h, as "
		    "socks5h://HOST:PORT; that of '%s' is none of them",
		    peer);
	if (!*peer ||
	    curl_url_set(parts, CURLUPART_URL, url,
		CURLU_NON_SUPPORT_SCHEME | CURLU_DEFAULT_SCHEME | CURLU_GUESS_SCHEME))
		return err_set(err, ERR_USAGE,
		    "the proxy '%s' can't be read; write it as http://HOST:PORT", peer);
	return ERR_OK;
}

enum err_kind proxies_make(char *(*lookup)(const char *name), const char *url,
    const char *except, struct proxies *ret_proxies, struct err *err)
{
	_cleanup_(proxies_release) struct proxies proxies = { 0 };
	enum err_kind kind = check(url, err);

	if (kind == ERR_OK)
		kind = copy_first(lookup, url, proxy_names, &proxies.url, err);
	if (kind == ERR_OK)
		kind = copy_first(lookup, except, except_names, &proxies.except, err);
	if (kind != ERR_OK)
		return kind;
	ret_proxies->url = TAKE_PTR(proxies.url);
	ret_proxies->except = TAKE_PTR(proxies.except);
	return ERR_OK;
}

void proxies_release(struct proxies *proxies)
{
	free(proxies->url);
	free(proxies->except);
	*proxies = (struct proxies){ 0 };
}

/* Is `host` the name `entry`, or below it? A leading dot or "*." changes nothing. */
static bool name_covers(const char *entry, size_t len, const char *host)
{
	size_t host_len = strlen(host);

	if (len > 1 && entry[0] == '*' && entry[1] == '.') {
		entry += 2;
		len -= 2;
	} else if (len > 0 && entry[0] == '.') {
		entry++;
		len--;
	}
	if (len > 0 && entry[len - 1] == '.')
		len--;
	if (host_len > 0 && host[host_len - 1] == '.')
		host_len--;
	if (len == 0 || len > host_len)
		return false;
	if (strncasecmp(host + host_len - len, entry, len) != 0)
		return false;
	return len == host_len || host[host_len - len - 1] == '.';
}

static bool entry_covers(const char *entry, size_t len, const char *host)
{
	char text[256];
	struct addr addr;

	if (len == 1 && entry[0] == '*')
		return true;
	if (len >= sizeof(text))
		return false;
	if (!addr_parse(host, &addr))
		return name_covers(entry, len, host);
	memcpy(text, entry, len);
	text[len] = '\0';
	return addr_is_in(&addr, text);
}

static bool is_excepted(const char *list, const char *host)
{
	static const char separators[] = ", \t";

	for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
		const size_t len = strcspn(list, separators);

		if (entry_covers(list, len, host))
			return true;
		list += len;
	}
	return false;
}

const char *proxies_for(const struct proxies *proxies, const struct link *link)
{
	if (!proxies->url || link->is_loopback)
		return NULL;
	if (proxies->except && is_excepted(proxies->except, link->host))
		return NULL;
	return proxies->url;
}

const char *proxy_peer(const char *proxy, char *into, size_t room)
{
	const char *scheme = strstr(proxy, "://");
	const char *host = scheme ? scheme + 3 : proxy;
	/* The last one, wherever: nobody has to escape a '/' or '#' in a password. */
	const char *at = strrchr(host, '@');
	const char *peer = at ? at + 1 : host;

	(void)snprintf(into, room, "%.*s", (int)strcspn(peer, "/?#"), peer);
	text_make_printable(into);
	return into;
}
