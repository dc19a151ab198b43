/*
 * meant.c - tasks that have none of the files that were asked for: who asks for the
 * eighth of four files is told what there is; and when nobody has one, that is a failure.
 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/say.h"
#include "core/download/downloads.h"
#include "core/engine/run.h"

enum { FILES_BYTES_MAX = 120 };

static enum media_kind kind_of(const struct task *task, size_t i)
{
	return task->assets[i].kind ? task->assets[i].kind : task->kind;
}

/* Does file i go on with the row of its neighbours? */
static bool goes_on(const struct task *task, size_t i)
{
	return i > 0 && kind_of(task, i) == kind_of(task, i - 1) &&
	    task->assets[i].index == task->assets[i - 1].index + 1;
}

/* "0-3 (image), 4 (video)" */
static void add_files(struct buf *into, const struct task *task)
{
	for (size_t i = 0, end; i < task->n_assets; i = end) {
		const char *kind = media_kind_name(kind_of(task, i));

		for (end = i + 1; end < task->n_assets && goes_on(task, end); end++)
			continue;
		buf_addf(into, "%s%d", i > 0 ? ", " : "", task->assets[i].index);
		if (end > i + 1)
			buf_addf(into, "-%d", task->assets[end - 1].index);
		buf_addf(into, " (%s)", kind ? kind : "?");
	}
}

static bool has_meant(const struct engine *engine, const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (downloads_want(engine->downloads, task, &task->assets[i]))
			return true;
	return false;
}

void engine_mind_meant(struct engine *engine, const struct task *task)
{
	_cleanup_(buf_release) struct buf files = buf_make(FILES_BYTES_MAX);
	const struct goal_row *goal = engine->goal;

	if (!goal->fetches || goal->by_name || goal->browses || goal->perseveres ||
	    task->state != TASK_SUCCEEDED || task->n_assets == 0)
		return;
	if (has_meant(engine, task)) {
		engine->one_has_meant = true;
		return;
	}
	engine->one_lacks_meant = true;
	add_files(&files, task);
	session_note(engine->dq,
	    "task '%s' has no file of those that are asked for; its files are '%s'",
	    task->submit_id, buf_failed(&files) ? "..." : files.data);
}

void engine_end_meant(struct engine *engine)
{
	struct err err;

	if (engine->n_open > 0 || engine->one_has_meant || !engine->one_lacks_meant)
		return;
	err_set(&err, ERR_FAILED, "no task has a file of those that are asked for");
	engine_worsen(engine, &err);
}
