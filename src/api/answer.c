/*
 * The answer keeps its bytes and, for each record, where in them it lies. A
 * tree lives only while one record is judged, or while the own ids of the
 * records are collected, once, when an id is not found by its key.
 */
#include "api/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/envelope.h"
#include "api/failure.h"
#include "api/record.h"
#include "api/verdict.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "model/taskid.h"

enum { OWN_IDS_MAX = 2 << 20, RAW_KEY_MAX = 6 * TASKID_MAX, WARNING_MAX = 1600 };

/* Lists that some clients expect in `data` (PROTOCOL B2); a tolerance. */
static const char *const list_names[] = { "history_list", "history_records", NULL };

struct slot {
	const char *key; /* in the arena; NULL: member of a list, or never an id */
	struct json_slice value;
	const char *own_ids[RECORD_IDS]; /* in the arena; once is_indexed */
};

struct answer {
	struct envelope envelope;
	struct slot *slots;
	size_t n;
	bool is_indexed;
	struct arena arena;
	unsigned odd; /* mistyped fields, unusable links, unknown numbers */
};

static bool is_list_name(struct json_slice key)
{
	for (size_t i = 0; list_names[i]; i++)
		if (key.len == strlen(list_names[i]) &&
		    !memcmp(key.bytes, list_names[i], key.len))
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Length of the value at `at`, in a text that json_scan() has accepted. */
static size_t value_length(const char *at, const char *end)
{
	const char *c = at;
	size_t depth = 0;
	bool in_string = false;

	for (; c < end; c++) {
		if (in_string) {
			if (*c == '\\')
				c++;
			else if (*c == '"')
				in_string = false;
		} else if (*c == '"') {
			in_string = true;
		} else if (*c == '{' || *c == '[') {
			depth++;
		} else if (depth == 0 && (*c == ',' || *c == ']')) {
			break;
		} else if (*c == '}' || *c == ']') {
			depth--;
		}
	}
	while (c > at && is_space(c[-1]))
		c--;
	return (size_t)(c - at);
}

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for an answer");
}

static enum err_kind add_slot(
    struct answer *answer, const char *key, struct json_slice value, struct err *err)
{
	if (answer->n == ANSWER_RECORDS_MAX)
		return err_set(err, ERR_CONTRACT, "the answer has more than %d records",
		    ANSWER_RECORDS_MAX);
	answer->slots[answer->n++] = (struct slot){ .key = key, .value = value };
	return ERR_OK;
}

/* A record under its key, which is plain from then on. */
static enum err_kind add_keyed(
    struct answer *answer, const struct json_member *member, struct err *err)
{
	const struct json_slice raw = member->key;
	_cleanup_free_ char *unescaped = NULL;
	char *key;

	if (raw.len > RAW_KEY_MAX)
		return add_slot(answer, NULL, member->value, err);
	if (memchr(raw.bytes, '\\', raw.len)) {
		unescaped = json_unescape(raw);
		key = arena_strdup(&answer->arena, unescaped);
	} else {
		key = arena_strndup(&answer->arena, raw.bytes, raw.len);
	}
	return key ? add_slot(answer, key, member->value, err) : no_memory(err);
}

static enum err_kind add_list(
    struct answer *answer, struct json_slice array, struct err *err)
{
	const char *at = array.bytes + 1;
	const char *end = array.bytes + array.len;

	while (at < end) {
		struct json_slice value = { at, 0 };

		if (is_space(*at) || *at == ',') {
			at++;
			continue;
		}
		if (*at == ']')
			return ERR_OK;
		value.len = value_length(at, end);
		if (add_slot(answer, NULL, value, err))
			return err->kind;
		at += value.len;
	}
	return ERR_OK;
}

static enum err_kind add_members(
    struct answer *answer, struct json_slice object, struct err *err)
{
	_cleanup_free_ struct json_member *members = NULL;
	size_t n;

	if (json_members(object, ANSWER_RECORDS_MAX, &members, &n, err))
		return err_note(err, "'data'");
	for (size_t i = 0; i < n; i++) {
		const struct json_member *member = &members[i];
		const enum err_kind kind =
		    is_list_name(member->key) && member->value.bytes[0] == '['
		    ? add_list(answer, member->value, err)
		    : add_keyed(answer, member, err);

		if (kind)
			return kind;
	}
	return ERR_OK;
}

static enum err_kind slice_records(struct answer *answer, struct err *err)
{
	const struct json_slice data = answer->envelope.data;

	if (data.len == 0)
		return ERR_OK;
	answer->slots = calloc(ANSWER_RECORDS_MAX, sizeof(*answer->slots));
	if (!answer->slots)
		return no_memory(err);
	if (data.bytes[0] == '{')
		return add_members(answer, data, err);
	if (data.bytes[0] == '[')
		return add_list(answer, data, err);
	if (answer_class(answer) == RET_OK)
		return err_set(err, ERR_CONTRACT,
		    "'data' is neither an object nor a list of records");
	answer->odd++;
	return ERR_OK;
}

/* Those that json_mend() has written over: nobody knows whose they were. */
static size_t count_lost(const struct answer *answer)
{
	size_t n = 0;

	for (size_t i = 0; answer->envelope.mended > 0 && i < answer->n; i++)
		n += answer->slots[i].value.bytes[0] == '0';
	return n;
}

enum err_kind answer_decode(const char *bytes, size_t len, int64_t date_unix_ms,
    struct answer **ret_answer, struct err *err)
{
	_cleanup_(answer_freep) struct answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		return no_memory(err);
	answer->arena = arena_make(OWN_IDS_MAX);
	if (envelope_read(bytes, len, date_unix_ms, &answer->envelope, err))
		return err->kind;
	answer->odd = answer->envelope.mistyped;
	if (slice_records(answer, err))
		return err->kind;
	/* With no record left the error is that of the answer as it came. */
	if (answer->n > 0 && count_lost(answer) == answer->n &&
	    json_scan(bytes, len, err))
		return err_note(err, "the answer");
	*ret_answer = TAKE_PTR(answer);
	return ERR_OK;
}

void answer_free(struct answer *answer)
{
	if (!answer)
		return;
	envelope_release(&answer->envelope);
	arena_release(&answer->arena);
	free(answer->slots);
	free(answer);
}

void answer_freep(struct answer **answer)
{
	answer_free(*answer);
	*answer = NULL;
}

enum err_kind answer_error(const struct answer *answer, struct err *err)
{
	return envelope_error(&answer->envelope, err);
}

enum ret_class answer_class(const struct answer *answer)
{
	return retcode_class(answer->envelope.ret);
}

int64_t answer_server_unix_ms(const struct answer *answer)
{
	return answer->envelope.server_unix_ms;
}

const char *answer_ret(const struct answer *answer)
{
	return answer->envelope.ret;
}

struct json_slice answer_data(const struct answer *answer)
{
	return answer->envelope.data;
}

struct json_slice answer_text(const struct answer *answer)
{
	return (struct json_slice){ answer->envelope.bytes, answer->envelope.len };
}

size_t answer_mended(const struct answer *answer)
{
	return answer->envelope.mended;
}

size_t answer_count(const struct answer *answer)
{
	return answer->n;
}

unsigned answer_mistyped(const struct answer *answer)
{
	return answer->odd;
}

/* An unreadable record owns nothing; only memory is a reason to stop. */
static enum err_kind index_slot(struct answer *answer, struct slot *slot, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;

	if (slot->value.bytes[0] != '{')
		return ERR_OK;
	if (json_parse_within(
		slot->value.bytes, slot->value.len, ANSWER_VALUES_MAX, &json, err))
		return err->kind == ERR_NOMEM ? ERR_NOMEM : ERR_OK;
	for (size_t i = 0; i < RECORD_IDS; i++) {
		const char *id = json_get_string(json, record_id_paths[i], NULL);

		if (!taskid_is_valid(id))
			continue;
		slot->own_ids[i] = arena_strdup(&answer->arena, id);
		if (!slot->own_ids[i])
			return no_memory(err);
	}
	return ERR_OK;
}

static enum err_kind index_all(struct answer *answer, struct err *err)
{
	struct err why;

	for (size_t i = 0; i < answer->n && !answer->is_indexed; i++) {
		if (index_slot(answer, &answer->slots[i], &why)) {
			*err = why;
			return err->kind;
		}
	}
	answer->is_indexed = true;
	return ERR_OK;
}

static bool owns_id(const struct slot *slot, const char *id)
{
	for (size_t i = 0; i < RECORD_IDS; i++)
		if (slot->own_ids[i] && !strcmp(slot->own_ids[i], id))
			return true;
	return false;
}

/* By key; else by the ids inside. NULL: the service does not know the id. */
static enum err_kind find_slot(
    struct answer *answer, const char *id, const struct slot **ret_slot, struct err *err)
{
	const struct slot *found = NULL;

	for (size_t i = 0; i < answer->n && !found; i++)
		if (answer->slots[i].key && !strcmp(answer->slots[i].key, id))
			found = &answer->slots[i];
	if (!found && index_all(answer, err))
		return err->kind;
	for (size_t i = 0; i < answer->n && !found; i++)
		if (owns_id(&answer->slots[i], id))
			found = &answer->slots[i];
	*ret_slot = found;
	return ERR_OK;
}

static void warn(struct buf *into, const char *text)
{
	buf_addf(into, "%s%s", into->len ? "; " : "", text);
}

/* What is odd about this record but harms nobody; also counted. */
static void add_warnings(struct answer *answer, const struct facts *facts,
    const struct task *task, struct buf *into)
{
	char text[128];

	if (task->status == STATUS_ABSENT) {
		warn(into, "the record has no status");
	} else if (!verdict_knows_status(task->status)) {
		(void)snprintf(
		    text, sizeof(text), "unknown status %lld", (long long)task->status);
		warn(into, text);
		answer->odd++;
	}
	if (facts->bad_links) {
		(void)snprintf(
		    text, sizeof(text), "links that can't be used: %u", facts->bad_links);
		warn(into, text);
		answer->odd += facts->bad_links;
	}
	if (facts->left_out) {
		(void)snprintf(text, sizeof(text),
		    "%zu assets beyond the first %d are left out", facts->left_out,
		    ANSWER_ASSETS_MAX);
		warn(into, text);
	}
	if (task->state == TASK_QUEUED && facts->has_finish_time)
		warn(into, "it has ended without files or a reason");
	if (task->state == TASK_SUCCEEDED && task->finished < task->total) {
		(void)snprintf(text, sizeof(text), "%lld of %lld assets came",
		    (long long)task->finished, (long long)task->total);
		warn(into, text);
		if (facts->item_word)
			buf_addf(into, ", '%.200s' for the others", facts->item_word);
	}
}

static enum err_kind conclude(struct answer *answer, const struct facts *facts,
    int64_t now_ms, struct look_memory *memory, struct task *task, struct err *err)
{
	const struct verdict verdict = verdict_of(facts, now_ms, memory);
	_cleanup_(buf_release) struct buf warnings = buf_make(WARNING_MAX);

	task->state = verdict.state;
	if (task->state != TASK_QUEUED) {
		task->has_queue = false;
		task->queue = (struct task_queue){ -1, -1, -1 };
	}
	if (task->state == TASK_FAILED)
		task->fail = failure_of(facts);
	if (verdict.is_empty_success && !facts->failed)
		task->fail = failure_of_nothing();
	if (verdict.is_unproven)
		warn(&warnings,
		    "the service calls it failed and gives no reason; that is "
		    "believed when it stays so");
	add_warnings(answer, facts, task, &warnings);
	if (buf_failed(&warnings))
		return no_memory(err);
	if (warnings.len == 0)
		return ERR_OK;
	task->warning = arena_strndup(&task->arena, warnings.data, warnings.len);
	if (!task->warning)
		return no_memory(err);
	return ERR_OK;
}

static enum err_kind read_and_judge(struct answer *answer, const struct slot *slot,
    int64_t now_ms, struct look_memory *memory, struct task *task, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct record record;
	struct facts facts;

	if (json_parse_within(
		slot->value.bytes, slot->value.len, ANSWER_VALUES_MAX, &json, err))
		return err->kind;
	record = (struct record){ json, slot->key, answer->envelope.server_unix_ms };
	if (record_read(&record, task, &facts, &answer->odd, err))
		return err->kind;
	return conclude(answer, &facts, now_ms, memory, task, err);
}

enum err_kind answer_judge(struct answer *answer, const char *id, int64_t now_ms,
    struct look_memory *memory, struct task **ret_task, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;
	const struct slot *slot = NULL;

	if (answer_error(answer, err))
		return err->kind;
	task = task_new();
	if (!task)
		return no_memory(err);
	task->arena.max_bytes = ANSWER_RECORD_STRINGS_MAX;
	task->submit_id = arena_strdup(&task->arena, id);
	if (!task->submit_id)
		return no_memory(err);
	if (find_slot(answer, id, &slot, err))
		return err->kind;
	if (!slot && count_lost(answer) > 0)
		return err_set(err, ERR_NET,
		    "a record of the answer can't be read, which may be that of '%s'",
		    id);
	if (!slot)
		task->state = verdict_absent(now_ms, memory);
	else if (read_and_judge(answer, slot, now_ms, memory, task, err))
		return err_note(err, "the record of '%s'", id);
	*ret_task = TAKE_PTR(task);
	return ERR_OK;
}
