#include "service/jimeng/read/judge.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/say.h"
#include "service/jimeng/read/failure.h"
#include "service/jimeng/read/limits.h"

enum { WARNING_MAX = 1600 };

static void warn(struct buf *into, const char *text)
{
	buf_addf(into, "%s%s", into->len ? say_text(N_("; ")) : "", say_text(text));
}

/* What is odd about this record but harms nobody; also counted. */
static void add_warnings(
    const struct facts *facts, const struct task *task, unsigned *odd, struct buf *into)
{
	char text[128];

	if (task->status == STATUS_ABSENT) {
		warn(into, N_("the record has no status"));
	} else if (!verdict_knows_status(task->status)) {
		say_into(
		    text, sizeof(text), "unknown status %lld", (long long)task->status);
		warn(into, text);
		(*odd)++;
	}
	if (facts->bad_links) {
		say_into(
		    text, sizeof(text), "links that can't be used: %u", facts->bad_links);
		warn(into, text);
		*odd += facts->bad_links;
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

static enum err_kind conclude(const struct facts *facts, int64_t now_ms,
    struct poll_memory *memory, struct task *task, unsigned *odd, struct err *err)
{
	const struct verdict verdict = verdict_of(facts, now_ms, memory);
	_cleanup_(buf_release) struct buf warnings = buf_make(WARNING_MAX);

	task->state = verdict.state;
	task->may_have_ended = verdict.may_have_ended;
	task->is_hasty = verdict.is_hasty;
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
	add_warnings(facts, task, odd, &warnings);
	if (buf_failed(&warnings))
		return err_set(err, ERR_NOMEM, "no memory for an answer");
	if (warnings.len == 0)
		return ERR_OK;
	task->warning = arena_strndup(&task->arena, warnings.data, warnings.len);
	if (!task->warning)
		return err_set(err, ERR_NOMEM, "no memory for an answer");
	return ERR_OK;
}

enum err_kind record_judge(const struct record *record, int64_t now_ms,
    struct poll_memory *memory, struct task *task, unsigned *odd, struct err *err)
{
	struct facts facts;

	if (record_read(record, task, &facts, odd, err))
		return err->kind;
	return conclude(&facts, now_ms, memory, task, odd, err);
}
