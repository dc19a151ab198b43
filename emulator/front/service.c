#include "front/service.h"

#include <string.h>
#include <time.h>

#include <zlib.h>

#include "faults/fault.h"
#include "front/control.h"
#include "front/inspect.h"
#include "jimeng/answer.h"
#include "jimeng/api.h"
#include "jimeng/cdn.h"
#include "jimeng/region.h"
#include "jimeng/sign.h"
#include "state/past.h"
#include "wire/connection.h"
#include "wire/request.h"

enum { GZIP_LEAST = 512, GZIP_WINDOW = 15 + 16 };

static const struct route {
	const char *path;
	const char *word; /* as the fault script calls it */
	enum script_on on;
	void (*handle)(const struct jimeng *jimeng, struct request *r);
	const struct expected *expected;
	size_t counter;
} routes[] = {
	{ "/mweb/v1/get_history_by_ids", "query", ON_QUERY, api_query, &expected_query,
	    offsetof(struct counters, query) },
	{ "/mweb/v1/get_history_queue_info", "queue", ON_QUEUE, api_queue,
	    &expected_query, offsetof(struct counters, queue) },
	{ "/mweb/v1/get_history", "history", ON_HISTORY, api_history, &expected_query,
	    offsetof(struct counters, history) },
	{ "/mweb/v1/get_asset_list", "assets", ON_ASSETS, api_assets, &expected_query,
	    offsetof(struct counters, assets) },
	{ "/mweb/v1/get_local_item_list", "items", ON_ITEMS, api_items, &expected_query,
	    offsetof(struct counters, items) },
	{ "/mweb/v1/get_image_by_uri", "images", ON_IMAGES, api_images, &expected_query,
	    offsetof(struct counters, images) },
	{ "/mweb/v1/get_video_by_vid", "videos", ON_VIDEOS, api_videos, &expected_query,
	    offsetof(struct counters, videos) },
	{ "/commerce/v1/benefits/user_credit", "credit", ON_CREDIT, api_credit,
	    &expected_submit, offsetof(struct counters, credit) },
	{ "/commerce/v1/benefits/user_credit_history", "credit-history",
	    ON_CREDIT_HISTORY, api_credit_history, &expected_submit,
	    offsetof(struct counters, credit_history) },
	{ "/mweb/v1/aigc_draft/generate", "submit", ON_SUBMIT, api_submit_web,
	    &expected_query, offsetof(struct counters, submit) },
	{ "/mweb/v1/aigc_draft/cancel_generate", "cancel", ON_CANCEL, api_cancel,
	    &expected_submit, offsetof(struct counters, cancel) },
	{ "/dreamina/mcp/v1/image_generate", "submit", ON_SUBMIT, api_submit_image,
	    &expected_submit, offsetof(struct counters, submit) },
	{ "/dreamina/mcp/v1/video_generate", "submit", ON_SUBMIT, api_submit_video,
	    &expected_submit, offsetof(struct counters, submit) },
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

void service_add_records(struct emulator *emu, const struct mix *mix, const char *session)
{
	const char *name = session ? session : "test";

	past_make(&emu->store, &emu->clock,
	    store_account(&emu->store, *mix->account ? mix->account : name), mix,
	    clock_now_ms(&emu->clock));
}

/* What a script does to the account before the request is answered. */
static void change_account(struct emulator *emu, const struct request *r)
{
	const struct fault *records = request_fault(r, FAULT_ADD_RECORDS);
	const struct fault *top_up = request_fault(r, FAULT_TOP_UP);
	struct mix mix;

	if (top_up && r->session)
		store_top_up(&emu->store, store_account(&emu->store, r->session),
		    (int)top_up->number, r->now_ms);
	if (records && mix_read(records->text, &mix))
		service_add_records(emu, &mix, r->session);
}

static void make_plan(struct emulator *emu, struct request *r, const struct route *route)
{
	const struct script_request match = {
		.on = route->on,
		.method = r->method,
		.uri = r->uri,
		.account = r->session ? r->session : "",
		.ids = (const char *const *)r->ids,
		.ids_count = r->ids_count,
		.now_ms = r->now_ms,
		.shrink = emu->clock.shrink,
	};
	const struct fault *skew;

	r->plan = script_match(&emu->script, &match);
	skew = request_fault(r, FAULT_SKEW);
	if (skew)
		r->skew_ms = (int64_t)(skew->number * 1000.0);
	for (unsigned i = 0; i < FAULT_KINDS; i++)
		if (r->plan.faults[i]) {
			atomic_fetch_add(&emu->counters.faults, 1);
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
static bool is_left_unread(
    const struct clock *clock, struct request *r, const struct route *route)
{
	const struct fault *stall = request_fault(r, FAULT_STALL);

	if (route->on != ON_SUBMIT || !stall || stall->after >= 0 ||
	    request_fault(r, FAULT_ACCEPT_THEN))
		return false;
	r->is_stalled = true;
	if (!connection_sleep(r, stall->number))
		return true;
	r->now_ms = clock_now_ms(clock);
	return false;
}

/* False, and answered, when it belongs to another cluster, or is signed wrongly. */
static bool is_admitted(const struct jimeng *jimeng, struct request *r)
{
	if (r->is_cdn)
		return true;
	if (jimeng->region && !region_admits(jimeng->region, r)) {
		api_error(r, 1015, NULL);
		return false;
	}
	if (sign_of(r) == SIGN_WRONG) {
		request_violation(r, "wrong sign");
		api_error(r, 1014, NULL);
		return false;
	}
	return true;
}

static void run(const struct jimeng *jimeng, struct request *r, const struct route *route)
{
	if (is_lost_on_the_way(r) || is_left_unread(jimeng->clock, r, route)) {
		reply_clear(&r->reply);
		return;
	}
	if (request_fault(r, FAULT_ACCEPT_THEN)) {
		route->handle(jimeng, r);
		(void)fault_replace(r);
	} else if (!fault_replace(r)) {
		if (is_admitted(jimeng, r))
			route->handle(jimeng, r);
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
	reply_header(&r->reply, "Content-Encoding", "gzip");
}

static void add_common_headers(struct request *r)
{
	time_t now = (time_t)((r->now_ms + r->skew_ms) / 1000);
	struct tm tm;
	char date[64];

	(void)gmtime_r(&now, &tm);
	(void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	reply_header(&r->reply, "Date", "%s", date);
	reply_header(&r->reply, "Server", "%s", r->is_cdn ? "Byte-nginx" : "Tengine");
	reply_header(&r->reply, "X-Tt-Logid", "%s", r->logid);
}

static void answer_api(struct emulator *emu, struct request *r)
{
	const struct route *route = find_route(r->path);

	if (!route) {
		request_violation(r, "unknown path %s", r->path);
		count(emu, offsetof(struct counters, other));
		reply_string(&r->reply, 404, "text/plain", "404 page not found\n");
		return;
	}
	r->on = route->word;
	count(emu, route->counter);
	if (strcmp(r->method, "POST") != 0) {
		request_violation(r, "method %s", r->method);
		reply_string(&r->reply, 405, "text/plain", "405 method not allowed\n");
		reply_header(&r->reply, "Allow", "POST");
		return;
	}
	if (r->is_too_big) {
		request_violation(r, "body of more than %d bytes", REQUEST_BODY_MAX);
		reply_string(&r->reply, 413, "text/plain", "");
		return;
	}
	inspect_api(r, route->expected);
	make_plan(emu, r, route);
	change_account(emu, r);
	run(&emu->jimeng, r, route);
}

static void answer_cdn(struct emulator *emu, struct request *r)
{
	r->on = cdn_route.word;
	count(emu, cdn_route.counter);
	inspect_cdn(r);
	if (request_header(r, "Cookie"))
		count(emu, offsetof(struct counters, cookies_on_cdn));
	cdn_resolve(&emu->jimeng, r);
	make_plan(emu, r, &cdn_route);
	run(&emu->jimeng, r, &cdn_route);
}

static void count_outcome(struct counters *counters, const struct request *r)
{
	atomic_fetch_add(&counters->violations, r->violations_count);
	atomic_fetch_add(&counters->accepted, r->is_accepted);
	atomic_fetch_add(&counters->duplicate_submits, r->is_duplicate);
}

static void answer(void *owner, struct request *r)
{
	struct emulator *emu = owner;

	r->now_ms = clock_now_ms(&emu->clock);
	if (!r->is_cdn && control_answer(emu, r)) {
		r->is_logged = true; /* only what clients of the service ask is logged */
		add_common_headers(r);
		return;
	}
	if (r->is_cdn)
		answer_cdn(emu, r);
	else
		answer_api(emu, r);
	count_outcome(&emu->counters, r);
	if (!r->reply.status)
		return;
	if (!r->is_cdn)
		compress_body(r);
	add_common_headers(r);
	fault_deliver(&emu->store, r);
}

static void note_sent(void *owner, const struct request *r, size_t bytes)
{
	struct emulator *emu = owner;

	if (r->is_cdn)
		atomic_fetch_add(&emu->counters.cdn_bytes, bytes);
	fault_sent(&emu->store, r, bytes);
}

static void note_cut(void *owner, const struct request *r)
{
	struct emulator *emu = owner;

	if (fault_cut(&emu->store, r))
		count(emu, offsetof(struct counters, links_died));
}

void service_attach(struct emulator *emu)
{
	emu->host.owner = emu;
	emu->host.answer = answer;
	emu->host.sent = note_sent;
	emu->host.cut = note_cut;
}
