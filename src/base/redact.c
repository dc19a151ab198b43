/*
 * redact.c - when in doubt, more is hidden: a link ends only where no link
 * can go on (space, double quote, <, >, control character), and a secret's
 * value goes on across percent and \u escapes, save those of its delimiters.
 */
#include "base/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char mask[] = "…";

/* Whole names, in any case. A tab may part them from the value, too (cookies.txt). */
static const char *const secret_names[] = { "a_bogus", "lk3s", "msToken", "n_mh",
	"odin_tt", "passwd", "pwd", "s_v_web_id", "session_id", "sid", "sid_guard",
	"sid_tt", "sid_ucp_v1", "sig", "sign", "sso_uid_tt", "sso_uid_tt_ss",
	"ssid_ucp_v1", "tdid", "ttwid", "uid", "uid_tt", "uid_tt_ss", "webid",
	"x-amz-date", "x-amz-expires", "x-expires", "x-tos-date", "x-tos-expires" };

/* Parts that make any name a secret one. */
static const char *const secret_parts[] = { "apikey", "api_key", "api-key", "authoriz",
	"bearer", "cookie", "credential", "csrf", "passport", "password", "secret",
	"sessionid", "signature", "toutiao_sso", "token" };

/* Names whose value is the rest of the line. */
static const char *const line_parts[] = { "authoriz", "cookie" };

static bool has_part(
    const char *name, size_t len, const char *const *parts, size_t n_parts)
{
	for (size_t i = 0; i < n_parts; i++) {
		const size_t part = strlen(parts[i]);

		for (size_t at = 0; at + part <= len; at++)
			if (!strncasecmp(name + at, parts[i], part))
				return true;
	}
	return false;
}

static bool is_secret_name(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(secret_names); i++)
		if (strlen(secret_names[i]) == len &&
		    !strncasecmp(name, secret_names[i], len))
			return true;
	return has_part(name, len, secret_parts, COUNT(secret_parts));
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Is it a letter of hosts, ports and IPv6 brackets? */
static bool is_host_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr(".-:[]_", c));
}

static bool is_hex(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

static bool ends_link(char c)
{
	return (unsigned char)c <= ' ' || c == '"' || c == '<' || c == '>' || c == 0x7f;
}

/* The object's name in a path: the beginning of the last segment that is not empty, up to
 * its transform ("~tplv-…"), extension or anything that could be a parameter. */
static const char *object_name(const char *path, size_t len, size_t *ret_len)
{
	const char *start, *end = path + len;
	size_t n = 0;

	while (end > path && (end[-1] == '/' || end[-1] == '\\'))
		end--;
	start = end;
	while (start > path && start[-1] != '/')
		start--;
	while (start + n < end && is_name_char(start[n]))
		n++;
	*ret_len = n;
	return start;
}

/* Measures "/<32 hex>/<8 hex>/…": the signature and the expiry of a film's link. */
static size_t signature_length(const char *path, size_t len)
{
	if (len >= 42 && is_hex(path + 1, 32) && path[33] == '/' &&
	    is_hex(path + 34, 8) && (len == 42 || path[42] == '/'))
		return 42;
	return 0;
}

enum { NAME_SHOWN = 8, HOST_SHOWN = 100, SHOWN_MAX = 200 };

/* Where a link's parts lie; see link_find(). */
struct link {
	const char *text;
	size_t len, scheme, mark; /* "https" and "://" */
};

enum { SCHEME_MAX = 32 };

/*
 * Does a link begin here, at its scheme or, when that was odd, at its "://"? Its
 * length is that of the longest thing that could be one.
 */
static bool link_find(const char *text, struct link *ret_link)
{
	static const char *const marks[] = { "://", ":\\/\\/", "%3A%2F%2F",
		":\\u002f\\u002f", "%253A%252F%252F" };
	size_t scheme = 0, len;

	while (scheme < SCHEME_MAX &&
	    (isalnum((unsigned char)text[scheme]) ||
		(text[scheme] && strchr("+.-", text[scheme]))))
		scheme++;
	for (size_t i = 0; i < COUNT(marks); i++) {
		if (strncasecmp(text + scheme, marks[i], strlen(marks[i])) != 0)
			continue;
		len = scheme + strlen(marks[i]);
		while (text[len] && !ends_link(text[len]))
			len++;
		*ret_link = (struct link){ text, len, scheme, strlen(marks[i]) };
		return true;
	}
	return false;
}

/* The object behind the host: its name's end, and whether there was more to hide. */
static size_t describe_path(
    const char *path, const char *end, const char **ret_name, bool *ret_is_signed)
{
	size_t len = 0, skip, name_len;

	while (path + len < end && path[len] != '?' && path[len] != '#')
		len++;
	skip = signature_length(path, len);
	*ret_is_signed = skip || path + len < end;
	*ret_name = object_name(path + skip, len - skip, &name_len);
	if (name_len > NAME_SHOWN) {
		*ret_name += name_len - NAME_SHOWN;
		name_len = NAME_SHOWN;
	}
	return name_len;
}

static void describe(const struct link *link, char into[SHOWN_MAX])
{
	const char *end = link->text + link->len, *path, *name;
	const char *host = link->text + link->scheme + link->mark;
	size_t name_len, host_len = 0;
	bool is_signed, has_user;

	path = host;
	while (path < end && !strchr("/?#\\", *path))
		path++;
	name = memrchr(host, '@', (size_t)(path - host));
	has_user = name;
	host = name ? name + 1 : host;
	while (host_len < HOST_SHOWN && host + host_len < path &&
	    is_host_char(host[host_len]))
		host_len++;
	name_len = describe_path(path, end, &name, &is_signed);
	(void)snprintf(into, SHOWN_MAX, "%.*s://%.*s%s%.*s%s", (int)link->scheme,
	    link->text, (int)host_len, host, name_len ? "/…/" : "", (int)name_len, name,
	    is_signed || has_user ? " (signed)" : "");
}

const char *redact_url(const char *url, char *into, size_t room)
{
	char shown[SHOWN_MAX] = "(link)";
	struct link link;

	if (link_find(url, &link))
		describe(&link, shown);
	if (room) {
		(void)snprintf(into, room, "%s", shown);
		text_make_printable(into);
	}
	return into;
}

/* Appends what may be shown of the link; returns how much was read. */
static size_t add_link(struct buf *into, struct link *link)
{
	char shown[SHOWN_MAX];

	/* What closes a sentence or a bracket around a link does not belong to it. */
	while (link->len > link->scheme + link->mark &&
	    strchr("'.,;:!)]}\\", link->text[link->len - 1]))
		link->len--;
	describe(link, shown);
	buf_addf(into, "%s", shown);
	return link->len;
}

/* Bytes between a name and its value ("=", ": ", "\":\"", "%3D", ...), 0: no value. */
static size_t assignment_length(const char *text)
{
	const char *at = text + strspn(text, "\"\\' ");

	if (*text == '\t')
		return 1;
	if (*at == '=' || *at == ':')
		at++;
	else if (!strncasecmp(at, "%3D", 3) || !strncasecmp(at, "%3A", 3))
		at += 3;
	else if (!strncasecmp(at, "%253D", 5))
		at += 5;
	else
		return 0;
	return (size_t)(at - text);
}

/* Does the value go on with the escape at the front? Then its length, else 0. */
static size_t escape_length(const char *text)
{
	static const char *const delimiters[] = { "0022", "0026", "003b", "0009", "000a",
		"000d", "0020" };

	if (text[1] == '/' || text[1] == '\\')
		return 2;
	if (text[1] != 'u' || strnlen(text, 6) < 6)
		return 0;
	for (size_t i = 0; i < COUNT(delimiters); i++)
		if (!strncasecmp(text + 2, delimiters[i], 4))
			return 0;
	return 6;
}

/* Does the value end at this byte (not a backslash)? `quote` is what it began with. */
static bool ends_value(char c, char quote, bool is_line)
{
	if (c == '\n' || c == '\r')
		return true;
	if (quote)
		return c == quote;
	return !is_line && strchr(" \t;&<>\"", c);
}

/* A secret's length, with what opens it; `is_line`: to the end of the line or quotes. */
static size_t value_length(const char *text, bool is_line, bool may_be_quoted)
{
	size_t at = strspn(text, " \t\\\"'[{("), step;
	char quote = 0;

	if (memchr(text, '[', at) || memchr(text, '{', at))
		is_line = true;
	else if (may_be_quoted && at && (text[at - 1] == '"' || text[at - 1] == '\''))
		quote = text[at - 1];
	for (; text[at]; at += step) {
		step = 1;
		if (text[at] != '\\') {
			if (ends_value(text[at], quote, is_line))
				break;
			continue;
		}
		step = escape_length(text + at);
		if (step == 0 && (!is_line || quote))
			break;
		step = step ? step : 1;
	}
	return at;
}

/* A name and, when it is a secret's, its value blanked; returns how much was read. */
static size_t add_name(struct buf *into, const char *text)
{
	bool is_line, is_json;
	size_t len = 0, gap;

	while (is_name_char(text[len]))
		len++;
	buf_add(into, text, len);
	if (!is_secret_name(text, len))
		return len;
	gap = assignment_length(text + len);
	if (gap == 0)
		return len;
	is_line = has_part(text, len, line_parts, COUNT(line_parts));
	is_json = memchr(text + len, '"', gap);
	buf_addf(into, "%.*s%s", (int)gap, text + len, mask);
	return len + gap + value_length(text + len + gap, is_line, !is_line || is_json);
}

/* One step through free text; returns how much was read. */
static size_t add_piece(struct buf *into, const char *text)
{
	struct link link;
	size_t len = 0;

	if (link_find(text, &link))
		return add_link(into, &link);
	if (text[0] == '%' && is_hex(text + 1, 1) && is_hex(text + 2, 1))
		len = 3;
	else if (text[0] == '\\' && text[1])
		len = text[1] == 'u' && strnlen(text, 6) == 6 ? 6 : 2;
	if (len) {
		buf_add(into, text, len);
		return len;
	}
	if (is_name_char(*text))
		return add_name(into, text);
	buf_add(into, text, 1);
	return 1;
}

void redact_text(struct buf *into, const char *text)
{
	const size_t start = into->len;

	while (*text && !buf_failed(into))
		text += add_piece(into, text);
	if (into->len > start) {
		text_make_printable(into->data + start);
		into->len = start + strlen(into->data + start);
	}
}

void redact_wipe(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}
