#include "core/stats/past.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* When did it start? 0: unknown. */
static int64_t start_unix_ms(const struct past_task *task)
{
	int64_t after_ms = task->queued_until_unix_ms;
	int64_t by_ms = task->generating_by_unix_ms;

	if (after_ms == 0)
		return task->created_unix_ms;
	/* Its end is what the poll saw that found it out of the queue. */
	if (by_ms > task->finished_unix_ms)
		by_ms = task->finished_unix_ms;
	if (by_ms <= after_ms || by_ms - after_ms >= PAST_START_GAP_MS)
		return 0;
	return after_ms + (by_ms - after_ms) / 2;
}

bool past_seconds(const struct past_task *task, double *ret_seconds)
{
	int64_t start_ms;

	if (task->state != TASK_SUCCEEDED && task->state != TASK_FAILED)
		return false;
	if (task->finished_unix_ms <= 0)
		return false;
	start_ms = start_unix_ms(task);
	if (start_ms <= 0 || start_ms >= task->finished_unix_ms)
		return false;
	*ret_seconds = (double)(task->finished_unix_ms - start_ms) / 1000.0;
	return true;
}

struct lesson {
	size_t lane;
	double seconds;
	bool is_success;
};
struct lessons {
	struct dists *dists;
	struct lesson *of; /* PAST_TEACH_MAX, the newest first */
	size_t n;
};

static bool note_lesson(void *payload, const struct past_task *task)
{
	struct lessons *lessons = payload;
	double seconds;

	if (!past_seconds(task, &seconds))
		return true;
	lessons->of[lessons->n++] = (struct lesson){
		.lane = dists_lane(lessons->dists, task->kind, task->model),
		.seconds = seconds,
		.is_success = task->state == TASK_SUCCEEDED,
	};
	return lessons->n < PAST_TEACH_MAX;
}

enum err_kind past_teach(
    struct ledger *ledger, const char *account, struct dists *dists, struct err *err)
{
	_cleanup_free_ struct lesson *of = calloc(PAST_TEACH_MAX, sizeof(*of));
	struct lessons lessons = { .dists = dists, .of = of };

	if (!of)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (ledger_past(
		ledger, account, 0, PAST_TEACH_ROWS_MAX, note_lesson, &lessons, err))
		return err->kind;
	while (lessons.n > 0) {
		const struct lesson *lesson = &of[--lessons.n];

		dists_ended(dists, lesson->lane, lesson->seconds, lesson->is_success);
	}
	return ERR_OK;
}
