#include "web/guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "web/token.h"

enum { HOST_MAX = 80, PLAIN_PORT = 80 };

static const struct guard_answer answers[] = {
	[GUARD_PASSES] = { 200, "" },
	[GUARD_FIELDS] = { 431, "too many header fields" },
	[GUARD_TARGET] = { 400, "there is no such path" },
	[GUARD_LENGTH] = { 400, "the length of the body is not clear" },
	[GUARD_HOST] = { 421, "the Host is not this server's" },
	[GUARD_SITE] = { 403, "another site may not ask" },
	[GUARD_ORIGIN] = { 403, "the Origin is not this server's" },
	[GUARD_TOKEN] = { 401, "the token is missing, or wrong" },
	[GUARD_TYPE] = { 415, "the body must be application/json" },
};

const struct guard_answer *guard_answer(enum guard_verdict verdict)
{
	return &answers[verdict];
}

/* --- the rules, each for itself ---------------------------------------------------- */

static enum guard_verdict judge_fields(const struct web_request *request)
{
	return request->n_fields > WEB_FIELDS_MAX ? GUARD_FIELDS : GUARD_PASSES;
}

/* From the root, in visible characters; its path with nothing that leads out of where it
 * is, and nothing to decode. */
static enum guard_verdict judge_target(const struct web_request *request)
{
	const char *target = request->target;
	const size_t path_len = strcspn(target, "?");

	if (target[0] != '/')
		return GUARD_TARGET;
	for (size_t i = 0; target[i]; i++) {
		const char c = target[i];

		if (c <= ' ' || c > '~' || strchr("\\\"<>#", c))
			return GUARD_TARGET;
		if (i < path_len &&
		    (c == '%' || (c == '/' && target[i + 1] == '/') ||
			(c == '/' && target[i + 1] == '.')))
			return GUARD_TARGET;
	}
	return GUARD_PASSES;
}

static enum guard_verdict judge_length(const struct web_request *request)
{
	size_t lengths, codings;
	const char *length = web_field(request, "Content-Length", &lengths);
	const char *coding = web_field(request, "Transfer-Encoding", &codings);

	if (lengths + codings > 1)
		return GUARD_LENGTH;
	if (length && (!*length || strspn(length, "0123456789") != strlen(length)))
		return GUARD_LENGTH;
	if (coding && strcasecmp(coding, "chunked") != 0)
		return GUARD_LENGTH;
	return GUARD_PASSES;
}

/* Is it one of our names, with our port? `value` as in Host. */
static bool is_ours(const struct guard *guard, const char *value)
{
	const char *const names[] = { guard->address, "localhost" };
	char host[HOST_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(
		    host, sizeof(host), "%s:%u", names[i], (unsigned)guard->port);
		if (!strcasecmp(value, host) ||
		    (guard->port == PLAIN_PORT && !strcasecmp(value, names[i])))
			return true;
	}
	return false;
}

static enum guard_verdict judge_host(
    const struct guard *guard, const struct web_request *request)
{
	size_t n;
	const char *host = web_field(request, "Host", &n);

	return n == 1 && is_ours(guard, host) ? GUARD_PASSES : GUARD_HOST;
}

/* "same-site" is another port: somebody else. What is not there is no browser's. */
static enum guard_verdict judge_site(const struct web_request *request)
{
	size_t n;
	const char *site = web_field(request, "Sec-Fetch-Site", &n);

	return n == 0 || (n == 1 && !strcmp(site, "same-origin")) ? GUARD_PASSES
								  : GUARD_SITE;
}

static enum guard_verdict judge_origin(
    const struct guard *guard, const struct web_request *request)
{
	static const char scheme[] = "http://";
	size_t n;
	const char *origin = web_field(request, "Origin", &n);

	if (n == 0)
		return GUARD_PASSES;
	return n == 1 && !strncmp(origin, scheme, strlen(scheme)) &&
		is_ours(guard, origin + strlen(scheme))
	    ? GUARD_PASSES
	    : GUARD_ORIGIN;
}

static enum guard_verdict judge_token(
    const struct guard *guard, const struct web_request *request)
{
	static const char scheme[] = "Bearer ";
	size_t n;
	const char *value = web_field(request, "Authorization", &n);

	if (!guard->token)
		return GUARD_PASSES;
	return n == 1 && !strncasecmp(value, scheme, strlen(scheme)) &&
		token_equal(guard->token, value + strlen(scheme))
	    ? GUARD_PASSES
	    : GUARD_TOKEN;
}

static enum guard_verdict judge_type(const struct web_request *request)
{
	size_t n;
	const char *type = web_field(request, "Content-Type", &n);

	return n == 1 && web_is_type(type, "application/json") ? GUARD_PASSES
							       : GUARD_TYPE;
}

/* --- all of them ------------------------------------------------------------------- */

enum guard_verdict guard_judge(
    const struct guard *guard, const struct web_request *request, unsigned wants)
{
	enum guard_verdict verdict = judge_fields(request);

	if (!verdict)
		verdict = judge_target(request);
	if (!verdict)
		verdict = judge_length(request);
	if (!verdict)
		verdict = judge_host(guard, request);
	if (!verdict)
		verdict = judge_site(request);
	if (!verdict)
		verdict = judge_origin(guard, request);
	if (!verdict && (wants & GUARD_WANTS_DATA))
		verdict = judge_token(guard, request);
	if (!verdict && (wants & GUARD_WANTS_BODY))
		verdict = judge_type(request);
	return verdict;
}
