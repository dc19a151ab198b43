#include "jimeng/cdn.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/hash.h"
#include "common/range.h"
#include "common/units.h"

enum { DERIVED_SIDE = 256 };

static const char whole_picture[] = "aigc_resize:0:0.png";

/* Object, expiry and salt of the link; false when the path is none. */
static bool read_link(const struct jimeng *jimeng, struct request *r, struct link *link)
{
	if (!link_read(r->path, link))
		return false;
	if (!link->is_video) {
		int64_t expires = 0;

		(void)unit_integer(
		    request_argument(r, "x-expires"), 0, INT64_MAX, &expires);
		link->expires = expires;
	}
	if (r->task)
		link->salt = store_salt(jimeng->store, r->task, r->task_index);
	return true;
}

void cdn_resolve(const struct jimeng *jimeng, struct request *r)
{
	struct link link;
	uint64_t key;
	unsigned index;

	if (!link_read(r->path, &link) || !link_object_read(link.object, &key, &index))
		return;
	r->task = store_by_key(jimeng->store, key);
	if (!r->task)
		return;
	r->task_index = index;
	request_add_id(
	    r, r->task->wishes.no_submit_id ? r->task->history_id : r->task->submit_id);
}

static void http_date(time_t when, char out[40])
{
	struct tm tm;

	(void)gmtime_r(&when, &tm);
	(void)strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void refuse(struct request *r)
{
	reply_string(&r->reply, 403, "text/plain", "deny\n");
	reply_header(&r->reply, "byte-error-code", "00068");
	reply_header(&r->reply, "x-exception-info", "deny code 68");
}

/* Covers, thumbnails and icons: small pictures that are never a result. */
static struct asset derived_asset(const struct link *link)
{
	struct asset asset = {
		.key = hash_str(7, link->object),
		.format = FORMAT_WEBP,
		.width = DERIVED_SIDE,
		.height = DERIVED_SIDE,
	};

	(void)snprintf(
	    asset.label, sizeof(asset.label), "dreamq-emulator cover %s", link->object);
	return asset;
}

/* What is behind the link; false when there is nothing. */
static bool find_asset(const struct jimeng *jimeng, struct request *r,
    const struct link *link, struct asset *ret)
{
	if (!link->is_video && strcmp(link->transform, whole_picture) != 0) {
		*ret = derived_asset(link);
		return true;
	}
	if (!r->task || !task_has_file(r->task, r->task_index) ||
	    atomic_load(&r->task->file_gone))
		return false;
	if (link->is_video != (r->task->life.kind != KIND_IMAGE))
		return false;
	if (request_fault(r, FAULT_NEW_ETAG))
		store_change_bytes(jimeng->store, r->task, r->task_index);
	*ret = store_asset(jimeng->store, r->task, r->task_index);
	r->delivery.rate = r->task->wishes.slow;
	return true;
}

/* May the range be used? If-Range names the ETag or the date that must still hold. */
static bool if_range_holds(
    const struct request *r, const char *etag, const char *modified)
{
	const char *condition = request_header(r, "If-Range");

	return !condition || request_fault(r, FAULT_NO_VALIDATORS) ||
	    strcmp(condition, etag) == 0 || strcmp(condition, modified) == 0;
}

static void apply_range(struct request *r, const char *etag, const char *modified)
{
	const char *header = request_header(r, "Range");
	uint64_t size = r->reply.body.size;
	uint64_t first = 0, last = 0;
	unsigned lie = request_fault(r, FAULT_BAD_RANGE) ? 7 : 0;

	if (request_fault(r, FAULT_NO_RANGE) || !if_range_holds(r, etag, modified))
		return;
	switch (range_read(header, size, &first, &last)) {
	case RANGE_WHOLE:
		return;
	case RANGE_REFUSED:
		reply_string(&r->reply, 416, "text/plain", "");
		reply_header(
		    &r->reply, "Content-Range", "bytes */%llu", (unsigned long long)size);
		return;
	case RANGE_PART:
		break;
	}
	r->reply.status = 206;
	r->reply.first = first;
	r->reply.size = last - first + 1;
	reply_header(&r->reply, "Content-Range", "bytes %llu-%llu/%llu",
	    (unsigned long long)first + lie, (unsigned long long)last + lie,
	    (unsigned long long)size);
}

/* One record in four names the type after the link, not after the bytes. */
static const char *content_type(const struct request *r, const struct asset *asset)
{
	bool by_name = r->task && (r->task->key & 0x60) == 0x60;

	if (by_name && r->task->life.kind == KIND_IMAGE)
		return asset_mime(FORMAT_PNG);
	return asset_mime(asset->format);
}

static void serve(
    const struct jimeng *jimeng, struct request *r, const struct asset *asset)
{
	int64_t made_ms = r->task ? r->task->life.created_ms : jimeng->clock->start_ms;
	char etag[64], modified[40];

	reply_clear(&r->reply);
	r->reply.status = 200;
	r->reply.body = asset_open(jimeng->studio, asset);
	r->reply.size = r->reply.body.size;
	(void)snprintf(etag, sizeof(etag), "\"%016llx-%llx\"",
	    (unsigned long long)asset->key, (unsigned long long)r->reply.size);
	http_date((time_t)(made_ms / 1000) + (time_t)(asset->key % 8), modified);
	reply_header(&r->reply, "Content-Type", "%s", content_type(r, asset));
	apply_range(r, etag, modified);
	reply_header(&r->reply, "Accept-Ranges", "bytes");
	if (request_fault(r, FAULT_NO_VALIDATORS))
		return;
	reply_header(&r->reply, "ETag", "%s", etag);
	reply_header(&r->reply, "Last-Modified", "%s", modified);
}

void cdn_serve(const struct jimeng *jimeng, struct request *r)
{
	struct asset asset;
	struct link link;

	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0) {
		request_violation(r, "method %s on the CDN", r->method);
		reply_string(&r->reply, 405, "text/plain", "");
		return;
	}
	if (!read_link(jimeng, r, &link)) {
		request_violation(r, "unknown path %s", r->path);
		reply_string(&r->reply, 404, "text/plain", "not found\n");
		return;
	}
	if (!link_is_signed(jimeng->key, &link, r->path, request_argument(r, "lk3s"),
		request_argument(r, "x-signature")) ||
	    link.expires * 1000 <= r->now_ms) {
		refuse(r);
		return;
	}
	if (find_asset(jimeng, r, &link, &asset))
		serve(jimeng, r, &asset);
	else
		reply_string(&r->reply, 404, "text/plain", "not found\n");
}
