#include "core/account/group_commit.h"

#include <stdlib.h>

#include "core/common/workers.h"

TAILQ_HEAD(entry_list, group_entry);

/* One transaction. */
struct group {
	struct job job; /* first */
	struct group_commit *commits;
	struct entry_list list;
	size_t n;
	struct moment now;
	bool is_written;
};

struct group_commit {
	struct dq *dq;
	struct workers *workers; /* one thread */
	struct ledger *ledger; /* the thread's; NULL until it was first needed */
	struct group group; /* under way, when its list isn't empty */
	struct entry_list waiting;
	size_t n_waiting;
	uint64_t made;
};

/* --- on the thread ------------------------------------------------------------------ */

static enum err_kind write_moves(
    struct group *group, struct asset_move *moves, struct err *err)
{
	struct group_commit *commits = group->commits;
	struct group_entry *entry;
	size_t n = 0;

	if (!commits->ledger &&
	    session_another_ledger(commits->dq, &commits->ledger, err))
		return err->kind;
	for (entry = TAILQ_FIRST(&group->list); entry; entry = TAILQ_NEXT(entry, others))
		moves[n++] = (struct asset_move){ .submit_id = entry->submit_id,
			.asset = &entry->asset,
			.to = entry->to };
	return ledger_move_assets(
	    commits->ledger, commits->dq->profile, moves, n, group->now.unix_ms, err);
}

static void tell_all(struct group *group, const struct err *why)
{
	struct group_entry *entry;

	for (entry = TAILQ_FIRST(&group->list); entry; entry = TAILQ_NEXT(entry, others))
		entry->why = *why;
}

static void tell_each(struct group *group, const struct asset_move *moves)
{
	struct group_entry *entry;

	for (entry = TAILQ_FIRST(&group->list); entry; entry = TAILQ_NEXT(entry, others))
		entry->why = (moves++)->why;
}

static void write_group(struct group *group)
{
	struct asset_move *moves = calloc(group->n, sizeof(*moves));
	struct err err;

	if (!moves) {
		err_set(&err, ERR_NOMEM, "out of memory");
		tell_all(group, &err);
	} else if (write_moves(group, moves, &err)) {
		tell_all(group, &err);
	} else {
		tell_each(group, moves);
	}
	free(moves);
	group->is_written = true;
}

static void run(struct job *job)
{
	write_group((struct group *)job);
}

/* --- on the loop ------------------------------------------------------------------- */

static void gather(struct group_commit *commits)
{
	struct group *group = &commits->group;

	TAILQ_CONCAT(&group->list, &commits->waiting, others);
	group->n += commits->n_waiting;
	group->now = commits->dq->now;
	group->is_written = false;
	commits->n_waiting = 0;
	commits->made++;
}

static void begin(struct group_commit *commits)
{
	if (commits->n_waiting == 0 || commits->group.n > 0)
		return;
	gather(commits);
	workers_post(commits->workers, &commits->group.job);
}

static void group_done(struct job *job)
{
	struct group *group = (struct group *)job;
	struct group_commit *commits = group->commits;
	struct entry_list list = TAILQ_HEAD_INITIALIZER(list);
	struct group_entry *entry;

	TAILQ_CONCAT(&list, &group->list, others);
	group->n = 0;
	begin(commits);
	while ((entry = TAILQ_FIRST(&list))) {
		TAILQ_REMOVE(&list, entry, others);
		entry->done(entry);
	}
}

enum err_kind group_commit_new(struct dq *dq, void (*wake)(void *payload), void *payload,
    struct group_commit **ret_commits, struct err *err)
{
	struct group_commit *commits = calloc(1, sizeof(*commits));

	if (!commits)
		return err_set(err, ERR_NOMEM, "out of memory");
	commits->dq = dq;
	TAILQ_INIT(&commits->waiting);
	TAILQ_INIT(&commits->group.list);
	commits->group.commits = commits;
	commits->group.job = (struct job){ .run = run, .done = group_done };
	if (workers_new(1, wake, payload, &commits->workers, err)) {
		free(commits);
		return err->kind;
	}
	*ret_commits = commits;
	return ERR_OK;
}

void group_commit_free(struct group_commit *commits)
{
	if (!commits)
		return;
	workers_free(commits->workers);
	if (commits->group.is_written) {
		TAILQ_INIT(&commits->group.list);
		commits->group.n = 0;
	}
	gather(commits); /* and what the thread had not come to */
	if (commits->group.n > 0)
		write_group(&commits->group);
	ledger_close(commits->ledger);
	free(commits);
}

void group_commit_post(struct group_commit *commits, struct group_entry *entry)
{
	TAILQ_INSERT_TAIL(&commits->waiting, entry, others);
	commits->n_waiting++;
	begin(commits);
}

void group_commit_collect(struct group_commit *commits)
{
	(void)workers_collect(commits->workers);
}

size_t group_commit_busy(const struct group_commit *commits)
{
	return commits->n_waiting + commits->group.n;
}

uint64_t group_commit_made(const struct group_commit *commits)
{
	return commits->made;
}
