/*
 * The answer keeps its bytes and, for each record, where in them it lies
 * (slots.h). A tree lives only while one record is judged.
 */
#include "service/jimeng/read/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/json_tape.h"
#include "base/say.h"
#include "service/jimeng/read/envelope.h"
#include "service/jimeng/read/failure.h"
#include "service/jimeng/read/mixup.h"
#include "service/jimeng/read/slots.h"
#include "service/jimeng/read/verdict.h"

enum { WARNING_MAX = 1600 };

struct answer {
	struct envelope envelope;
	struct slots slots;
	unsigned odd; /* mistyped fields, unusable links, unknown numbers */
};

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for an answer");
}

static enum err_kind cut(struct answer *answer, struct err *err)
{
	bool is_neither;

	if (slots_cut(&answer->slots, answer->envelope.data, answer->envelope.data_token,
		&is_neither, err))
		return err->kind;
	if (!is_neither)
		return ERR_OK;
	if (answer_class(answer) == RET_OK)
		return err_set(err, ERR_CONTRACT,
		    "'data' is neither an object nor a list of records");
	answer->odd++;
	return ERR_OK;
}

/* Nobody knows whose these were. */
static size_t count_lost(const struct answer *answer)
{
	return slots_lost(&answer->slots, answer->envelope.mended > 0);
}

/* With no record left the error is that of the answer as it came. */
static enum err_kind check_left(
    const struct answer *answer, const char *bytes, size_t len, struct err *err)
{
	const struct slots *slots = &answer->slots;

	if (slots->n == 0 || count_lost(answer) < slots->n)
		return ERR_OK;
	if (json_scan(bytes, len, err))
		return err_note(err, "the answer");
	for (size_t i = 0; i < slots->n; i++)
		if (slots->at[i].is_doubled) {
			(void)slot_refuse_doubled(&slots->at[i], err);
			return err_note(err, "'data'");
		}
	return ERR_OK;
}

enum err_kind answer_decode(const char *bytes, size_t len, int64_t date_unix_ms,
    struct answer **ret_answer, struct err *err)
{
	_cleanup_(answer_freep) struct answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		return no_memory(err);
	answer->slots = slots_make(&answer->envelope.tape);
	if (envelope_read(bytes, len, date_unix_ms, &answer->envelope, err))
		return err->kind;
	answer->odd = answer->envelope.mistyped;
	if (cut(answer, err) || check_left(answer, bytes, len, err))
		return err->kind;
	*ret_answer = TAKE_PTR(answer);
	return ERR_OK;
}

void answer_free(struct answer *answer)
{
	if (!answer)
		return;
	envelope_release(&answer->envelope);
	slots_release(&answer->slots);
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

unsigned answer_mistyped(const struct answer *answer)
{
	return answer->odd;
}

static void warn(struct buf *into, const char *text)
{
	buf_addf(into, "%s%s", into->len ? say_text(N_("; ")) : "", say_text(text));
}

/* What is odd about this record but harms nobody; also counted. */
static void add_warnings(struct answer *answer, const struct facts *facts,
    const struct task *task, struct buf *into)
{
	char text[128];

	if (task->status == STATUS_ABSENT) {
		warn(into, N_("the record has no status"));
	} else if (!verdict_knows_status(task->status)) {
		say_into(
		    text, sizeof(text), "unknown status %lld", (long long)task->status);
		warn(into, text);
		answer->odd++;
	}
	if (facts->bad_links) {
		say_into(
		    text, sizeof(text), "links that can't be used: %u", facts->bad_links);
		warn(into, text);
		answer->odd += facts->bad_links;
	}
	if (facts->left_out) {
		say_into(text, sizeof(text),
		    "%zu assets beyond the first %d are left out", facts->left_out,
		    ANSWER_ASSETS_MAX);
		warn(into, text);
	}
	if (task->state == TASK_QUEUED && facts->has_finish_time)
		warn(into, N_("it has ended without files or a reason"));
	if (task->state == TASK_SUCCEEDED && task->finished < task->total) {
		say_into(text, sizeof(text), "%lld of %lld assets came",
		    (long long)task->finished, (long long)task->total);
		warn(into, text);
		if (facts->item_word)
			say_add(into, ", '%.200s' for the others", facts->item_word);
	}
}

static enum err_kind conclude(struct answer *answer, const struct facts *facts,
    int64_t now_ms, struct poll_memory *memory, struct task *task, struct err *err)
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
		    N_("the service calls it failed and gives no reason; that is "
		       "believed when it stays so"));
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
    int64_t now_ms, struct poll_memory *memory, struct task *task, struct err *err)
{
	_cleanup_(json_tree_release) struct json_tree tree = { 0 };
	struct record record;
	struct facts facts;

	if (slot->is_doubled)
		return slot_refuse_doubled(slot, err);
	if (slot_tree(&answer->slots, slot, &tree, err))
		return err->kind;
	record = (struct record){ tree.root, slot->key, answer->envelope.server_unix_ms };
	if (record_read(&record, task, &facts, &answer->odd, err))
		return err->kind;
	return conclude(answer, &facts, now_ms, memory, task, err);
}

enum err_kind answer_judge(struct answer *answer, const char *id, int64_t now_ms,
    struct poll_memory *memory, struct task **ret_task, struct err *err)
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
	if (slots_find(&answer->slots, id, &slot, err))
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

enum err_kind answer_doubts(struct answer *answer, const struct answer_asker *askers,
    size_t n, struct service_doubt *ret_doubts, struct err *err)
{
	return mixup_find(&answer->slots, askers, n, ret_doubts, err);
}
