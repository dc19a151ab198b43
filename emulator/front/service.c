#include "front/service.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "faults/fault.h"
#include "front/control.h"
#include "jimeng/api.h"
#include "jimeng/cdn.h"
#include "wire/http.h"

enum { GZIP_LEAST = 512, GZIP_WINDOW = 15 + 16 };

struct wanted_header {
	const char *name;
	const char *value; /* NULL: any; else it must begin like this */
};

static const struct wanted_header query_headers[] = {
	{ "Content-Type", "application/json" },
	{ "accept", "application/json" },
	{ "appid", "513695" },
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

static const struct route {
	const char *path;
	const char *word; /* as the fault script calls it */
	enum script_on on;
	void (*handle)(struct request *r);
	const struct wanted_header *headers;
	const char *const *arguments;
	size_t counter;
} routes[] = {
	{ "/mweb/v1/get_history_by_ids", "query", ON_QUERY, api_query, query_headers,
	    query_arguments, offsetof(struct counters, query) },
	{ "/mweb/v1/get_history_queue_info", "queue", ON_QUEUE, api_queue, query_headers,
	    query_arguments, offsetof(struct counters, queue) },
	{ "/commerce/v1/benefits/user_credit", "credit", ON_CREDIT, api_credit,
	    submit_headers, no_arguments, offsetof(struct counters, credit) },
	{ "/dreamina/mcp/v1/image_generate", "submit", ON_SUBMIT, api_submit_image,
	    submit_headers, no_arguments, offsetof(struct counters, submit) },
	{ "/dreamina/mcp/v1/video_generate", "submit", ON_SUBMIT, api_submit_video,
	    submit_headers, no_arguments, offsetof(struct counters, submit) },
};

static const struct route cdn_route = {
	.word = "cdn",
	.on = ON_CDN,
	.handle = cdn_serve,
	.counter = offsetof(struct counters, cdn),
};

static const struct route *find_route(const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (strcmp(routes[i].path, path) == 0)
			return &routes[i];
	return NULL;
}

static void count(struct emulator *emu, size_t counter)
{
	char *at = (char *)&emu->counters + counter;

	atomic_fetch_add((atomic_ullong *)(void *)at, 1);
}

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

static void read_body(struct request *r)
{
	const char *submit_id;

	if (r->body.len)
		r->json =
		    json_loadb(r->body.data, r->body.len, JSON_REJECT_DUPLICATES, NULL);
	collect_ids(r, "submit_ids");
	collect_ids(r, "history_ids");
	submit_id = json_string_value(json_object_get(r->json, "submit_id"));
	if (submit_id)
		request_add_id(r, submit_id);
}

static enum MHD_Result count_header(
    void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *r = cls;
	const char *first = request_header(r, name);

	(void)kind;
	if (first && value && first != value)
		request_violation(r, "header %s is sent more than once", name);
	return MHD_YES;
}

static void check_headers(struct request *r, const struct route *route)
{
	for (const struct wanted_header *w = route->headers; w->name; w++) {
		const char *value = request_header(r, w->name);

		if (!value)
			request_violation(r, "missing header %s", w->name);
		else if (w->value && strncmp(value, w->value, strlen(w->value)) != 0)
			request_violation(r, "header %s is '%s'", w->name, value);
	}
	for (const char *const *name = route->arguments; *name; name++)
		if (!*request_argument(r, *name))
			request_violation(r, "missing query parameter %s", *name);
}

/* `sign` may be absent; a wrong one is refused, as the service does. */
static bool is_sign_wrong(struct request *r)
{
	const char *sign = request_header(r, "sign");
	const char *appvr = request_header(r, "appvr");
	const char *moment = request_header(r, "device-time");
	size_t n = strlen(r->path);
	struct text text = { 0 }, hex = { 0 };
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool wrong;

	if (!sign)
		return false;
	text_printf(&text, "9e2c|%s|7|%s|%s||11ac", n > 7 ? r->path + n - 7 : r->path,
	    appvr ? appvr : "", moment ? moment : "");
	(void)EVP_Digest(text_str(&text), text.len, sum, &len, EVP_md5(), NULL);
	text_hex(&hex, sum, len);
	wrong = strcmp(text_str(&hex), sign) != 0;
	text_release(&text);
	text_release(&hex);
	return wrong;
}

static void check_cdn(struct request *r)
{
	if (request_header(r, "Cookie")) {
		request_violation(r, "cookie sent to the CDN");
		atomic_fetch_add(&r->emu->counters.cookies_on_cdn, 1);
	}
	if (request_header(r, "Authorization"))
		request_violation(r, "authorization sent to the CDN");
	if (request_header(r, "Referer"))
		request_violation(r, "referer sent to the CDN");
}

static void make_plan(struct request *r, const struct route *route)
{
	const struct script_request match = {
		.on = route->on,
		.method = r->method,
		.uri = r->uri,
		.account = r->session ? r->session : "",
		.ids = (const char *const *)r->ids,
		.ids_count = r->ids_count,
		.now_ms = r->now_ms,
		.shrink = r->emu->clock.shrink,
	};
	const struct fault *skew;

	r->plan = script_match(&r->emu->script, &match);
	skew = request_fault(r, FAULT_SKEW);
	if (skew)
		r->skew_ms = (int64_t)(skew->number * 1000.0);
	for (unsigned i = 0; i < FAULT_KINDS; i++)
		if (r->plan.faults[i]) {
			atomic_fetch_add(&r->emu->counters.faults, 1);
			return;
		}
}

/* A reset before anything was sent means that the service never saw the request. */
static bool is_lost_on_the_way(const struct request *r)
{
	const struct fault *reset = request_fault(r, FAULT_RESET);

	return reset && reset->after < 0 && !request_fault(r, FAULT_ACCEPT_THEN);
}

/*
 * A submit that stalls was not read yet: whoever leaves meanwhile has submitted nothing.
 * With accept-then the stall comes behind the acceptance, as for other requests.
 */
static bool is_left_unread(struct request *r, const struct route *route)
{
	const struct fault *stall = request_fault(r, FAULT_STALL);

	if (route->on != ON_SUBMIT || !stall || stall->after >= 0 ||
	    request_fault(r, FAULT_ACCEPT_THEN))
		return false;
	r->is_stalled = true;
	if (!http_sleep(r, stall->number))
		return true;
	r->now_ms = clock_now_ms(&r->emu->clock);
	return false;
}

static void run(struct request *r, const struct route *route)
{
	if (is_lost_on_the_way(r) || is_left_unread(r, route)) {
		reply_clear(r);
		return;
	}
	if (request_fault(r, FAULT_ACCEPT_THEN)) {
		route->handle(r);
		(void)fault_replace(r);
	} else if (!fault_replace(r)) {
		if (is_sign_wrong(r)) {
			request_violation(r, "wrong sign");
			api_error(r, 1014, NULL);
		} else {
			route->handle(r);
		}
	}
	fault_change(r);
}

static void compress_body(struct request *r)
{
	const char *accepted = request_header(r, "Accept-Encoding");
	size_t size = (size_t)r->reply.size;
	z_stream z = { 0 };
	uint8_t *plain, *packed;
	size_t room;

	if (!accepted || !strstr(accepted, "gzip") || r->reply.body.count != 1)
		return;
	if (size < GZIP_LEAST ||
	    deflateInit2(&z, 1, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return;
	room = deflateBound(&z, size);
	plain = mem_new(size, 1);
	packed = mem_new(room, 1);
	(void)source_read(&r->reply.body, 0, plain, size);
	z.next_in = plain;
	z.avail_in = (uInt)size;
	z.next_out = packed;
	z.avail_out = (uInt)room;
	(void)deflate(&z, Z_FINISH);
	source_release(&r->reply.body);
	source_own(&r->reply.body, packed, z.total_out);
	r->reply.size = z.total_out;
	(void)deflateEnd(&z);
	free(plain);
	reply_header(r, "Content-Encoding", "gzip");
}

static void add_common_headers(struct request *r)
{
	time_t now = (time_t)((r->now_ms + r->skew_ms) / 1000);
	struct tm tm;
	char date[64];

	(void)gmtime_r(&now, &tm);
	(void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	reply_header(r, "Date", "%s", date);
	reply_header(r, "Server", "%s", r->is_cdn ? "Byte-nginx" : "Tengine");
	reply_header(r, "X-Tt-Logid", "%s", r->logid);
}

static void answer_api(struct request *r)
{
	const struct route *route = find_route(r->path);

	if (!route) {
		request_violation(r, "unknown path %s", r->path);
		count(r->emu, offsetof(struct counters, other));
		reply_string(r, 404, "text/plain", "404 page not found\n");
		return;
	}
	r->on = route->word;
	count(r->emu, route->counter);
	if (strcmp(r->method, "POST") != 0) {
		request_violation(r, "method %s", r->method);
		reply_string(r, 405, "text/plain", "405 method not allowed\n");
		reply_header(r, "Allow", "POST");
		return;
	}
	if (r->is_too_big) {
		request_violation(r, "body of more than %d bytes", REQUEST_BODY_MAX);
		reply_string(r, 413, "text/plain", "");
		return;
	}
	read_session(r);
	read_body(r);
	(void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, count_header, r);
	check_headers(r, route);
	make_plan(r, route);
	run(r, route);
}

static void answer_cdn(struct request *r)
{
	r->on = cdn_route.word;
	count(r->emu, cdn_route.counter);
	check_cdn(r);
	cdn_resolve(r);
	make_plan(r, &cdn_route);
	run(r, &cdn_route);
}

void service_answer(struct request *r)
{
	r->now_ms = clock_now_ms(&r->emu->clock);
	if (!r->is_cdn && control_answer(r)) {
		r->is_logged = true; /* looking is not part of the story */
		add_common_headers(r);
		return;
	}
	if (r->is_cdn)
		answer_cdn(r);
	else
		answer_api(r);
	if (!r->reply.status)
		return;
	if (!r->is_cdn)
		compress_body(r);
	add_common_headers(r);
	fault_wire(r);
}
