/*
 * The answer keeps its bytes and, for each record, where in them it lies
 * (slots.h). A tree lives only while one record is judged.
 */
#include "service/jimeng/read/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/json_tape.h"
#include "service/jimeng/read/judge.h"
#include "service/jimeng/read/mixup.h"
#include "service/jimeng/read/slots.h"

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

const struct envelope *answer_envelope(const struct answer *answer)
{
	return &answer->envelope;
}

size_t answer_mended(const struct answer *answer)
{
	return answer->envelope.mended;
}

unsigned answer_mistyped(const struct answer *answer)
{
	return answer->odd;
}

static enum err_kind read_and_judge(struct answer *answer, const struct slot *slot,
    int64_t now_ms, struct poll_memory *memory, struct task *task, struct err *err)
{
	_cleanup_(json_tree_release) struct json_tree tree = { 0 };
	struct record record;

	if (slot->is_doubled)
		return slot_refuse_doubled(slot, err);
	if (slot_tree(&answer->slots, slot, &tree, err))
		return err->kind;
	record = (struct record){ tree.root, slot->key, answer->envelope.server_unix_ms };
	return record_judge(&record, now_ms, memory, task, &answer->odd, err);
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
	if (!slot) {
		task->state = verdict_absent(now_ms, memory);
		task->is_missed = task->state == TASK_UNKNOWN;
	} else if (read_and_judge(answer, slot, now_ms, memory, task, err)) {
		return err_note(err, "the record of '%s'", id);
	}
	*ret_task = TAKE_PTR(task);
	return ERR_OK;
}

enum err_kind answer_doubts(struct answer *answer, const struct answer_asker *askers,
    size_t n, struct service_doubt *ret_doubts, struct err *err)
{
	return mixup_find(&answer->slots, askers, n, ret_doubts, err);
}
