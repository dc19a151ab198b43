#include "net/link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "net/addr.h"

static bool is_printable_ascii(const char *text)
{
	while ((unsigned char)*text > ' ' && (unsigned char)*text < 0x7f)
		text++;
	return !*text;
}

/*
 * A blank in a link is a blemish of its sender, not an attack: curl encodes it. Where
 * there is nothing to encode it need not look at each byte for that.
 */
static unsigned parse_flags(const char *url)
{
	return CURLU_DISALLOW_USER | CURLU_PATH_AS_IS |
	    (is_printable_ascii(url) ? 0U : CURLU_URLENCODE);
}

static void curl_freep(char **text)
{
	curl_free(*text);
}

static enum err_kind refuse(struct err *err, enum err_kind kind, CURLUcode code)
{
	if (code == CURLUE_OUT_OF_MEMORY)
		return err_set(err, ERR_NOMEM, "out of memory while reading a URL");
	if (code == CURLUE_USER_NOT_ALLOWED)
		return err_set(err, kind, "the URL carries a user name, remove it");
	return err_set(err, kind, "the URL can't be read (%s)", curl_url_strerror(code));
}

static bool is_localhost(const char *host)
{
	static const char suffix[] = ".localhost";
	size_t len = strlen(host);

	if (len > 0 && host[len - 1] == '.')
		len--;
	if (len == strlen("localhost") && strncasecmp(host, "localhost", len) == 0)
		return true;
	return len >= sizeof(suffix) &&
	    strncasecmp(host + len - (sizeof(suffix) - 1), suffix, sizeof(suffix) - 1) ==
	    0;
}

static bool is_usual_port(const struct link *link)
{
	return link->port == (link->is_tls ? 443U : 80U);
}

static void classify(struct link *link)
{
	const bool is_local = is_localhost(link->host);
	struct addr addr;
	bool is_literal = addr_parse(link->host, &addr);

	/* "localhost" alone is what curl itself maps to loopback without asking DNS. */
	link->is_loopback = strcasecmp(link->host, "localhost") == 0 ||
	    (is_literal && addr_kind(&addr) == ADDR_LOOPBACK);
	link->is_private = is_local || (is_literal && addr_kind(&addr) != ADDR_PUBLIC);
}

/* Each part that a URL must have, once its scheme is known to be one of ours. */
static CURLUcode take_parts(struct link *link, char **ret_port, char **ret_path)
{
	CURLUcode code = curl_url_get(link->parts, CURLUPART_HOST, &link->host, 0);

	if (code == CURLUE_OK)
		code = curl_url_get(
		    link->parts, CURLUPART_PORT, ret_port, CURLU_DEFAULT_PORT);
	if (code == CURLUE_OK)
		code = curl_url_get(link->parts, CURLUPART_PATH, ret_path, 0);
	return code;
}

/* Has curl's parser nothing to put right: the scheme, slashes, a byte to encode? */
static bool is_as_made(const struct link *link, const char *text)
{
	const char *scheme = link->is_tls ? "https://" : "http://";
	const size_t len = strlen(scheme);

	return strncmp(text, scheme, len) == 0 && text[len] != '/' &&
	    is_printable_ascii(text);
}

/*
 * Put together from its parts. `given` is the whole URL that these were taken from, when
 * there was one: of one without anything to put right that is the same, and cheaper.
 */
static enum err_kind take_url(
    struct link *link, const char *given, enum err_kind kind, struct err *err)
{
	_cleanup_(curl_freep) char *made = NULL;
	const bool is_given = given && is_as_made(link, given);
	const CURLUcode code =
	    is_given ? CURLUE_OK : curl_url_get(link->parts, CURLUPART_URL, &made, 0);

	if (code != CURLUE_OK)
		return refuse(err, kind, code);
	link->url = strdup(is_given ? given : made);
	return link->url ? ERR_OK : refuse(err, kind, CURLUE_OUT_OF_MEMORY);
}

static enum err_kind take_scheme(struct link *link, enum err_kind kind, struct err *err)
{
	_cleanup_(curl_freep) char *scheme = NULL;
	const CURLUcode code = curl_url_get(link->parts, CURLUPART_SCHEME, &scheme, 0);

	if (code != CURLUE_OK)
		return refuse(err, kind, code);
	link->is_tls = strcmp(scheme, "https") == 0;
	if (!link->is_tls && strcmp(scheme, "http") != 0)
		return err_set(
		    err, kind, "the URL is '%.20s:', only https works", scheme);
	return ERR_OK;
}

static enum err_kind read_parts(struct link *link, enum err_kind kind, struct err *err)
{
	_cleanup_(curl_freep) char *port = NULL;
	_cleanup_(curl_freep) char *path = NULL;
	CURLUcode code;

	if (take_scheme(link, kind, err) != ERR_OK)
		return err->kind;
	code = take_parts(link, &port, &path);
	if (code != CURLUE_OK)
		return refuse(err, kind, code);
	if (!link->host || !is_printable_ascii(link->host))
		return err_set(
		    err, kind, "the URL has an odd host name, write it in ASCII");
	link->port = port ? (unsigned)strtoul(port, NULL, 10) : 0;
	(void)snprintf(link->peer, sizeof(link->peer), "%s:%s", link->host, port);
	(void)snprintf(link->shown, sizeof(link->shown), "http%s://%s%s",
	    link->is_tls ? "s" : "", is_usual_port(link) ? link->host : link->peer, path);
	return ERR_OK;
}

static enum err_kind judge(struct link *link, enum err_kind kind, struct err *err)
{
	const enum err_kind trouble = read_parts(link, kind, err);

	if (trouble != ERR_OK)
		return trouble;
	assert(link->host);
	classify(link);
	if (!link->is_tls && !link->is_loopback)
		return err_set(err, kind,
		    "plain http to '%s' is refused, only https leaves this machine",
		    link->peer);
	return ERR_OK;
}

enum err_kind link_make(
    const char *url, enum err_kind kind, struct link *ret_link, struct err *err)
{
	_cleanup_(link_release) struct link link = { .parts = curl_url() };
	enum err_kind trouble;
	CURLUcode code;

	if (!link.parts)
		return refuse(err, kind, CURLUE_OUT_OF_MEMORY);
	code = curl_url_set(link.parts, CURLUPART_URL, url, parse_flags(url));
	if (code != CURLUE_OK)
		return refuse(err, kind, code);
	trouble = judge(&link, kind, err);
	if (trouble == ERR_OK)
		trouble = take_url(&link, url, kind, err);
	if (trouble != ERR_OK)
		return trouble;
	*ret_link = link;
	link = (struct link){ 0 };
	return ERR_OK;
}

enum err_kind link_follow(
    const struct link *from, const char *location, struct link *ret_link, struct err *err)
{
	_cleanup_(link_release) struct link link = { .parts = curl_url_dup(from->parts) };
	enum err_kind trouble;
	CURLUcode code;

	if (!link.parts)
		return refuse(err, ERR_CONTRACT, CURLUE_OUT_OF_MEMORY);
	code = curl_url_set(link.parts, CURLUPART_URL, location, parse_flags(location));
	if (code != CURLUE_OK)
		return refuse(err, ERR_CONTRACT, code);
	trouble = judge(&link, ERR_CONTRACT, err);
	if (trouble == ERR_OK)
		trouble = take_url(&link, NULL, ERR_CONTRACT, err);
	if (trouble != ERR_OK)
		return trouble;
	if (from->is_tls && !link.is_tls)
		return err_set(err, ERR_CONTRACT,
		    "'%s' redirects from https to plain http", from->peer);
	*ret_link = link;
	link = (struct link){ 0 };
	return ERR_OK;
}

void link_release(struct link *link)
{
	curl_url_cleanup(link->parts);
	free(link->url);
	curl_free(link->host);
	*link = (struct link){ 0 };
}
