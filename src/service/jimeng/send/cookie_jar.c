#include "service/jimeng/send/cookie_jar.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/redact.h"

/* What a login is known by; each alone is enough for reading. */
static const char *const session_names[] = { "sessionid", "sessionid_ss", NULL };

/* --- stretches of text ------------------------------------------------------------ */

struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

struct span span_trim(struct span s)
{
	while (s.len && isspace((unsigned char)s.bytes[0])) {
		s.bytes++;
		s.len--;
	}
	while (s.len && isspace((unsigned char)s.bytes[s.len - 1]))
		s.len--;
	return s;
}

bool span_equals(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.bytes, text, s.len);
}

bool span_begins(struct span s, const char *text)
{
	const size_t len = strlen(text);

	return s.len >= len && !strncasecmp(s.bytes, text, len);
}

struct span span_behind(struct span s, const char *text)
{
	const size_t len = strlen(text);
	const char *at = s.len ? memmem(s.bytes, s.len, text, len) : NULL;

	if (!at)
		return (struct span){ 0 };
	return (struct span){ at + len, s.len - (size_t)(at - s.bytes) - len };
}

bool span_next(struct span *rest, char stop, struct span *ret_part)
{
	const char *at;

	if (!rest->bytes)
		return false;
	at = rest->len ? memchr(rest->bytes, stop, rest->len) : NULL;
	if (!at) {
		*ret_part = *rest;
		*rest = (struct span){ 0 };
		return true;
	}
	*ret_part = (struct span){ rest->bytes, (size_t)(at - rest->bytes) };
	rest->len -= ret_part->len + 1;
	rest->bytes = at + 1;
	return true;
}

/* --- whose it is ------------------------------------------------------------------- */

/* Is `host` the domain, or below it? */
static bool is_within(struct span host, const char *domain, size_t len)
{
	if (host.len < len || strncasecmp(host.bytes + host.len - len, domain, len) != 0)
		return false;
	return host.len == len || host.bytes[host.len - len - 1] == '.';
}

struct span cookie_host(const char *url)
{
	const char *scheme = url ? strstr(url, "://") : NULL;
	const char *host = scheme ? scheme + 3 : url;

	return (struct span){ host, host ? strcspn(host, ":/?#") : 0 };
}

bool cookie_domain_counts(struct span domain, const struct cookie_home *home)
{
	const struct span host = cookie_host(home->api_host);

	if (domain.len && domain.bytes[0] == '.') {
		domain.bytes++;
		domain.len--;
	}
	if (domain.len == 0)
		return false;
	if (is_within(domain, home->domain, strlen(home->domain)))
		return true;
	return host.len && is_within(host, domain.bytes, domain.len);
}

/* --- cookies ------------------------------------------------------------------------ */

bool cookie_find(struct span cookie, const char *name, struct span *ret_value)
{
	struct span part, key;

	while (span_next(&cookie, ';', &part)) {
		part = span_trim(part);
		if (!part.len || !memchr(part.bytes, '=', part.len))
			continue;
		span_next(&part, '=', &key);
		if (span_equals(key, name)) {
			*ret_value = part;
			return true;
		}
	}
	return false;
}

static bool is_session(struct span name)
{
	for (size_t i = 0; session_names[i]; i++)
		if (span_equals(name, session_names[i]))
			return true;
	return false;
}

bool cookie_has_session(struct span cookie)
{
	struct span value;

	for (size_t i = 0; session_names[i]; i++)
		if (cookie_find(cookie, session_names[i], &value) && value.len)
			return true;
	return false;
}

/* RFC 9110's token, of which names are made. */
static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.bytes[i]) &&
		    (s.bytes[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", s.bytes[i])))
			return false;
	return true;
}

bool cookie_is_header(struct span cookie)
{
	struct span part = { NULL, 0 }, name = { NULL, 0 };

	while (span_next(&cookie, ';', &part)) {
		part = span_trim(part);
		span_next(&part, '=', &name);
		if (!is_token(name))
			return false;
	}
	return true;
}

void cookie_buf_release(struct buf *b)
{
	if (b->cap)
		redact_wipe(b->data, b->cap);
	buf_release(b);
}

void cookie_jar_add(
    struct cookie_jar *jar, struct span name, struct span value, int64_t expires_unix)
{
	char key[257];
	struct span seen;

	if (name.len == 0 || name.len >= sizeof(key) || !is_token(name))
		return;
	memcpy(key, name.bytes, name.len);
	key[name.len] = '\0';
	if (cookie_find((struct span){ jar->header.data, jar->header.len }, key, &seen))
		return;
	buf_addf(&jar->header, "%s%s=", jar->header.len ? "; " : "", key);
	buf_add(&jar->header, value.bytes, value.len);
	if (is_session(name) && expires_unix > 0 &&
	    (jar->expires_unix == 0 || expires_unix < jar->expires_unix))
		jar->expires_unix = expires_unix;
}

void cookie_jar_add_header(struct cookie_jar *jar, struct span value)
{
	value = span_trim(value);
	if (jar->header.len)
		buf_add(&jar->header, "; ", 2);
	buf_add(&jar->header, value.bytes, value.len);
}
