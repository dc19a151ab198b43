/*
 * Exactly the headers that were asked for, and none of curl's own. What comes in from
 * outside may not hold a line break, or it would smuggle headers of its own.
 */
#include "net/headers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/redact.h"

enum { HEADER_MAX = 16 * 1024 };

static bool is_clean(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' && *text != '\t')
			return false;
		if (*text == 0x7f)
			return false;
	}
	return true;
}

static bool header_is(const char *line, const char *name)
{
	const size_t len = strlen(name);

	return strncasecmp(line, name, len) == 0 && line[len] == ':';
}

static bool has_header(const struct net_spec *spec, const char *name)
{
	for (const char *const *h = spec->headers; h && *h; h++) {
		if (header_is(*h, name))
			return true;
	}
	return false;
}

static enum err_kind add_header(
    struct net_request *request, const char *line, struct err *err)
{
	struct curl_slist *longer = curl_slist_append(request->headers, line);

	if (!longer)
		return err_set(err, ERR_NOMEM, "out of memory");
	request->headers = longer;
	return ERR_OK;
}

/* Adds "Name: value"; curl wants "Name;" for an empty value. `name` without its colon. */
static enum err_kind add_named(
    struct net_request *request, const char *name, const char *value, struct err *err)
{
	struct buf line = buf_make(HEADER_MAX);
	enum err_kind kind;

	if (*value)
		buf_addf(&line, "%s: %s", name, value);
	else
		buf_addf(&line, "%s;", name);
	if (buf_failed(&line))
		kind = err_set(err, ERR_USAGE, "the header '%s' is too long", name);
	else
		kind = add_header(request, line.data, err);
	redact_wipe(line.data, line.len);
	buf_release(&line);
	return kind;
}

static enum err_kind add_given(
    struct net_request *request, const char *line, struct err *err)
{
	const char *colon = strchr(line, ':');
	const char *value = colon ? colon + 1 + strspn(colon + 1, " \t") : NULL;
	char name[128];

	if (!colon || colon == line || (size_t)(colon - line) >= sizeof(name) ||
	    !is_clean(line))
		return err_set(err, ERR_USAGE, "a header must be one 'Name: value' line");
	memcpy(name, line, (size_t)(colon - line));
	name[colon - line] = '\0';
	if (request->role == NET_CDN &&
	    (strcasecmp(name, "cookie") == 0 || strcasecmp(name, "authorization") == 0))
		return err_set(err, ERR_USAGE, "'%s' must not go to a CDN", name);
	return add_named(request, name, value, err);
}

/* "Name:" without a value keeps curl from adding a header of its own. */
static enum err_kind hush_curl(
    struct net_request *request, const struct net_spec *spec, struct err *err)
{
	static const char *const own[] = { "Accept", "Expect", "Content-Type",
		"User-Agent" };
	char line[32];

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (has_header(spec, own[i]))
			continue;
		(void)snprintf(line, sizeof(line), "%s:", own[i]);
		if (add_header(request, line, err) != ERR_OK)
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind add_range(
    struct net_request *request, const struct net_spec *spec, struct err *err)
{
	char range[48];

	if (spec->range_from <= 0)
		return ERR_OK;
	(void)snprintf(range, sizeof(range), "bytes=%lld-", (long long)spec->range_from);
	if (add_named(request, "Range", range, err) != ERR_OK)
		return err->kind;
	if (!spec->if_range)
		return ERR_OK;
	if (!*spec->if_range || !is_clean(spec->if_range))
		return err_set(err, ERR_USAGE, "the ETag to go on with is odd");
	return add_named(request, "If-Range", spec->if_range, err);
}

static enum err_kind add_cookie(
    struct net_request *request, const struct net_spec *spec, struct err *err)
{
	if (!spec->cookie)
		return ERR_OK;
	if (spec->role != NET_API)
		return err_set(err, ERR_USAGE, "a cookie must not go to a CDN");
	if (!*spec->cookie || !is_clean(spec->cookie))
		return err_set(err, ERR_USAGE, "the cookie has line breaks or is empty");
	return add_named(request, spec->cookie_header ? spec->cookie_header : "Cookie",
	    spec->cookie, err);
}

enum err_kind request_add_headers(
    struct net_request *request, const struct net_spec *spec, struct err *err)
{
	enum err_kind kind = hush_curl(request, spec, err);

	if (kind == ERR_OK && request->wants_gzip)
		kind = add_named(request, "Accept-Encoding", "gzip", err);
	for (const char *const *h = spec->headers; h && *h && kind == ERR_OK; h++)
		kind = add_given(request, *h, err);
	if (kind == ERR_OK)
		kind = add_cookie(request, spec, err);
	if (kind == ERR_OK)
		kind = add_range(request, spec, err);
	return kind;
}

void request_wipe_headers(struct net_request *request)
{
	for (struct curl_slist *h = request->headers; h; h = h->next)
		redact_wipe(h->data, strlen(h->data));
	curl_slist_free_all(request->headers);
	request->headers = NULL;
}
