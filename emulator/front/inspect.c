#include "front/inspect.h"

#include <string.h>

#include "jimeng/sign.h"

struct wanted_header {
	const char *name;
	const char *value; /* NULL: any; else it must begin like this */
};

static const struct wanted_header query_headers[] = {
	{ "Content-Type", "application/json" },
	{ "accept", "application/json" },
	{ "appid", "5136" }, /* of all clusters */
	{ "appvr", NULL },
	{ "pf", NULL },
	{ "lan", NULL },
	{ "loc", NULL },
	{ "origin", NULL },
	{ "referer", NULL },
	{ 0 },
};

static const struct wanted_header submit_headers[] = {
	{ "Content-Type", "application/json" },
	{ 0 },
};

static const char *const query_arguments[] = { "aid", "device_platform", "region", NULL };
static const char *const no_arguments[] = { NULL };

struct expected {
	const struct wanted_header *headers;
	const char *const *arguments;
};

const struct expected expected_query = { query_headers, query_arguments };
const struct expected expected_submit = { submit_headers, no_arguments };

/* The value of a cookie called `name`, malloc'ed, or NULL. */
static char *cookie_value(const char *cookies, const char *name)
{
	size_t n = strlen(name);

	while (cookies && *cookies) {
		cookies += strspn(cookies, "; ");
		if (strncmp(cookies, name, n) == 0 && cookies[n] == '=') {
			const char *value = cookies + n + 1;

			return strndup(value, strcspn(value, "; "));
		}
		cookies += strcspn(cookies, ";");
	}
	return NULL;
}

static void read_session(struct request *r)
{
	const char *cookies = request_header(r, "Cookie");

	r->session = cookie_value(cookies, "sessionid");
	if (!r->session)
		r->session = cookie_value(cookies, "sessionid_ss");
	if (r->session && !*r->session) {
		free(r->session);
		r->session = NULL;
	}
}

static void collect_ids(struct request *r, const char *list)
{
	const json_t *id;
	size_t i;

	json_array_foreach(json_object_get(r->json, list), i, id)
	{
		if (json_is_string(id))
			request_add_id(r, json_string_value(id));
	}
}

/* Where the body of a request has ids: in lists, or one. */
static const char *const id_lists[] = { "submit_ids", "history_ids", "item_id_list",
	"uris", "vids" };
static const char *const id_fields[] = { "submit_id", "history_id" };

static void read_body(struct request *r)
{
	if (r->body.len)
		r->json =
		    json_loadb(r->body.data, r->body.len, JSON_REJECT_DUPLICATES, NULL);
	for (size_t i = 0; i < sizeof(id_lists) / sizeof(id_lists[0]); i++)
		collect_ids(r, id_lists[i]);
	for (size_t i = 0; i < sizeof(id_fields) / sizeof(id_fields[0]); i++) {
		const char *id =
		    json_string_value(json_object_get(r->json, id_fields[i]));

		if (id)
			request_add_id(r, id);
	}
}

/* A header is a violation when an earlier one has its name. */
static enum MHD_Result check_repeated(
    void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *r = cls;
	const char *first = request_header(r, name);

	(void)kind;
	if (first && value && first != value)
		request_violation(r, "header %s is sent more than once", name);
	return MHD_YES;
}

static void check_headers(struct request *r, const struct expected *expected)
{
	for (const struct wanted_header *w = expected->headers; w->name; w++) {
		const char *value = request_header(r, w->name);

		if (!value)
			request_violation(r, "missing header %s", w->name);
		else if (w->value && strncmp(value, w->value, strlen(w->value)) != 0)
			request_violation(r, "header %s is '%s'", w->name, value);
	}
	for (const char *const *name = expected->arguments; *name; name++)
		if (!*request_argument(r, *name))
			request_violation(r, "missing query parameter %s", *name);
}

void inspect_api(struct request *r, const struct expected *expected)
{
	read_session(r);
	read_body(r);
	(void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, check_repeated, r);
	check_headers(r, expected);
	r->sign = sign_name(sign_of(r));
}

void inspect_cdn(struct request *r)
{
	if (request_header(r, "Cookie"))
		request_violation(r, "cookie sent to the CDN");
	if (request_header(r, "Authorization"))
		request_violation(r, "authorization sent to the CDN");
	if (request_header(r, "Referer"))
		request_violation(r, "referer sent to the CDN");
}
