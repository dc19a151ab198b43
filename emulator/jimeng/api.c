#include "jimeng/api.h"

#include <stdio.h>
#include <string.h>

#include <fnmatch.h>

#include "common/hash.h"
#include "jimeng/answer.h"
#include "jimeng/record.h"

static bool check_list(struct request *r, const char *name)
{
	const json_t *list = json_object_get(r->json, name);
	const json_t *id;
	size_t i;

	if (!list || json_is_null(list))
		return true;
	if (!json_is_array(list)) {
		request_violation(r, "%s is not a list", name);
		return false;
	}
	json_array_foreach(list, i, id)
	{
		if (!json_is_string(id)) {
			request_violation(
			    r, "%s holds something else than strings", name);
			return false;
		}
	}
	return true;
}

/* False, and answered, unless the body is an object with known keys and id lists. */
static bool check_body(struct request *r)
{
	static const char *const known[] = { "submit_ids", "history_ids", "need_batch",
		"http_common_info", "image_info" };
	const char *key;
	json_t *value;
	bool ok = json_is_object(r->json);

	if (!r->body.len) {
		request_violation(r, "empty body");
		api_error(r, 2008, NULL);
		return false;
	}
	if (!ok)
		request_violation(r, "the body is not a JSON object");
	json_object_foreach(r->json, key, value)
	{
		bool is_known = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			is_known |= strcmp(key, known[i]) == 0;
		if (!is_known)
			request_violation(r, "unknown key %s in the body", key);
		ok &= is_known;
	}
	ok = ok && check_list(r, "submit_ids") && check_list(r, "history_ids");
	if (ok && r->ids_count == 0) {
		request_violation(r, "no ids asked");
		ok = false;
	}
	if (!ok)
		api_error(r, 1000, NULL);
	return ok;
}

typedef void write_task(
    const struct record_view *view, const struct task *task, struct text *out);

/* The task that the id at `index` means in its list; NULL: none that may be shown. */
static const struct task *known_at(
    const struct jimeng *jimeng, const struct request *r, size_t index)
{
	const size_t submit_ids = json_array_size(json_object_get(r->json, "submit_ids"));
	const struct account *account = store_account(jimeng->store, r->session);
	const char *id = r->ids[index];
	const struct task *task = index < submit_ids
	    ? store_by_submit_id(jimeng->store, account, id)
	    : store_by_history_id(jimeng->store, account, id);

	return task && !api_is_hidden(jimeng, r, task, id) ? task : NULL;
}

/*
 * The task that is shown under the id at `index`; NULL: the id is absent, or was answered
 * already, in this list or the other one.
 */
static const struct task *asked_for(
    const struct jimeng *jimeng, const struct request *r, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(r->ids[i], r->ids[index]) == 0 && known_at(jimeng, r, i))
			return NULL;
	return known_at(jimeng, r, index);
}

static bool is_swapped(const struct fault *swap, const char *id)
{
	return !swap->text || fnmatch(swap->text, id, 0) == 0;
}

/* The task whose record an id gets by a swap: that of the next one; alone, its own. */
static const struct task *next_swapped(const struct jimeng *jimeng,
    const struct request *r, const struct fault *swap, size_t index)
{
	for (size_t step = 1; step < r->ids_count; step++) {
		const size_t next = (index + step) % r->ids_count;
		const struct task *task =
		    is_swapped(swap, r->ids[next]) ? asked_for(jimeng, r, next) : NULL;

		if (task)
			return task;
	}
	return NULL;
}

/* The task whose record stands under this key, which faults may change. */
static const struct task *shown_under(
    const struct jimeng *jimeng, const struct request *r, size_t index)
{
	const struct account *account = store_account(jimeng->store, r->session);
	const struct fault *record_of = request_fault(r, FAULT_RECORD_OF);
	const struct fault *swap = request_fault(r, FAULT_SWAP);
	const struct task *task = asked_for(jimeng, r, index), *other = NULL;

	if (task && record_of)
		other = store_by_submit_id(jimeng->store, account, record_of->text);
	else if (task && swap && is_swapped(swap, r->ids[index]))
		other = next_swapped(jimeng, r, swap, index);
	return other ? other : task;
}

/* `data`: an object keyed by the very ids that were asked for and are known. */
static void write_data(
    const struct jimeng *jimeng, struct request *r, write_task *write, struct text *out)
{
	const struct record_view view = api_view(jimeng, r);
	const char *comma = "";

	text_puts(out, "{");
	for (size_t i = 0; i < r->ids_count; i++) {
		const struct task *task = shown_under(jimeng, r, i);

		if (!task)
			continue;
		text_printf(out, "%s\"", comma);
		text_json(out, r->ids[i]);
		text_puts(out, "\":");
		write(&view, task, out);
		comma = ",";
	}
	text_puts(out, "}");
}

static void answer_records(
    const struct jimeng *jimeng, struct request *r, write_task *write)
{
	struct text data = { 0 };

	write_data(jimeng, r, write, &data);
	api_data(r, &data);
}

void api_query(const struct jimeng *jimeng, struct request *r)
{
	if (api_login(jimeng, r, 1015) && check_body(r))
		answer_records(jimeng, r, record_write);
}

void api_queue(const struct jimeng *jimeng, struct request *r)
{
	if (api_login(jimeng, r, 1015) && check_body(r))
		answer_records(jimeng, r, record_write_queue);
}
