#include "service/jimeng/read/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/taskid.h"
#include "service/jimeng/read/judge.h"
#include "service/jimeng/read/slots.h"

/* What is read of one page. */
struct reader {
	const struct envelope *envelope;
	struct slots slots; /* for trees only */
	int64_t now_ms;
	struct page *page;
};

/* Members of an asset that may be its record, and the kind that they speak of. */
static const struct holder {
	const char *name;
	enum media_kind kind;
} holders[] = {
	{ "image", MEDIA_IMAGE },
	{ "video", MEDIA_VIDEO },
	{ "audio", MEDIA_AUDIO },
};

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for a page of the history");
}

void page_release(struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		task_free(page->found[i].task);
	free(page->found);
	free(page->next);
	*page = (struct page){ 0 };
}

/* --- one record ----------------------------------------------------------------- */

static bool is_record(const cJSON *json)
{
	return cJSON_IsObject(json) &&
	    (cJSON_GetObjectItemCaseSensitive(json, "history_record_id") ||
		cJSON_GetObjectItemCaseSensitive(json, "submit_id") ||
		cJSON_GetObjectItemCaseSensitive(json, "task"));
}

/* The record that an element of the list is, or holds. */
static const cJSON *record_in(const cJSON *element, enum media_kind *ret_kind)
{
	*ret_kind = MEDIA_UNKNOWN;
	for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++) {
		const cJSON *held =
		    cJSON_GetObjectItemCaseSensitive(element, holders[i].name);

		if (!is_record(held))
			continue;
		*ret_kind = holders[i].kind;
		return held;
	}
	return element;
}

static const char *submit_id_of(const cJSON *record)
{
	static const char *const paths[] = { "submit_id", "task.submit_id" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const char *id = json_get_string(record, paths[i], NULL);

		if (taskid_is_valid(id))
			return id;
	}
	return NULL;
}

/* *ret_task NULL: it has no name. */
static enum err_kind judge(const struct reader *reader, const cJSON *element,
    struct task **ret_task, struct err *err)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct poll_memory memory = { 0 };
	unsigned odd = 0;
	enum media_kind kind;
	const struct record record = { record_in(element, &kind), NULL,
		reader->envelope->server_unix_ms };
	const char *id = submit_id_of(record.json);

	*ret_task = NULL;
	if (!task)
		return no_memory(err);
	task->arena.max_bytes = ANSWER_RECORD_STRINGS_MAX;
	if (record_judge(&record, reader->now_ms, &memory, task, &odd, err))
		return err->kind;
	if (task->kind == MEDIA_UNKNOWN)
		task->kind = kind;
	if (!id)
		id = task->history_id;
	if (!id)
		return ERR_OK;
	task->submit_id = arena_strdup(&task->arena, id);
	if (!task->submit_id)
		return no_memory(err);
	*ret_task = TAKE_PTR(task);
	return ERR_OK;
}

/* --- the list --------------------------------------------------------------------- */

/* A record that can't be read is counted; only memory is a reason to stop. */
static enum err_kind take_in(struct reader *reader, size_t token, struct err *err)
{
	_cleanup_(json_tree_release) struct json_tree tree = { 0 };
	const struct json_tape *tape = &reader->envelope->tape;
	const struct slot slot = {
		.value = { tape->bytes + tape->tokens[token].at,
		    tape->tokens[token].len },
		.token = token,
	};
	struct page *page = reader->page;
	struct task *task = NULL;
	struct err why;

	if (slot_tree(&reader->slots, &slot, &tree, &why) ||
	    judge(reader, tree.root, &task, &why)) {
		page->unreadable++;
		if (why.kind == ERR_NOMEM)
			*err = why;
		return why.kind == ERR_NOMEM ? ERR_NOMEM : ERR_OK;
	}
	if (task)
		page->found[page->n++].task = task;
	else
		page->nameless++;
	return ERR_OK;
}

static enum err_kind read_list(struct reader *reader, size_t list, struct err *err)
{
	const struct json_token *tokens = reader->envelope->tape.tokens;

	if (tokens[list].n > ANSWER_RECORDS_MAX)
		return err_set(err, ERR_CONTRACT, "the page has more than %d records",
		    ANSWER_RECORDS_MAX);
	reader->page->found = calloc(tokens[list].n + 1, sizeof(*reader->page->found));
	if (!reader->page->found)
		return no_memory(err);
	for (size_t i = list + 1; i < tokens[list].next; i = tokens[i].next)
		if (take_in(reader, i, err))
			return err->kind;
	return ERR_OK;
}

/* --- around it ---------------------------------------------------------------------- */

static struct json_slice value_at(const struct envelope *envelope, const char *path)
{
	const struct json_tape *tape = &envelope->tape;
	const size_t token = json_tape_find(tape, envelope->data_token, path);

	if (!token)
		return (struct json_slice){ 0 };
	return (struct json_slice){ tape->bytes + tape->tokens[token].at,
		tape->tokens[token].len };
}

static bool is_word(struct json_slice value, const char *word)
{
	return value.len == strlen(word) && !memcmp(value.bytes, word, value.len);
}

/* A number or a text goes back as it came; nothing, "" and 0 are none. */
static bool is_cursor(struct json_slice value)
{
	if (value.len == 0 || value.len > SERVICE_CURSOR_MAX || is_word(value, "0") ||
	    is_word(value, "\"\"") || is_word(value, "\"0\""))
		return false;
	return value.bytes[0] == '"' || value.bytes[0] == '-' ||
	    (value.bytes[0] >= '0' && value.bytes[0] <= '9');
}

ANALYZER_LOSES_SIGHT
static enum err_kind read_place(
    const struct envelope *envelope, struct page *page, struct err *err)
{
	const struct json_slice more = value_at(envelope, "has_more"),
				next = value_at(envelope, "next_offset");

	page->has_more = is_word(more, "true") || is_word(more, "1");
	if (!is_cursor(next))
		return ERR_OK;
	page->next = strndup(next.bytes, next.len);
	return page->next ? ERR_OK : no_memory(err);
}

ANALYZER_SEES_AGAIN

static size_t find_list(const struct envelope *envelope)
{
	static const char *const names[] = { "asset_list", "records_list" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct json_slice list = value_at(envelope, names[i]);

		if (list.len && list.bytes[0] == '[')
			return json_tape_find(
			    &envelope->tape, envelope->data_token, names[i]);
	}
	return 0;
}

static enum err_kind read_all(struct reader *reader, struct err *err)
{
	const struct envelope *envelope = reader->envelope;
	const bool is_object = envelope->data_token && envelope->data.bytes[0] == '{';
	const size_t list = is_object ? find_list(envelope) : 0;

	if (is_object && read_place(envelope, reader->page, err))
		return err->kind;
	if (list)
		return read_list(reader, list, err);
	/* An account without anything may get no list at all. */
	if (envelope->data.len == 0 || (is_object && !reader->page->has_more))
		return ERR_OK;
	return err_set(err, ERR_CONTRACT, "the page has no list of records");
}

enum err_kind page_read(
    const struct answer *answer, int64_t now_ms, struct page *ret_page, struct err *err)
{
	struct page page = { 0 };
	struct reader reader = {
		.envelope = answer_envelope(answer),
		.slots = slots_make(&answer_envelope(answer)->tape),
		.now_ms = now_ms,
		.page = &page,
	};
	const enum err_kind kind = read_all(&reader, err);

	slots_release(&reader.slots);
	if (kind)
		page_release(&page);
	*ret_page = page;
	return kind;
}
