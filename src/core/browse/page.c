#include "core/browse/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/account/totals.h"

/* A page while it is taken in; the arrays have a place for each of its tasks. */
struct intake {
	struct browse *browse;
	struct task **tasks; /* wanted; those of the service, then completed */
	bool *is_new, *is_settled;
	size_t n, n_new;
	struct walk_task *walked; /* of all of the page */
	size_t n_walked;
	bool is_last_wanted;
};

static bool is_too_old(const struct browse_wanted *wanted, const struct task *task)
{
	return wanted->since_unix_ms > 0 && task->created_unix_ms > 0 &&
	    task->created_unix_ms < wanted->since_unix_ms;
}

static bool is_of_kind(const struct browse_wanted *wanted, const struct task *task)
{
	return wanted->kind == MEDIA_UNKNOWN || wanted->kind == task->kind;
}

bool browse_wants(const struct browse *browse, const struct task *task)
{
	return is_of_kind(&browse->wanted, task) && !is_too_old(&browse->wanted, task);
}

/* It has ended, and each of its files is here or can't be had. */
static bool is_settled(const struct task *task)
{
	if (!task_state_is_final(task->state) || task_end_is_doubtful(task))
		return false;
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].state != ASSET_STORED &&
		    task->assets[i].state != ASSET_LOST)
			return false;
	return true;
}

/* By either of its names; the one that the ledger has for it is taken over. */
static enum err_kind find_known(const struct browse *browse, struct task *task,
    struct task **ret_known, struct err *err)
{
	const struct dq *dq = browse->dq;

	*ret_known = NULL;
	if (ledger_find(dq->ledger, dq->profile, task->submit_id, ret_known, err))
		return err->kind;
	if (!*ret_known && task->history_id &&
	    ledger_find(dq->ledger, dq->profile, task->history_id, ret_known, err))
		return err->kind;
	if (!*ret_known || !strcmp((*ret_known)->submit_id, task->submit_id))
		return ERR_OK;
	task->submit_id = arena_strdup(&task->arena, (*ret_known)->submit_id);
	if (task->submit_id)
		return ERR_OK;
	task_free(*ret_known);
	*ret_known = NULL;
	return err_set(err, ERR_NOMEM, "no memory for a page of the history");
}

static bool is_there(const struct intake *intake, const char *id)
{
	for (size_t i = 0; i < intake->n; i++)
		if (!strcmp(intake->tasks[i]->submit_id, id))
			return true;
	return false;
}

/*
 * The ledger does not tell who has been met in this run when nothing is written into it:
 * the names themselves do. *ret_was_met: by either of them.
 */
static enum err_kind meet(
    struct browse *browse, const struct task *task, bool *ret_was_met, struct err *err)
{
	const char *const names[] = { task->submit_id, task->history_id };

	*ret_was_met = false;
	for (size_t i = 0; i < 2 && names[i]; i++)
		*ret_was_met |= walk_set_has(&browse->met, walk_hash(names[i]));
	for (size_t i = 0; i < 2 && names[i]; i++)
		if (!walk_set_add(&browse->met, walk_hash(names[i])))
			return err_set(
			    err, ERR_NOMEM, "no memory for a page of the history");
	return ERR_OK;
}

/* Is there room for one more that is new? */
static bool has_reached_limit(const struct intake *intake)
{
	const struct browse *browse = intake->browse;

	return browse->wanted.limit > 0 &&
	    browse->n_new + intake->n_new >= browse->wanted.limit;
}

static enum err_kind sort_in(
    struct intake *intake, struct service_found *found, struct err *err)
{
	const struct browse_wanted *wanted = &intake->browse->wanted;
	_cleanup_(task_freep) struct task *known = NULL;
	struct task *task = found->task;
	struct walk_task *walked = &intake->walked[intake->n_walked++];
	bool was_met = false;

	*walked =
	    (struct walk_task){ walk_hash(task->submit_id), task->created_unix_ms, true };
	if (is_too_old(wanted, task)) {
		intake->is_last_wanted = true;
		return ERR_OK;
	}
	if (!is_of_kind(wanted, task))
		return ERR_OK;
	if (find_known(intake->browse, task, &known, err))
		return err->kind;
	walked->is_known = known != NULL;
	if (known && walked->at_unix_ms == 0)
		walked->at_unix_ms = known->first_seen_unix_ms;
	if (is_there(intake, task->submit_id))
		return ERR_OK;
	if (wanted->only_tells && meet(intake->browse, task, &was_met, err))
		return err->kind;
	if (was_met)
		return ERR_OK;
	if (!known && has_reached_limit(intake)) {
		intake->is_last_wanted = true;
		return ERR_OK;
	}
	intake->is_new[intake->n] = !known;
	intake->is_settled[intake->n] = known && is_settled(known);
	intake->n_new += !known;
	intake->tasks[intake->n++] = TAKE_PTR(found->task);
	return ERR_OK;
}

/* --- writing it down ------------------------------------------------------------- */

static enum err_kind write_down(const struct intake *intake, bool moves, struct err *err)
{
	const struct browse *browse = intake->browse;
	const struct dq *dq = browse->dq;
	const struct ledger_page page = {
		.listing = browse->names[browse->now],
		.walk = &browse->walks[browse->now].at,
		.seen = intake->tasks,
		.n = intake->n,
	};

	if (browse->wanted.only_tells)
		return ERR_OK;
	if (moves)
		return ledger_turn_page(
		    dq->ledger, dq->profile, &page, dq->now.unix_ms, err);
	return ledger_observe(dq->ledger, dq->profile, intake->tasks, NULL, intake->n,
	    dq->now.unix_ms, err);
}

/* Those that have come to their end before are no news. */
static void tell_page(struct intake *intake)
{
	struct browse_told told = {
		.what = BROWSE_PAGE, .tasks = intake->tasks, .is_new = intake->is_new
	};

	for (size_t i = 0; i < intake->n; i++) {
		struct task *task = intake->tasks[i];
		const bool is_over = intake->is_settled[i] && is_settled(task);

		if (!intake->is_new[i] &&
		    (is_over || intake->browse->wanted.only_tells)) {
			task_free(task);
			continue;
		}
		told.is_new[told.n] = intake->is_new[i];
		told.tasks[told.n++] = task;
	}
	intake->n = 0;
	intake->tasks = NULL;
	intake->is_new = NULL;
	browse_tell(intake->browse, &told);
}

/* The ledger has no room, or can't be used: the walk stays where it was. */
static void could_not(struct browse *browse, const struct err *why)
{
	const struct browse_told told = { .what = why->kind == ERR_NOSPACE ||
			why->kind == ERR_LOCKED
		    ? BROWSE_NO_ROOM
		    : BROWSE_CANT_GO_ON,
		.why = *why };

	browse_tell(browse, &told);
}

static void tell_broken(struct browse *browse, const struct err *why)
{
	browse_tell(browse, &(struct browse_told){ .what = BROWSE_BROKEN, .why = *why });
}

/* No more than was wanted: the other listings have nothing to add. */
static void end_at_limit(struct browse *browse)
{
	if (browse->wanted.limit == 0 || browse->n_new < browse->wanted.limit)
		return;
	for (size_t i = browse->now; i < browse->n; i++)
		walk_release(&browse->walks[i]);
}

/* The walk turns the page, in memory; both are written, or the walk goes back. */
static void turn(struct intake *intake, const struct service_browsed *answer)
{
	struct browse *browse = intake->browse;
	struct walk *walk = browse_walk(browse);
	const struct ledger_walk before = walk->at;
	const enum walk_stage stage = walk->stage;
	const struct walk_page page = { intake->walked, intake->n_walked, answer->next,
		answer->has_more, browse->page_unix_ms, intake->is_last_wanted };
	struct err broken = { .kind = ERR_OK }, err;

	if (walk_turn(walk, &page, &broken) == ERR_NOMEM) {
		browse_abort(browse, &broken);
		return;
	}
	if (write_down(intake, !broken.kind && !intake->is_last_wanted, &err)) {
		walk_release(walk);
		walk_begin(walk, &before);
		walk->stage = stage;
		could_not(browse, &err);
		return;
	}
	browse->n_new += intake->n_new;
	totals_listed(browse->dq, intake->n_walked, intake->n_new);
	tell_page(intake);
	if (broken.kind)
		tell_broken(browse, &broken);
	end_at_limit(browse);
}

static void mind_left_out(const struct browse *browse, size_t n)
{
	if (n > 0)
		session_note(browse->dq,
		    n == 1 ? N_("%zu record of the account's history can't be read or "
				"has no id, and is left out")
			   : N_("%zu records of the account's history can't be read or "
				"have no id, and are left out"),
		    n);
}

static void release(struct intake *intake)
{
	for (size_t i = 0; intake->tasks && i < intake->n; i++)
		task_free(intake->tasks[i]);
	free(intake->tasks);
	free(intake->is_new);
	free(intake->is_settled);
	free(intake->walked);
}

void browse_take_in(struct browse *browse, const struct service_browsed *page)
{
	const size_t room = page->n + 1;
	_cleanup_(release) struct intake intake = { .browse = browse,
		.tasks = calloc(room, sizeof(struct task *)),
		.is_new = calloc(room, sizeof(*intake.is_new)),
		.is_settled = calloc(room, sizeof(*intake.is_settled)),
		.walked = calloc(room, sizeof(*intake.walked)) };
	struct err err;

	if (!intake.tasks || !intake.is_new || !intake.is_settled || !intake.walked) {
		err_set(&err, ERR_NOMEM, "no memory for a page of the history");
		browse_abort(browse, &err);
		return;
	}
	for (size_t i = 0; i < page->n; i++)
		if (sort_in(&intake, &page->found[i], &err)) {
			could_not(browse, &err);
			return;
		}
	mind_left_out(browse, page->left_out);
	turn(&intake, page);
}
