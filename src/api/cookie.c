/*
 * Three forms, told apart by their shape: a line with six tabs is Netscape
 * cookies.txt, a text with '=' is a Cookie header's value, a lone word is a
 * sessionid. Every copy made on the way is wiped.
 */
#include "api/cookie.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/redact.h"

enum {
	COOKIE_FILE_MAX = 256 << 10, /* a whole browser's cookies.txt */
	COOKIE_MAX = 15 << 10, /* of the header; servers refuse more */
	SESSIONID_MAX = 256,
	NETSCAPE_FIELDS = 7,
	HOUR_S = 3600,
};

static const char service_domain[] = "jianying.com";
static const char http_only[] = "#HttpOnly_";
static const char byte_order_mark[] = "\xef\xbb\xbf";

/* What a login is known by; each alone is enough for reading. */
static const char *const session_names[] = { "sessionid", "sessionid_ss", NULL };

struct span {
	const char *bytes;
	size_t len;
};

static void wiped_release(struct buf *b)
{
	if (b->cap)
		redact_wipe(b->data, b->cap);
	buf_release(b);
}

static struct span trim(struct span s)
{
	while (s.len && isspace((unsigned char)s.bytes[0])) {
		s.bytes++;
		s.len--;
	}
	while (s.len && isspace((unsigned char)s.bytes[s.len - 1]))
		s.len--;
	return s;
}

/* Cut the part in front of the first `stop` (or all) off *rest; false at the end. */
static bool next_part(struct span *rest, char stop, struct span *ret_part)
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

static bool equals(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.bytes, text, s.len);
}

/* Find a cookie by name in "a=b; c=d". */
static bool find_value(struct span cookie, const char *name, struct span *ret_value)
{
	struct span part, key;

	while (next_part(&cookie, ';', &part)) {
		part = trim(part);
		if (!memchr(part.bytes, '=', part.len))
			continue;
		next_part(&part, '=', &key);
		if (equals(key, name)) {
			*ret_value = part;
			return true;
		}
	}
	return false;
}

static bool has_session(struct span cookie)
{
	struct span value;

	for (size_t i = 0; session_names[i]; i++)
		if (find_value(cookie, session_names[i], &value) && value.len)
			return true;
	return false;
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

	while (next_part(&text, '\n', &line)) {
		size_t n = 0;

		while (next_part(&line, '\t', &field))
			n++;
		if (n >= NETSCAPE_FIELDS)
			return true;
	}
	return false;
}

/* Is `host` the domain, or below it? */
static bool is_within(struct span host, const char *domain, size_t len)
{
	if (host.len < len || strncasecmp(host.bytes + host.len - len, domain, len) != 0)
		return false;
	return host.len == len || host.bytes[host.len - len - 1] == '.';
}

/* The host of a base URL, or of "host:port". */
static struct span bare_host(const char *api)
{
	const char *scheme = api ? strstr(api, "://") : NULL;
	const char *host = scheme ? scheme + 3 : api;

	return (struct span){ host, host ? strcspn(host, ":/?#") : 0 };
}

static bool domain_counts(struct span domain, const char *api_host)
{
	const struct span host = bare_host(api_host);

	if (domain.len && domain.bytes[0] == '.') {
		domain.bytes++;
		domain.len--;
	}
	if (domain.len == 0)
		return false;
	if (is_within(domain, service_domain, strlen(service_domain)))
		return true;
	return host.len && is_within(host, domain.bytes, domain.len);
}

static void add_line(struct span line, const char *api_host, struct buf *into)
{
	struct span field[NETSCAPE_FIELDS] = { 0 }, seen;
	size_t n = 0;
	char name[SESSIONID_MAX];

	if (line.len && line.bytes[line.len - 1] == '\r')
		line.len--;
	if (line.len >= strlen(http_only) &&
	    !memcmp(line.bytes, http_only, strlen(http_only))) {
		line.bytes += strlen(http_only);
		line.len -= strlen(http_only);
	} else if (line.len && line.bytes[0] == '#') {
		return;
	}
	while (n < NETSCAPE_FIELDS - 1 && next_part(&line, '\t', &field[n]))
		n++;
	if (n < NETSCAPE_FIELDS - 1 || !line.bytes || !domain_counts(field[0], api_host))
		return;
	field[6] = line;
	if (field[5].len == 0 || field[5].len >= sizeof(name))
		return;
	memcpy(name, field[5].bytes, field[5].len);
	name[field[5].len] = '\0';
	if (find_value((struct span){ into->data, into->len }, name, &seen))
		return;
	buf_addf(into, "%s%s=", into->len ? "; " : "", name);
	buf_add(into, field[6].bytes, field[6].len);
}

static void add_netscape(struct span text, const char *api_host, struct buf *into)
{
	struct span line;

	while (next_part(&text, '\n', &line))
		add_line(line, api_host, into);
}

static enum err_kind check(
    const struct buf *cookie, size_t given_len, bool is_file_of_many, struct err *err)
{
	const struct span text = { cookie->data, cookie->len };

	if (buf_failed(cookie) && given_len <= COOKIE_MAX)
		return err_set(err, ERR_NOMEM, "no memory for the cookie");
	if (buf_failed(cookie))
		return err_set(err, ERR_AUTH,
		    "the cookie is longer than %d bytes; keep only sessionid=...",
		    COOKIE_MAX);
	if (has_control(text))
		return err_set(err, ERR_AUTH,
		    "the cookie has line breaks or control characters; "
		    "write it on one line: sessionid=...");
	if (has_session(text))
		return ERR_OK;
	return err_set(err, ERR_AUTH,
	    is_file_of_many ? "no cookie named sessionid for jianying.com in the file; "
			      "log in with the browser and export it again"
			    : "the cookie has no sessionid; copy it from a browser that "
			      "is logged in: sessionid=...");
}

enum err_kind cookie_parse(
    const char *text, const char *api_host, char **ret_cookie, struct err *err)
{
	_cleanup_(wiped_release) struct buf cookie = buf_make(COOKIE_MAX);
	struct span all = { text, text ? strnlen(text, COOKIE_FILE_MAX) : 0 };
	const bool is_file_of_many = all.len && is_netscape(all);
	char *taken;

	if (all.len >= 3 && !memcmp(all.bytes, byte_order_mark, 3))
		all = (struct span){ all.bytes + 3, all.len - 3 };
	if (!is_file_of_many)
		all = trim(all);
	if (all.len >= 7 && !strncasecmp(all.bytes, "cookie:", 7))
		all = trim((struct span){ all.bytes + 7, all.len - 7 });
	if (all.len == 0)
		return err_set(err, ERR_AUTH,
		    "the cookie is empty; give it as sessionid=... from a browser that "
		    "is logged in");
	if (is_file_of_many)
		add_netscape(all, api_host, &cookie);
	else if (is_bare_session(all))
		buf_addf(&cookie, "sessionid=");
	if (!is_file_of_many)
		buf_add(&cookie, all.bytes, all.len);
	if (check(&cookie, all.len, is_file_of_many, err))
		return err->kind;
	taken = buf_take(&cookie);
	if (!taken)
		return err_set(err, ERR_NOMEM, "no memory for the cookie");
	*ret_cookie = taken;
	return ERR_OK;
}

enum err_kind cookie_load(
    const char *path, const char *api_host, char **ret_cookie, struct err *err)
{
	_cleanup_(wiped_release) struct buf text = buf_make(COOKIE_FILE_MAX);

	if (!path || !fs_exists(path))
		return err_set(err, ERR_AUTH,
		    "there is no cookie file '%s'; run 'dreamq auth import' first",
		    path ? path : "");
	if (fs_read_secret(path, &text, err))
		return err_note(err, "cookie file");
	if (memchr(text.data, '\0', text.len))
		return err_set(
		    err, ERR_AUTH, "'%s' is not text; run 'dreamq auth import'", path);
	if (cookie_parse(text.data, api_host, ret_cookie, err))
		return err_note(err, "cookie file '%s'", path);
	return ERR_OK;
}

/* One decimal field of sid_guard; 0 when it is none. */
static int64_t guard_number(struct span *rest)
{
	struct span field;
	int64_t value = 0;

	if (!next_part(rest, '|', &field) || field.len == 0 || field.len > 12)
		return 0;
	for (size_t i = 0; i < field.len; i++) {
		if (!isdigit((unsigned char)field.bytes[i]))
			return 0;
		value = value * 10 + (field.bytes[i] - '0');
	}
	return value;
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

	if (!cookie ||
	    !find_value((struct span){ cookie, strlen(cookie) }, "sid_guard", &guard))
		return 0;
	guard = decode_bars(guard, plain, sizeof(plain));
	next_part(&guard, '|', &session);
	issued = guard_number(&guard);
	life_s = guard_number(&guard);
	redact_wipe(plain, sizeof(plain));
	return issued > 0 && life_s > 0 ? issued + life_s : 0;
}

enum cookie_age cookie_age_at(int64_t expires_unix, int64_t now_unix)
{
	const int64_t left_s = expires_unix - now_unix;

	if (expires_unix <= 0 || left_s >= INT64_C(72) * HOUR_S)
		return COOKIE_FINE;
	if (left_s >= INT64_C(24) * HOUR_S)
		return COOKIE_DAYS;
	if (left_s >= HOUR_S)
		return COOKIE_DAY;
	return left_s > 0 ? COOKIE_HOUR : COOKIE_OVER;
}

static void describe_left(int64_t left_s, char *into, size_t room)
{
	const bool is_hours = left_s >= HOUR_S;
	const int64_t n = is_hours ? (left_s + HOUR_S / 2) / HOUR_S : (left_s + 59) / 60;

	(void)snprintf(into, room, "%lld %s%s", (long long)n,
	    is_hours ? "hour" : "minute", n == 1 ? "" : "s");
}

const char *cookie_age_words(const char *profile, int64_t expires_unix, int64_t now_unix,
    char into[COOKIE_AGE_WORDS_MAX])
{
	const enum cookie_age age = cookie_age_at(expires_unix, now_unix);
	const time_t expires = (time_t)expires_unix;
	char date[64] = "", left[32];
	struct tm utc;

	into[0] = '\0';
	if (age == COOKIE_FINE)
		return into;
	if (gmtime_r(&expires, &utc))
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
	describe_left(expires_unix - now_unix, left, sizeof(left));
	if (age == COOKIE_OVER)
		(void)snprintf(into, COOKIE_AGE_WORDS_MAX,
		    "the cookie of profile '%s' ended on %s, the service may refuse it; "
		    "log in "
		    "with the browser and run 'dreamq auth import'",
		    profile, date);
	else
		(void)snprintf(into, COOKIE_AGE_WORDS_MAX,
		    "the cookie of profile '%s' ends in %s, on %s; log in with the "
		    "browser and "
		    "run 'dreamq auth import'",
		    profile, left, date);
	return into;
}
