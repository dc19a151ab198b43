#include "front/control.h"

#include <stdio.h>
#include <string.h>

#include "front/control_account.h"
#include "front/service.h"
#include "jimeng/record.h"
#include "jimeng/region.h"
#include "wire/request.h"

enum { MADE_AT_ONCE_MAX = 1000000 };

static const struct {
	const char *name;
	size_t at;
} counter_rows[] = {
	{ "query", offsetof(struct counters, query) },
	{ "submit", offsetof(struct counters, submit) },
	{ "queue", offsetof(struct counters, queue) },
	{ "credit", offsetof(struct counters, credit) },
	{ "credit_history", offsetof(struct counters, credit_history) },
	{ "history", offsetof(struct counters, history) },
	{ "assets", offsetof(struct counters, assets) },
	{ "items", offsetof(struct counters, items) },
	{ "images", offsetof(struct counters, images) },
	{ "videos", offsetof(struct counters, videos) },
	{ "cancel", offsetof(struct counters, cancel) },
	{ "cdn", offsetof(struct counters, cdn) },
	{ "other", offsetof(struct counters, other) },
	{ "violations", offsetof(struct counters, violations) },
	{ "accepted", offsetof(struct counters, accepted) },
	{ "duplicate_submits", offsetof(struct counters, duplicate_submits) },
	{ "faults", offsetof(struct counters, faults) },
	{ "cdn_bytes", offsetof(struct counters, cdn_bytes) },
	{ "links_died", offsetof(struct counters, links_died) },
	{ "cookies_on_cdn", offsetof(struct counters, cookies_on_cdn) },
};

static void get_stats(struct emulator *emu, struct request *r)
{
	struct store *store = &emu->store;
	const char *base = (const char *)&emu->counters;
	struct text out = { 0 };
	const char *comma = "";

	text_puts(&out, "{");
	for (size_t i = 0; i < sizeof(counter_rows) / sizeof(counter_rows[0]); i++) {
		const atomic_ullong *at =
		    (const atomic_ullong *)(const void *)(base + counter_rows[i].at);

		text_printf(&out, "\"%s\":%llu,", counter_rows[i].name, atomic_load(at));
	}
	text_printf(&out, "\"now\":%.3f,", (double)r->now_ms / 1000.0);
	(void)pthread_mutex_lock(&store->lock);
	text_printf(&out, "\"tasks\":%zu,\"accepted_ids\":{", store->tasks);
	for (const struct task *task = store->first; task; task = task->next) {
		if (!task->accepted)
			continue;
		text_printf(&out, "%s\"", comma);
		text_json(&out, task->submit_id);
		text_printf(&out, "\":%u", task->accepted);
		comma = ",";
	}
	(void)pthread_mutex_unlock(&store->lock);
	text_puts(&out, "}}");
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

/* Null for what never comes. */
static void write_moment(struct text *out, const char *name, int64_t at_ms)
{
	if (at_ms == INT64_MAX)
		text_printf(out, ",\"%s\":null", name);
	else
		text_printf(out, ",\"%s\":%.3f", name, (double)at_ms / 1000.0);
}

/* What only the emulator knows: what will become of it, and when. */
static void write_fate(struct text *out, const struct life *life, int forecast_s)
{
	text_printf(out, "\"place\":%d,\"forecast\":%d", life->queue_start, forecast_s);
	write_moment(out, "begins", life->queued_until);
	write_moment(out, "first_item", life_first_item_ms(life));
	write_moment(out, "ends", life->end_at);
}

/* What its files are called, and what is not there any more. */
static void write_files(struct text *out, const struct task *task)
{
	char vid[VID_MAX], uri[URI_MAX];

	text_printf(out, ",\"record_gone\":%s,\"file_gone\":%s",
	    atomic_load(&task->record_gone) ? "true" : "false",
	    atomic_load(&task->file_gone) ? "true" : "false");
	if (task->life.kind == KIND_VIDEO) {
		record_vid(task, 0, vid);
		text_printf(out, ",\"vid\":\"%s\"", vid);
	} else if (task->life.kind == KIND_IMAGE) {
		text_puts(out, ",\"uris\":[");
		for (unsigned i = 0; i < (unsigned)task->life.items; i++) {
			record_uri(task, i, uri);
			text_printf(out, "%s\"%s\"", i ? "," : "", uri);
		}
		text_puts(out, "]");
	}
}

static void write_task(struct text *out, const struct task *task, int64_t now_ms)
{
	const struct life life = task_life(task);
	struct life_view look = life_look(&life, now_ms);

	text_puts(out, "{\"submit_id\":\"");
	text_json(out, task_shown_id(task));
	text_puts(out, "\",\"account\":\"");
	text_json(out, task->account->session);
	text_printf(out,
	    "\",\"history_id\":\"%s\",\"kind\":\"%s\",\"status\":%d,\"task_status\":%d,"
	    "\"items\":%d,\"total\":%d,\"queue_status\":%d,\"ended\":%s,\"accepted\":%u,"
	    "\"created\":%.3f,",
	    task->history_id, kind_row(task->life.kind)->name, look.status,
	    look.task_status, look.items, task->life.items, look.queue_status,
	    look.is_ended ? "true" : "false", task->accepted,
	    (double)task->life.created_ms / 1000.0);
	write_fate(out, &life, look.forecast_s);
	write_files(out, task);
	text_puts(out, "}");
}

/* Without an account all. */
static void get_tasks(struct emulator *emu, struct request *r)
{
	struct store *store = &emu->store;
	const char *session = request_argument(r, "account");
	const char *comma = "";
	struct text out = { 0 };

	text_puts(&out, "[");
	(void)pthread_mutex_lock(&store->lock);
	for (const struct task *task = store->first; task; task = task->next) {
		if (*session && strcmp(session, task->account->session) != 0)
			continue;
		text_puts(&out, comma);
		write_task(&out, task, r->now_ms);
		comma = ",\n";
	}
	(void)pthread_mutex_unlock(&store->lock);
	text_puts(&out, "]");
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

void control_bad_request(struct request *r, const char *why)
{
	struct text out = { 0 };

	text_puts(&out, "{\"error\":\"");
	text_json(&out, why);
	text_puts(&out, "\"}");
	reply_text(&r->reply, 400, JSON_TYPE, &out);
}

const char *control_string(const json_t *body, const char *key, const char *otherwise)
{
	const char *value = json_string_value(json_object_get(body, key));

	return value ? value : otherwise;
}

/* `want` is a copy, so that it may borrow the id for the call. */
static void make_one(struct emulator *emu, struct account *account, struct new_task want,
    const char *id, struct text *out)
{
	const struct task *task = NULL;

	want.submit_id = id;
	(void)store_accept(&emu->store, &emu->clock, account, &want, &task);
	if (out->len > 1)
		text_puts(out, ",");
	text_puts(out, "\"");
	text_json(out, id);
	text_puts(out, "\"");
}

/* Ids are given one by one, or as a prefix and a count: prefix-0, prefix-1, … */
static void make_all(struct emulator *emu, struct account *account,
    const struct new_task *want, const json_t *body, struct text *out)
{
	json_int_t count = json_integer_value(json_object_get(body, "count"));
	const char *prefix = control_string(body, "prefix", "task");
	const json_t *id;
	size_t at;

	json_array_foreach(json_object_get(body, "ids"), at, id)
	{
		if (json_is_string(id))
			make_one(emu, account, *want, json_string_value(id), out);
	}
	for (json_int_t i = 0; i < count && i < MADE_AT_ONCE_MAX; i++) {
		char name[96];

		(void)snprintf(name, sizeof(name), "%.64s-%lld", prefix, (long long)i);
		make_one(emu, account, *want, name, out);
	}
}

static void make_tasks(struct emulator *emu, struct request *r)
{
	json_t *body = json_loadb(text_str(&r->body), r->body.len, 0, NULL);
	enum task_kind kind = KIND_IMAGE;
	bool is_kind = kind_find(control_string(body, "kind", "image"), &kind);
	double age_s = json_number_value(json_object_get(body, "age_seconds"));
	struct text out = { 0 };
	struct new_task want = {
		.kind = kind,
		.prompt = control_string(body, "prompt", "一只可爱的小猫坐在阳光下"),
		.model_key = kind_row(kind)->model_key,
		.width = kind_row(kind)->width,
		.height = kind_row(kind)->height,
		.created_ms = r->now_ms - clock_span_ms(&emu->clock, age_s),
		.is_free = true,
	};

	if (!json_is_object(body) || !is_kind) {
		json_decref(body);
		control_bad_request(r,
		    is_kind ? "the body is not a JSON object" : "no such kind of tasks");
		return;
	}
	text_puts(&out, "[");
	make_all(emu, store_account(&emu->store, control_string(body, "account", "test")),
	    &want, body, &out);
	text_puts(&out, "]");
	json_decref(body);
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

/* Of the tasks that `ids` names, their own or their history ids. */
static void remove_tasks(struct emulator *emu, struct request *r)
{
	json_t *body = json_loadb(text_str(&r->body), r->body.len, 0, NULL);
	const struct account *account =
	    store_account(&emu->store, control_string(body, "account", "test"));
	const char *what = control_string(body, "what", "record");
	const bool both = strcmp(what, "both") == 0;
	const bool record = both || strcmp(what, "record") == 0;
	const bool file = both || strcmp(what, "file") == 0;
	struct text out = { 0 };
	unsigned removed = 0;
	const json_t *id;
	size_t at;

	json_array_foreach(json_object_get(body, "ids"), at, id)
	{
		if (json_is_string(id) && (record || file))
			removed += store_remove(
			    &emu->store, account, json_string_value(id), record, file);
	}
	if (removed) {
		text_printf(&out, "{\"removed\":%u}", removed);
		reply_text(&r->reply, 200, JSON_TYPE, &out);
	} else {
		control_bad_request(
		    r, "wanted: account, ids, and what (record, file, both)");
	}
	json_decref(body);
}

/* The body is a mix; its account has the records from now on. */
static void make_records(struct emulator *emu, struct request *r)
{
	struct text out = { 0 };
	struct mix mix;

	if (!mix_read(text_str(&r->body), &mix)) {
		control_bad_request(
		    r, "these are no records, as docs/emulator.md writes them");
		return;
	}
	service_add_records(emu, &mix, NULL);
	text_printf(&out, "{\"records\":%d}", mix_count(&mix));
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

static void get_regions(__attribute__((unused)) struct emulator *emu, struct request *r)
{
	const struct region_row *row;
	json_t *list = json_array();
	char *dump;

	for (size_t i = 0; (row = region_at(i)); i++)
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s, s:s?, s:s, s:[s, s*]}",
			"name", row->name, "api", row->api, "commerce", row->commerce,
			"submit", row->submit, "aid", row->aid, "region", row->region,
			"loc", row->loc, "site", row->site, "sign", "11ac",
			row->has_1e67 ? "1e67" : NULL));
	dump = json_dumps(list, JSON_INDENT(1));
	reply_string(&r->reply, 200, JSON_TYPE, dump ? dump : "");
	free(dump);
	json_decref(list);
}

static void get_script(struct emulator *emu, struct request *r)
{
	struct text out = { 0 };

	script_list(&emu->script, &out);
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

static void add_script(struct emulator *emu, struct request *r)
{
	struct err err = { 0 };

	if (script_add(&emu->script, text_str(&r->body), &err))
		control_bad_request(r, err.msg);
	else
		get_script(emu, r);
}

/* Without a body everything goes, else the lines that it names. */
static void remove_script(struct emulator *emu, struct request *r)
{
	if (!r->body.len)
		script_clear(&emu->script);
	else if (!script_remove(&emu->script, text_str(&r->body))) {
		control_bad_request(r, "the script has no such line");
		return;
	}
	get_script(emu, r);
}

static const struct {
	const char *method, *path;
	void (*handle)(struct emulator *emu, struct request *r);
} control_rows[] = {
	{ "GET", "/_emulator/stats", get_stats },
	{ "GET", "/_emulator/tasks", get_tasks },
	{ "POST", "/_emulator/tasks", make_tasks },
	{ "DELETE", "/_emulator/tasks", remove_tasks },
	{ "POST", "/_emulator/records", make_records },
	{ "GET", "/_emulator/regions", get_regions },
	{ "GET", "/_emulator/script", get_script },
	{ "POST", "/_emulator/script", add_script },
	{ "DELETE", "/_emulator/script", remove_script },
	{ "POST", "/_emulator/accounts", control_set_account },
};

bool control_answer(struct emulator *emu, struct request *r)
{
	if (strncmp(r->path, "/_emulator/", 11) != 0)
		return false;
	for (size_t i = 0; i < sizeof(control_rows) / sizeof(control_rows[0]); i++)
		if (strcmp(r->path, control_rows[i].path) == 0 &&
		    strcmp(r->method, control_rows[i].method) == 0) {
			control_rows[i].handle(emu, r);
			return true;
		}
	reply_string(&r->reply, 404, "text/plain", "not a control path\n");
	return true;
}
