/*
 * Cookies as JSON: a list of what extensions export, a browser's state with "cookies" in
 * it, a plain object of names, HAR or a part of it. Rows for other domains, requests to
 * other hosts and whole answers are left out. The tree is wiped.
 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "service/jimeng/send/cookie_jar.h"

static void wipe(cJSON *value)
{
	for (; value; value = value->next) {
		if (value->valuestring)
			redact_wipe(value->valuestring, strlen(value->valuestring));
		wipe(value->child); /* json_parse() bounds the depth */
	}
}

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(member) ? member->valuestring : NULL;
}

/* Of the names that exporters use: seconds, milliseconds or ISO; 0 unknown or none. */
static int64_t expiry_of(const cJSON *object)
{
	static const char *const keys[] = { "expirationDate", "expires", "expiry",
		"Expires raw", "expiresDate" };
	static const double year_5000_s = 95617584000.0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, keys[i]);
		int64_t unix_ms = -1;

		if (cJSON_IsString(member))
			unix_ms = clock_parse_iso(member->valuestring);
		else if (cJSON_IsNumber(member) &&
		    member->valuedouble > year_5000_s * 1000)
			continue;
		else if (cJSON_IsNumber(member) && member->valuedouble > year_5000_s)
			unix_ms = (int64_t)member->valuedouble;
		else if (cJSON_IsNumber(member) && member->valuedouble > 0)
			unix_ms = (int64_t)(member->valuedouble * 1000);
		if (unix_ms > 0)
			return unix_ms / 1000;
	}
	return 0;
}

/* Reads {"name": "sessionid", "value": "..."}: a cookie, or a header of a request. */
static void read_row(const cJSON *object, struct cookie_jar *jar)
{
	const char *name = text_of(object, "name"), *value = text_of(object, "value");
	const char *domain = text_of(object, "domain");

	if (!name || !value)
		return;
	domain = domain ? domain : text_of(object, "host");
	if (domain && !cookie_domain_counts(span_of(domain), jar->home))
		jar->has_foreign = true;
	else if (!domain && !strcasecmp(name, "cookie"))
		cookie_jar_add_header(jar, span_of(value));
	else
		cookie_jar_add(jar, span_of(name), span_of(value), expiry_of(object));
}

static bool is_foreign(const cJSON *object, const struct cookie_jar *jar)
{
	const char *url = text_of(object, "url");

	return url && !cookie_domain_counts(cookie_host(url), jar->home);
}

static bool is_done(const struct cookie_jar *jar)
{
	return cookie_has_session((struct span){ jar->header.data, jar->header.len });
}

static void read_value(const cJSON *value, struct cookie_jar *jar);

/* Rows of names and values that are no cookies, or not those that were sent. */
static bool is_skipped(const char *key)
{
	static const char *const keys[] = { "response", "queryString", "postData",
		"origins", "localStorage", "sessionStorage" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

/* A list of names and values, or an object of them: the Cookie header alone counts. */
static void read_headers(const cJSON *headers, struct cookie_jar *jar)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, headers) {
		const char *name =
		    member->string ? member->string : text_of(member, "name");
		const char *value = member->string && cJSON_IsString(member)
		    ? member->valuestring
		    : text_of(member, "value");

		if (name && value && !strcasecmp(name, "cookie"))
			cookie_jar_add_header(jar, span_of(value));
	}
}

/* The headers first: a Cookie header is the whole of it. */
static void read_members(const cJSON *object, struct cookie_jar *jar)
{
	const cJSON *headers = cJSON_GetObjectItemCaseSensitive(object, "headers");
	const cJSON *member;

	read_headers(headers, jar);
	cJSON_ArrayForEach(member, object) {
		if (member == headers || is_skipped(member->string))
			continue;
		if (headers && is_done(jar))
			return;
		read_value(member, jar);
	}
}

static void read_array(const cJSON *array, struct cookie_jar *jar)
{
	const bool is_of_rows = text_of(array->child, "name") != NULL;
	const cJSON *member;

	cJSON_ArrayForEach(member, array)
		if (is_of_rows || !is_done(jar))
			read_value(member, jar);
}

static void read_object(const cJSON *value, struct cookie_jar *jar)
{
	const cJSON *member;

	if (is_foreign(value, jar)) {
		jar->has_foreign = true;
	} else if (text_of(value, "name") && text_of(value, "value")) {
		read_row(value, jar);
	} else if (text_of(value, "cookie") || text_of(value, "Cookie")) {
		const char *lower = text_of(value, "cookie");

		cookie_jar_add_header(
		    jar, span_of(lower ? lower : text_of(value, "Cookie")));
	} else if (text_of(value, "sessionid") || text_of(value, "sessionid_ss")) {
		cJSON_ArrayForEach(member, value)
			if (cJSON_IsString(member))
				cookie_jar_add(jar, span_of(member->string),
				    span_of(member->valuestring), 0);
	} else {
		read_members(value, jar);
	}
}

static void read_value(const cJSON *value, struct cookie_jar *jar)
{
	if (cJSON_IsArray(value))
		read_array(value, jar);
	else if (cJSON_IsObject(value))
		read_object(value, jar);
}

bool cookie_read_json(struct span text, struct cookie_jar *jar)
{
	struct err ignored;
	cJSON *json = NULL;

	if (text.len == 0 || !strchr("[{", *text.bytes) ||
	    json_parse(text.bytes, text.len, &json, &ignored))
		return false;
	read_value(json, jar);
	wipe(json);
	cJSON_Delete(json);
	return true;
}
