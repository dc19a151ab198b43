#include "faults/fault.h"

#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "jimeng/answer.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

typedef void fault_fn(struct request *r, const struct fault *fault);

/* A fault of the script, and what carries it out on a request that it hits. */
struct bend_row {
	enum fault_kind kind;
	fault_fn *bend;
};

static const char html_page[] =
    "<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n";

/* What `ahead` sends without a text. */
static const char nothing_known[] = "{\"ret\":\"0\",\"errmsg\":\"success\",\"data\":{}}";

static const struct body_row {
	const char *name, *type, *text;
} body_rows[] = {
	{ "html", "text/html", html_page },
	{ "json", JSON_TYPE, "{\"ret\":\"1002\",\"errmsg\":\"common error\"}" },
	{ "text", "text/plain", "something is wrong\n" },
	{ "empty", NULL, "" },
};

static void replace_status(struct request *r, const struct fault *fault)
{
	const struct body_row *row = &body_rows[fault->number >= 500 ? 0 : 2];

	for (size_t i = 0; fault->body && i < COUNT_OF(body_rows); i++)
		if (strcmp(body_rows[i].name, fault->body) == 0)
			row = &body_rows[i];
	reply_string(&r->reply, (int)fault->number, row->type, row->text);
}

/* `data` of an answer that names a task, or none, whatever its ret; %s: the id asked. */
static const struct names_row {
	const char *word, *before, *after;
	bool has_id;
} names_rows[] = {
	{ "own", "{\"submit_id\":\"", "\"}", true },
	{ "other", "{\"submit_id\":\"of-another-", "\"}", true },
	{ "history", "{\"history_record_id\":\"25666395318786\"}", "", false },
	{ "task", "{\"aigc_data\":{\"task\":{\"submit_id\":\"", "\"}}}", true },
	{ "charge", "{\"commerce_info\":{\"credit_count\":1}}", "", false },
	{ "none", "{}", "", false },
};

static void answer_naming(struct request *r, const struct fault *fault)
{
	const char *id = r->ids_count ? r->ids[0] : "";
	struct text out = { 0 };

	for (size_t i = 0; i < COUNT_OF(names_rows); i++) {
		const struct names_row *row = &names_rows[i];

		if (strcmp(row->word, fault->names) != 0)
			continue;
		text_printf(&out, "{\"ret\":\"%d\",\"errmsg\":\"", (int)fault->number);
		text_json(&out, fault->message ? fault->message : "drawn");
		text_printf(&out, "\",\"data\":%s%s%s}", row->before,
		    row->has_id ? id : "", row->after);
	}
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

static void replace_ret(struct request *r, const struct fault *fault)
{
	bool is_submit = r->on && strcmp(r->on, "submit") == 0;

	if (is_submit && fault->names)
		answer_naming(r, fault);
	else if (is_submit)
		api_submit_error(r, (int)fault->number, fault->message);
	else
		api_error(r, (int)fault->number, fault->message);
	if (fault->status)
		r->reply.status = fault->status;
}

static void replace_html(struct request *r, const struct fault *fault)
{
	reply_string(
	    &r->reply, fault->status ? fault->status : 200, "text/html", html_page);
}

static void replace_empty(struct request *r, const struct fault *fault)
{
	reply_string(&r->reply, fault->status ? fault->status : 200, JSON_TYPE, "");
}

static void replace_not_json(struct request *r, const struct fault *fault)
{
	reply_string(&r->reply, fault->status ? fault->status : 200, JSON_TYPE,
	    "upstream connect error or disconnect/reset before headers");
}

static void replace_json(struct request *r, const struct fault *fault)
{
	reply_string(&r->reply, fault->status ? fault->status : 200, JSON_TYPE,
	    fault->text ? fault->text : "{\"ret\":\"1002\",\"errmsg\":\"common error\"}");
}

static void replace_deep(struct request *r, const struct fault *fault)
{
	size_t depth = fault->number > 0 ? (size_t)fault->number : 0;
	struct text out = { 0 };

	text_puts(&out, "{\"ret\":\"0\",\"data\":");
	for (size_t i = 0; i < depth; i++)
		text_puts(&out, i % 2 ? "[" : "{\"a\":");
	text_puts(&out, "1");
	for (size_t i = depth; i-- > 0;)
		text_puts(&out, i % 2 ? "]" : "}");
	text_puts(&out, "}");
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

/* Valid JSON of that many bytes, none of which is held in memory. */
static void replace_big(struct request *r, const struct fault *fault)
{
	static const char head[] = "{\"ret\":\"0\",\"errmsg\":\"success\",\"pad\":\"";
	static const char tail[] = "\",\"data\":{}}";
	static const char fill[] = "all work and no play makes a dull boy ";
	const uint64_t frame = sizeof(head) + sizeof(tail) - 2;
	uint64_t size = (uint64_t)fault->number;

	reply_clear(&r->reply);
	source_add(&r->reply.body, head, sizeof(head) - 1);
	source_repeat(
	    &r->reply.body, fill, sizeof(fill) - 1, size > frame ? size - frame : 0);
	source_add(&r->reply.body, tail, sizeof(tail) - 1);
	r->reply.status = 200;
	r->reply.size = r->reply.body.size;
	reply_header(&r->reply, "Content-Type", "%s", JSON_TYPE);
}

static void replace_redirect(struct request *r, const struct fault *fault)
{
	reply_string(&r->reply, fault->status ? fault->status : 302, "text/html", "");
	reply_header(&r->reply, "Location", "%s", fault->text);
}

/* The first that was planned answers. */
static const struct bend_row replace_rows[] = {
	{ FAULT_STATUS, replace_status },
	{ FAULT_RET, replace_ret },
	{ FAULT_HTML, replace_html },
	{ FAULT_EMPTY, replace_empty },
	{ FAULT_NOT_JSON, replace_not_json },
	{ FAULT_JSON, replace_json },
	{ FAULT_DEEP, replace_deep },
	{ FAULT_BIG, replace_big },
	{ FAULT_REDIRECT, replace_redirect },
};

bool fault_replace(struct request *r)
{
	for (size_t i = 0; i < COUNT_OF(replace_rows); i++) {
		const struct fault *fault = request_fault(r, replace_rows[i].kind);

		if (!fault)
			continue;
		replace_rows[i].bend(r, fault);
		if (fault->retry_after >= 0)
			reply_header(&r->reply, "Retry-After", "%d", fault->retry_after);
		return true;
	}
	return false;
}

/* The text of the answer: bodies of the API are one segment. */
static struct text take_text(struct request *r)
{
	struct text text = { 0 };
	size_t size = (size_t)r->reply.size;
	char *bytes = mem_new(size + 1, 1);

	(void)source_read(&r->reply.body, 0, bytes, size);
	text_add(&text, bytes, size);
	free(bytes);
	return text;
}

static void spoil_member(json_t *object, const char *key, json_t *value)
{
	if (json_object_get(object, key))
		(void)json_object_set_new(object, key, value);
	else
		json_decref(value);
}

static void spoil_record(json_t *record)
{
	spoil_member(record, "status", json_string("fifty"));
	spoil_member(record, "task", json_array());
	spoil_member(record, "item_list", json_object());
	spoil_member(record, "queue_info", json_string("none"));
	spoil_member(record, "created_time", json_string("yesterday"));
	spoil_member(record, "finish_time", json_null());
	spoil_member(record, "total_image_count", json_string("4"));
	spoil_member(record, "finished_image_count", json_real(1e300));
	spoil_member(record, "fail_code", json_integer(0));
	spoil_member(record, "submit_id", json_integer(7));
	spoil_member(record, "history_record_id", json_integer(7));
}

/* Which part is of the wrong type: "fields" of records (the default), "record", "data".
 */
static void change_types(struct request *r, const struct fault *fault)
{
	const char *where = fault->text ? fault->text : "fields";
	struct text text = take_text(r);
	json_t *root = json_loadb(text_str(&text), text.len, 0, NULL);
	json_t *data = json_object_get(root, "data");
	const char *key;
	json_t *record;
	void *next;

	text_release(&text);
	if (strcmp(where, "data") == 0)
		spoil_member(root, "data", json_pack("[s, i]", "none", 1));
	else
		json_object_foreach_safe(data, next, key, record)
		{
			if (strcmp(where, "record") == 0)
				(void)json_object_set_new(data, key, json_string("none"));
			else
				spoil_record(record);
		}
	if (root) {
		char *dump = json_dumps(root, JSON_COMPACT);

		reply_string(&r->reply, 200, JSON_TYPE, dump ? dump : "");
		free(dump);
	}
	json_decref(root);
}

static void change_keys(
    struct request *r, __attribute__((unused)) const struct fault *fault)
{
	struct text old = take_text(r);
	struct text out = { 0 };

	text_puts(&out, "{\"ret\":\"1002\",\"data\":{\"none\":{\"status\":30}},");
	if (old.len > 1)
		text_add(&out, old.data + 1, old.len - 1);
	text_release(&old);
	reply_text(&r->reply, r->reply.status, JSON_TYPE, &out);
}

static void change_cut(struct request *r, const struct fault *fault)
{
	struct text text = take_text(r);
	size_t keep = fault->number >= 0 ? (size_t)fault->number : text.len / 2;
	struct text out = { 0 };

	text_add(&out, text_str(&text), keep < text.len ? keep : text.len);
	text_release(&text);
	reply_text(&r->reply, r->reply.status, JSON_TYPE, &out);
}

/* All that were planned, in this order, for answers of the API. */
static const struct bend_row change_rows[] = {
	{ FAULT_WRONG_TYPES, change_types },
	{ FAULT_DUPLICATE_KEYS, change_keys },
	{ FAULT_CUT_JSON, change_cut },
};

static void bend_all(struct request *r, const struct bend_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct fault *fault = request_fault(r, rows[i].kind);

		if (fault)
			rows[i].bend(r, fault);
	}
}

void fault_change(struct request *r)
{
	if (!r->is_cdn && r->reply.status)
		bend_all(r, change_rows, COUNT_OF(change_rows));
}

/* --- its headers, when all of them are there --- */

static void head_retry_after(struct request *r, const struct fault *fault)
{
	reply_header(&r->reply, "Retry-After", "%s", fault->text);
}

static const struct bend_row head_rows[] = {
	{ FAULT_RETRY_AFTER, head_retry_after },
};

static int64_t offset_or(const struct fault *fault, int64_t otherwise)
{
	return fault->after >= 0 ? fault->after : otherwise;
}

/* How many bytes the links of today to this object may bring in all. */
static uint64_t link_life(const struct request *r, const struct fault *expire)
{
	uint64_t draw = hash_mix(
	    hash_mix(r->task->key, r->task_index), ((uint64_t)r->links.salt << 8) + 11);
	double room = expire->upto - expire->number;

	return (uint64_t)(expire->number + hash_unit(draw) * room);
}

/* This answer may bring what is left of the life of its link. */
static void watch_links(
    struct store *store, struct request *r, const struct fault *expire)
{
	uint64_t life, used, left;

	r->links.salt = store_salt(store, r->task, r->task_index);
	life = link_life(r, expire);
	used = store_use_links(store, r->task, r->task_index, r->links.salt, 0);
	left = life > used ? life - used : 0;
	r->links.counts = true;
	if (left < r->reply.size) {
		r->delivery.cut_at = (int64_t)left;
		r->links.end_here = true;
	}
}

static void deliver_reset(struct request *r, const struct fault *fault)
{
	r->delivery.cut_at = offset_or(fault, 0);
	r->delivery.is_reset = true;
}

static void deliver_stall(struct request *r, const struct fault *fault)
{
	r->delivery.stall_at = offset_or(fault, 0);
	r->delivery.stall_s = fault->number;
}

static void deliver_slow(struct request *r, const struct fault *fault)
{
	r->delivery.rate = (uint64_t)fault->number;
}

static void deliver_length(struct request *r, const struct fault *fault)
{
	r->delivery.length_delta = (int64_t)fault->number;
}

static void deliver_switching(
    struct request *r, __attribute__((unused)) const struct fault *fault)
{
	r->delivery.is_switching = true;
}

static void deliver_chunk_extension(struct request *r, const struct fault *fault)
{
	r->delivery.chunk_extension = (int64_t)fault->number;
}

static void deliver_ahead(struct request *r, const struct fault *fault)
{
	r->delivery.ahead = fault->text ? fault->text : nothing_known;
}

/* All that were planned, in this order. */
static const struct bend_row deliver_rows[] = {
	{ FAULT_RESET, deliver_reset },
	{ FAULT_STALL, deliver_stall },
	{ FAULT_SLOW, deliver_slow },
	{ FAULT_LENGTH, deliver_length },
	{ FAULT_SWITCHING, deliver_switching },
	{ FAULT_CHUNK_EXTENSION, deliver_chunk_extension },
	{ FAULT_AHEAD, deliver_ahead },
};

void fault_deliver(struct store *store, struct request *r)
{
	const struct fault *truncate = request_fault(r, FAULT_TRUNCATE);
	const struct fault *expire = request_fault(r, FAULT_EXPIRE_AFTER);

	/* These come first: of several that cut, the last one wins. */
	if (truncate)
		r->delivery.cut_at = offset_or(truncate, (int64_t)r->reply.size / 2);
	if (expire && r->task && r->reply.status < 300)
		watch_links(store, r, expire);
	bend_all(r, head_rows, COUNT_OF(head_rows));
	bend_all(r, deliver_rows, COUNT_OF(deliver_rows));
}

void fault_sent(struct store *store, const struct request *r, size_t bytes)
{
	if (r->links.counts)
		(void)store_use_links(
		    store, r->task, r->task_index, r->links.salt, bytes);
}

bool fault_cut(struct store *store, const struct request *r)
{
	return r->links.end_here &&
	    store_kill_links(store, r->task, r->task_index, r->links.salt);
}
