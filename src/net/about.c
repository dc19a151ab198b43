#include "net/about.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/cleanup.h"
#include "net/link.h"
#include "net/proxy.h"

const char *net_versions(char *into, size_t room)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	(void)snprintf(into, room, "libcurl/%s %s zlib/%s", info->version,
	    info->ssl_version ? info->ssl_version : "",
	    info->libz_version ? info->libz_version : "-");
	return into;
}

enum err_kind net_proxy_of(
    const char *url, const struct net_way *way, char *into, size_t room, struct err *err)
{
	_cleanup_(link_release) struct link link = { 0 };
	_cleanup_(proxies_release) struct proxies proxies = { 0 };
	const char *proxy;

	if (link_make(url, ERR_USAGE, &link, err) ||
	    proxies_make(getenv, way->proxy, way->no_proxy, &proxies, err))
		return err->kind;
	into[0] = '\0';
	proxy = proxies_for(&proxies, &link);
	if (proxy)
		(void)proxy_peer(proxy, into, room);
	return ERR_OK;
}

const char *net_ca_file(const char *given)
{
	static const char *const names[] = { "DREAMQ_CA_FILE", "CURL_CA_BUNDLE",
		"SSL_CERT_FILE" };
	const char *file = given;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !file; i++)
		file = getenv(names[i]);
	return file && *file ? file : NULL;
}

const char *net_trust(const struct net_way *way, char *into, size_t room)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	const char *file = net_ca_file(way->ca_file);

	if (!file)
		file = info->age >= CURLVERSION_SEVENTH ? info->cainfo : NULL;
	(void)snprintf(into, room, "%s", file ? file : "");
	return into;
}

enum err_kind net_host_of(
    const char *url, char *into, size_t room, unsigned *ret_port, struct err *err)
{
	_cleanup_(link_release) struct link link = { 0 };
	const char *host;

	if (link_make(url, ERR_USAGE, &link, err))
		return err->kind;
	host = link.host[0] == '[' ? link.host + 1 : link.host;
	(void)snprintf(into, room, "%.*s", (int)strcspn(host, "]"), host);
	*ret_port = link.port;
	return ERR_OK;
}
