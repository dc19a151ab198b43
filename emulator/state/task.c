/*
 * task.c - what becomes of the store's tasks after they were accepted: cancelled,
 * removed.
 */
#include "state/credits.h"
#include "state/store.h"

struct life task_life(const struct task *task)
{
	const int64_t cancelled_ms = atomic_load(&task->cancelled_ms);
	struct life life = task->life;

	if (cancelled_ms) {
		life.outcome = OUTCOME_CANCEL;
		life.end_at = cancelled_ms;
	}
	return life;
}

struct life_view task_look(const struct task *task, int64_t now_ms)
{
	const struct life life = task_life(task);

	return life_look(&life, now_ms);
}

bool store_cancel(struct store *store, const struct task *task, int64_t now_ms)
{
	struct task *mine;
	bool waits;

	(void)pthread_mutex_lock(&store->lock);
	waits = kind_row(task->life.kind)->queues &&
	    task_look(task, now_ms).queue_status == 1;
	if (waits) {
		mine = store_mutable(store, task);
		atomic_store(&mine->cancelled_ms, now_ms);
		credits_give_back(mine, "你已取消生成，积分已返还", now_ms);
	}
	(void)pthread_mutex_unlock(&store->lock);
	return waits;
}

bool store_remove(struct store *store, const struct account *account, const char *id,
    bool record, bool file)
{
	const struct task *task = store_by_submit_id(store, account, id);
	struct task *mine = NULL;

	if (!task)
		task = store_by_history_id(store, account, id);
	if (!task)
		return false;
	(void)pthread_mutex_lock(&store->lock);
	mine = store_mutable(store, task);
	(void)pthread_mutex_unlock(&store->lock);
	if (record)
		atomic_store(&mine->record_gone, true);
	if (file)
		atomic_store(&mine->file_gone, true);
	return true;
}
