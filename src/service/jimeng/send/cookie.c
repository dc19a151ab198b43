/*
 * Which form it is, is told by its shape: a line with six tabs is Netscape cookies.txt, a
 * text that begins with a bracket JSON, then there are requests (cookie_request.c), a
 * lone word is a sessionid, and "a=b; c=d" a Cookie header's value. Every copy made on
 * the way is wiped.
 */
#include "service/jimeng/send/cookie.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/redact.h"
#include "service/jimeng/send/cookie_jar.h"

enum {
	SESSIONID_MAX = 256,
	NETSCAPE_FIELDS = 7,
};

static const char http_only[] = "#HttpOnly_";
static const char byte_order_mark[] = "\xef\xbb\xbf";

static void jar_release(struct cookie_jar *jar)
{
	cookie_buf_release(&jar->header);
}

static bool has_control(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (iscntrl((unsigned char)s.bytes[i]))
			return true;
	return false;
}

static bool is_bare_session(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.bytes[i]) && !strchr("%_-", s.bytes[i]))
			return false;
	return s.len > 0 && s.len <= SESSIONID_MAX;
}

static bool is_netscape(struct span text)
{
	struct span line, field;

	while (span_next(&text, '\n', &line)) {
		size_t n = 0;

		while (span_next(&line, '\t', &field))
			n++;
		if (n >= NETSCAPE_FIELDS)
			return true;
	}
	return false;
}

/* Reads digits alone; 0 for anything else. */
static int64_t number_of(struct span s)
{
	int64_t value = 0;

	if (s.len == 0 || s.len > 12)
		return 0;
	for (size_t i = 0; i < s.len; i++) {
		if (!isdigit((unsigned char)s.bytes[i]))
			return 0;
		value = value * 10 + (s.bytes[i] - '0');
	}
	return value;
}

static void add_line(struct span line, struct cookie_jar *jar)
{
	struct span field[NETSCAPE_FIELDS] = { 0 };
	size_t n = 0;

	if (line.len && line.bytes[line.len - 1] == '\r')
		line.len--;
	if (line.len >= strlen(http_only) &&
	    !memcmp(line.bytes, http_only, strlen(http_only))) {
		line.bytes += strlen(http_only);
		line.len -= strlen(http_only);
	} else if (line.len && line.bytes[0] == '#') {
		return;
	}
	while (n < NETSCAPE_FIELDS - 1 && span_next(&line, '\t', &field[n]))
		n++;
	if (n < NETSCAPE_FIELDS - 1 || !line.bytes)
		return;
	if (cookie_domain_counts(field[0], jar->home))
		cookie_jar_add(jar, field[5], line, number_of(field[4]));
	else
		jar->has_foreign = true;
}

static void add_netscape(struct span text, struct cookie_jar *jar)
{
	struct span line;

	while (span_next(&text, '\n', &line))
		add_line(line, jar);
}

/* Quotes around all of it are a shell's, or a JSON string's. */
static struct span unquote(struct span s)
{
	while (
	    s.len >= 2 && strchr("\"'", s.bytes[0]) && s.bytes[s.len - 1] == s.bytes[0])
		s = span_trim((struct span){ s.bytes + 1, s.len - 2 });
	return s;
}

/* A form with names of its own, or what may be one, and only the name of its session. */
static void add_plain(struct span text, struct cookie_jar *jar)
{
	text = unquote(text);
	if (span_begins(text, "cookie:"))
		text = unquote(span_trim(span_behind(text, ":")));
	if (is_bare_session(text))
		cookie_jar_add(jar, span_of("sessionid"), text, 0);
	else if (cookie_is_header(text))
		cookie_jar_add_header(jar, text);
}

static void read_any(struct span text, struct cookie_jar *jar)
{
	if (is_netscape(text))
		add_netscape(text, jar);
	else if (!cookie_read_json(span_trim(text), jar) &&
	    !cookie_read_request(span_trim(text), jar))
		add_plain(span_trim(text), jar);
}

static enum err_kind check(
    const struct cookie_jar *jar, size_t given_len, struct err *err)
{
	const struct span text = { jar->header.data, jar->header.len };

	if (buf_failed(&jar->header) && given_len <= COOKIE_MAX)
		return err_set(err, ERR_NOMEM, "no memory for the cookie");
	if (buf_failed(&jar->header))
		return err_set(err, ERR_AUTH,
		    "the cookie is longer than %d bytes; keep only sessionid=...",
		    COOKIE_MAX);
	if (has_control(text) || !cookie_is_header(text))
		return err_set(err, ERR_AUTH,
		    "the cookie has line breaks, control characters or broken names; "
		    "write it on one line: sessionid=...");
	if (cookie_has_session(text))
		return ERR_OK;
	if (jar->has_foreign)
		return err_set(err, ERR_AUTH,
		    "these are cookies of another site, and none is named sessionid for "
		    "%s; log in there with the browser and copy them again",
		    jar->home->domain);
	return err_set(err, ERR_AUTH,
	    "no sessionid is in it; give sessionid=..., the value of a Cookie header, a "
	    "request copied as cURL, PowerShell, fetch, HAR or as its header lines, or "
	    "the cookies as JSON or cookies.txt");
}

enum err_kind cookie_parse(const char *text, const struct cookie_home *home,
    char **ret_cookie, int64_t *ret_expires_unix, struct err *err)
{
	_cleanup_(jar_release) struct cookie_jar jar = { .header = buf_make(COOKIE_MAX),
		.home = home };
	struct span all = { text, text ? strnlen(text, COOKIE_FILE_MAX) : 0 };
	int64_t expires_unix;
	char *taken;

	if (all.len >= 3 && !memcmp(all.bytes, byte_order_mark, 3))
		all = (struct span){ all.bytes + 3, all.len - 3 };
	if (span_trim(all).len == 0)
		return err_set(err, ERR_AUTH,
		    "the cookie is empty; give it as sessionid=... from a browser that "
		    "is logged in");
	read_any(all, &jar);
	if (check(&jar, all.len, err))
		return err->kind;
	expires_unix = cookie_expires_unix(jar.header.data);
	taken = buf_take(&jar.header);
	if (!taken)
		return err_set(err, ERR_NOMEM, "no memory for the cookie");
	*ret_cookie = taken;
	*ret_expires_unix = expires_unix ? expires_unix : jar.expires_unix;
	return ERR_OK;
}

char *cookie_as_file(
    const char *cookie, int64_t expires_unix, const struct cookie_home *home)
{
	_cleanup_(cookie_buf_release) struct buf text = buf_make(COOKIE_FILE_MAX);
	struct span rest = span_of(cookie), part, name;
	const struct cookie_home site = { .domain = home->domain };
	struct span host = cookie_host(home->api_host);
	bool is_below;

	if (expires_unix <= 0 || cookie_expires_unix(cookie) > 0)
		return strdup(cookie);
	is_below = !host.len || cookie_domain_counts(host, &site);
	if (is_below)
		host = span_of(home->domain);
	while (span_next(&rest, ';', &part)) {
		part = span_trim(part);
		if (!part.len || !memchr(part.bytes, '=', part.len))
			continue;
		span_next(&part, '=', &name);
		buf_add(&text, ".", is_below ? 1 : 0);
		buf_add(&text, host.bytes, host.len);
		buf_addf(&text, "\tTRUE\t/\tTRUE\t%" PRId64 "\t", expires_unix);
		buf_add(&text, name.bytes, name.len);
		buf_add(&text, "\t", 1);
		buf_add(&text, part.bytes, part.len);
		buf_add(&text, "\n", 1);
	}
	return buf_take(&text);
}

/* Reads one decimal field of sid_guard; 0 when it is none. */
static int64_t guard_number(struct span *rest)
{
	struct span field;

	return span_next(rest, '|', &field) ? number_of(field) : 0;
}

/* "%7C" is how browsers keep '|'. */
static struct span decode_bars(struct span in, char *into, size_t room)
{
	size_t len = 0;

	for (size_t i = 0; i < in.len && len < room; i++) {
		if (in.len - i >= 3 && !strncasecmp(in.bytes + i, "%7c", 3)) {
			into[len++] = '|';
			i += 2;
		} else {
			into[len++] = in.bytes[i];
		}
	}
	return (struct span){ into, len };
}

int64_t cookie_expires_unix(const char *cookie)
{
	struct span guard, session;
	char plain[512];
	int64_t issued, life_s;

	if (!cookie || !cookie_find(span_of(cookie), "sid_guard", &guard))
		return 0;
	guard = decode_bars(guard, plain, sizeof(plain));
	span_next(&guard, '|', &session);
	issued = guard_number(&guard);
	life_s = guard_number(&guard);
	redact_wipe(plain, sizeof(plain));
	return issued > 0 && life_s > 0 ? issued + life_s : 0;
}
