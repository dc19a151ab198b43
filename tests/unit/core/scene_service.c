/* The fake service of a scene: what it says, and what it was asked. */
#include "scene_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

/* --- media ------------------------------------------------------------------ */

static uint32_t crc_of(const unsigned char *bytes, size_t len)
{
	uint32_t table[256], crc = UINT32_MAX;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	for (size_t i = 0; i < len; i++)
		crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
	return ~crc;
}

static void put_be32(unsigned char *at, uint32_t value)
{
	at[0] = (unsigned char)(value >> 24);
	at[1] = (unsigned char)(value >> 16);
	at[2] = (unsigned char)(value >> 8);
	at[3] = (unsigned char)value;
}

/* The body is in place at `at + 8`. Returns where the next chunk goes. */
static unsigned char *end_chunk(unsigned char *at, const char *type, uint32_t len)
{
	put_be32(at, len);
	memcpy(at + 4, type, 4);
	put_be32(at + 8 + len, crc_of(at + 4, len + 4));
	return at + 12 + len;
}

struct media media_png(size_t len, unsigned seed)
{
	static const unsigned char head[] = "\x89PNG\r\n\x1a\n";
	static const unsigned char size[] = { 0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0 };
	unsigned char *bytes = calloc(1, len), *at = bytes;
	const size_t filler = len - 8 - 25 - 12 - 12;

	assert_true(len >= 64);
	assert_non_null(bytes);
	at = mempcpy(at, head, 8);
	memcpy(at + 8, size, sizeof(size));
	at = end_chunk(at, "IHDR", sizeof(size));
	for (size_t i = 0; i < filler; i++) {
		seed = seed * 1664525 + 1013904223;
		at[8 + i] = (unsigned char)(seed >> 24);
	}
	at = end_chunk(at, "IDAT", (uint32_t)filler);
	at = end_chunk(at, "IEND", 0);
	assert_int_equal(at - bytes, len);
	return (struct media){ (char *)bytes, len };
}

void media_release(struct media *media)
{
	free(media->bytes);
	*media = (struct media){ 0 };
}

/* --- the service ------------------------------------------------------------ */

void scene_say_data(struct raw_peer *peer, const char *data)
{
	_cleanup_free_ char *body = NULL;

	if (asprintf(&body,
		"{\"ret\":\"0\",\"errmsg\":\"success\",\"systime\":\"%" PRId64
		"\",\"logid\":\"l\",\"data\":{%s}}",
		scene_now().unix_ms / 1000, data) < 0)
		abort();
	raw_answer(peer, 200, "Content-Type: application/json\r\n", body);
}

static char *image_item(struct scene *scene, const struct record *record, int index)
{
	const int64_t life_s = record->life_s ? record->life_s : 3600;
	char *item = NULL;

	if (asprintf(&item,
		"%s{\"common_attr\":{\"id\":\"%d\"},\"image\":{\"format\":\"png\","
		"\"large_images\":[{\"image_uri\":\"tos/%s-%d-v%d\",\"image_url\":"
		"\"http://127.0.0.1:%u/f/%s.%d?v=%d&x-expires=%" PRId64 "\",\"width\":8,"
		"\"height\":8,\"format\":\"png\"%s}]}}",
		index ? "," : "", index, record->id, index, record->version,
		raw_port(scene->server), record->id, index, record->version,
		scene_now().unix_ms / 1000 + life_s,
		record->fields ? record->fields : "") < 0)
		abort();
	return item;
}

/* Of nine digits, the same for the same id. */
static unsigned history_of(const char *id)
{
	unsigned sum = 0;

	for (; *id; id++)
		sum = (sum * 31 + (unsigned char)*id) % 1000000000U;
	return sum;
}

char *scene_record(struct scene *scene, const struct record *record)
{
	_cleanup_free_ char *items = calloc(1, 1);
	char *text = NULL;

	for (int i = 0; i < record->usable; i++) {
		_cleanup_free_ char *item = image_item(scene, record, i);
		char *longer = NULL;

		if (asprintf(&longer, "%s%s", items, item) < 0)
			abort();
		free(items);
		items = longer;
	}
	if (asprintf(&text,
		"\"%s\":{\"submit_id\":\"%s\",\"history_record_id\":\"9%09u\","
		"\"status\":%d,\"task\":{\"status\":%d},\"created_time\":1757778120.779,"
		"\"finish_time\":%d,\"generate_type\":1,\"total_image_count\":%d,"
		"\"item_list\":[%s]}",
		record->id, record->id, history_of(record->id), record->status,
		record->status, record->status == 50 ? 1757778130 : 0, record->total,
		items) < 0)
		abort();
	return text;
}

void scene_say(struct scene *scene, struct raw_peer *peer, const struct record *record)
{
	_cleanup_free_ char *text = record ? scene_record(scene, record) : strdup("");

	scene_say_data(peer, text);
}

void scene_one_image(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1", .status = 50, .usable = 1, .total = 1 });
}

const char *scene_header(const char *request, const char *name, char into[128])
{
	char start[64];
	const char *at;
	size_t len;

	(void)snprintf(start, sizeof(start), "\r\n%s:", name);
	at = strcasestr(request, start);
	into[0] = '\0';
	if (!at)
		return into;
	at += strlen(start);
	at += strspn(at, " ");
	len = strcspn(at, "\r\n");
	(void)snprintf(into, 128, "%.*s", (int)len, at);
	return into;
}

void scene_send_file(struct raw_peer *peer, const char *request,
    const struct media *media, const char *etag)
{
	char range[128], if_range[128], tag[160] = "";
	size_t from = 0;

	(void)scene_header(request, "If-Range", if_range);
	if (sscanf(scene_header(request, "Range", range), "bytes=%zu-", &from) != 1 ||
	    (if_range[0] && (!etag || strcmp(if_range, etag) != 0)))
		from = 0;
	if (etag)
		(void)snprintf(tag, sizeof(tag), "ETag: %s\r\n", etag);
	if (from >= media->len) {
		raw_say(peer,
		    "HTTP/1.1 416 Test\r\n%sContent-Range: bytes */%zu\r\n"
		    "Content-Length: 0\r\n\r\n",
		    tag, media->len);
		return;
	}
	if (from > 0)
		raw_say(peer,
		    "HTTP/1.1 206 Test\r\n%sContent-Range: bytes %zu-%zu/%zu\r\n"
		    "Content-Length: %zu\r\n\r\n",
		    tag, from, media->len - 1, media->len, media->len - from);
	else
		raw_say(peer, "HTTP/1.1 200 Test\r\n%sContent-Length: %zu\r\n\r\n", tag,
		    media->len);
	raw_say_bytes(peer, media->bytes + from, media->len - from);
}

/* The first quoted word behind "..._ids":[ of a query's body. */
static void first_id(const char *request, char into[DQ_ID_MAX + 1])
{
	const char *at = strstr(request, "_ids\":[\"");

	into[0] = '\0';
	if (at)
		(void)sscanf(at + 8, "%64[^\"]", into);
}

static void healthy_query(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	char id[DQ_ID_MAX + 1];
	const struct record record = { .id = id, .status = 50, .usable = 1, .total = 1 };

	(void)number;
	first_id(request, id);
	scene_say(scene, peer, &record);
}

static void healthy_list(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	scene_say_data(peer, "\"records_list\":[],\"has_more\":false");
}

static void healthy_submit(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const char *at = strstr(request, "\"submit_id\":\"");
	char data[200];

	(void)scene;
	(void)number;
	(void)snprintf(data, sizeof(data), "\"submit_id\":\"%.*s\"",
	    at ? (int)strcspn(at + 13, "\"") : 0, at ? at + 13 : "");
	scene_say_data(peer, data);
}

static void healthy_credit(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	scene_say_data(peer,
	    "\"credit\":{\"vip_credit\":0,\"gift_credit\":66,\"purchase_credit\":0}");
}

static void healthy_file(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)number;
	scene_send_file(peer, request, &scene->media, "\"e1\"");
}

void scene_serve(struct raw_peer *peer, void *payload)
{
	struct scene *scene = payload;
	const struct {
		const char *path;
		scene_route *route, *healthy;
		atomic_uint *count;
	} routes[] = {
		{ "get_history_by_ids", scene->on_query, healthy_query, &scene->queries },
		{ "get_asset_list", scene->on_list, healthy_list, &scene->lists },
		{ "get_history?", scene->on_list, healthy_list, &scene->lists },
		{ "image_generate", scene->on_submit, healthy_submit, &scene->submits },
		{ "user_credit", scene->on_credit, healthy_credit, &scene->credits },
		{ " /f/", scene->on_file, healthy_file, &scene->files },
	};
	const char *request;

	while ((request = raw_read(peer))) {
		const char *end = strstr(request, "\r\n");
		_cleanup_free_ char *line = strndup(request, (size_t)(end - request));

		for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
			if (strstr(line, routes[i].path)) {
				(routes[i].route ? routes[i].route : routes[i].healthy)(
				    scene, peer, request,
				    atomic_fetch_add(routes[i].count, 1));
				break;
			}
	}
}

unsigned scene_asked(struct scene *scene, const char *text)
{
	unsigned n = 0;

	for (size_t i = 0; i < raw_requests(scene->server); i++)
		n += strstr(raw_request(scene->server, i), text) != NULL;
	return n;
}

void scene_four_images(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1", .status = 50, .usable = 4, .total = 4 });
}
