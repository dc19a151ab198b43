#include "core/account/group_commit.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "core/common/workers.h"
#include "ledger/deliveries.h"

enum { SENTENCE_MAX = 600 };

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
	struct workers *workers; /* one thread; NULL: stopped */
	void (*wake)(void *payload);
	void *payload;
	struct ledger *ledger; /* the thread's; NULL until it was first needed */
	bool is_patient; /* the thread's: of the group under way */
	char sentence[SENTENCE_MAX]; /* the thread's, until there is one to be told */
	atomic_bool has_sentence;
	struct job tidy;
	bool is_tidying; /* posted */
	atomic_bool has_full_log; /* by the thread's own commits */
	struct group group; /* under way, when its list isn't empty */
	struct entry_list waiting;
	size_t n_waiting;
	bool is_held; /* nothing is begun */
	uint64_t made;
};

/* --- on the thread ------------------------------------------------------------------ */

static enum err_kind gives_up(void *payload, int64_t waited_ms)
{
	const struct group_commit *commits = payload;

	return commits->is_patient ? ERR_OK : session_gives_up(commits->dq, waited_ms);
}

/* Events are the loop's: it tells this one when it comes by. */
static void keep_sentence(void *payload, const char *sentence)
{
	struct group_commit *commits = payload;

	if (atomic_load(&commits->has_sentence))
		return;
	(void)snprintf(commits->sentence, sizeof(commits->sentence), "%s", sentence);
	atomic_store(&commits->has_sentence, true);
	commits->wake(commits->payload);
}

/* Whoever waits for the commit does not wait for this. */
static bool log_is_full(void *payload)
{
	struct group_commit *commits = payload;

	atomic_store(&commits->has_full_log, true);
	return true;
}

static enum err_kind open_ledger(struct group_commit *commits, struct err *err)
{
	const struct ledger_options options = { .must_exist = true,
		.gives_up = gives_up,
		.on_wait = keep_sentence,
		.on_full_log = log_is_full,
		.payload = commits };

	if (commits->ledger)
		return ERR_OK;
	if (ledger_open_with(commits->dq->ledger_url, &options, &commits->ledger, err)) {
		/* It was there when the run began. */
		if (err->kind == ERR_NOT_FOUND)
			err->kind = ERR_LEDGER;
		return err->kind;
	}
	ledger_deliver_to(commits->ledger, commits->dq->hook);
	return ERR_OK;
}

static enum err_kind commit(
    struct group *group, struct ledger_entry *entries, size_t n, struct err *err)
{
	struct group_commit *commits = group->commits;

	return ledger_commit(
	    commits->ledger, commits->dq->profile, entries, n, group->now.unix_ms, err);
}

static enum err_kind commit_together(struct group *group, struct err *err)
{
	_cleanup_free_ struct ledger_entry *entries = calloc(group->n, sizeof(*entries));
	struct group_entry *entry;
	size_t n = 0;

	if (!entries)
		return err_set(err, ERR_NOMEM, "out of memory");
	TAILQ_FOREACH(entry, &group->list, others)
		entries[n++] = entry->entry;
	if (commit(group, entries, n, err))
		return err->kind;
	n = 0;
	TAILQ_FOREACH(entry, &group->list, others)
		entry->entry = entries[n++];
	return ERR_OK;
}

static void commit_each_alone(struct group *group)
{
	struct group_entry *entry;
	struct err err;

	TAILQ_FOREACH(entry, &group->list, others)
		if (commit(group, &entry->entry, 1, &err))
			entry->entry.why = err;
}

static void tell_all(struct group *group, const struct err *why)
{
	struct group_entry *entry;

	TAILQ_FOREACH(entry, &group->list, others)
		entry->entry.why = *why;
}

static bool is_everybodys(const struct err *why)
{
	return why->kind == ERR_NOSPACE || why->kind == ERR_LOCKED ||
	    why->kind == ERR_CANCELLED;
}

static bool has_patient(const struct group *group)
{
	struct group_entry *entry;

	TAILQ_FOREACH(entry, &group->list, others)
		if (entry->is_patient)
			return true;
	return false;
}

static void write_group(struct group *group)
{
	struct err err;

	group->commits->is_patient = has_patient(group);
	if (open_ledger(group->commits, &err))
		tell_all(group, &err);
	else if (commit_together(group, &err))
		is_everybodys(&err) ? tell_all(group, &err) : commit_each_alone(group);
	group->is_written = true;
}

static struct group_commit *tidied_by(struct job *job)
{
	return (struct group_commit *)((char *)job - offsetof(struct group_commit, tidy));
}

static void run_tidy(struct job *job)
{
	struct group_commit *commits = tidied_by(job);
	struct err ignored;

	commits->is_patient = false;
	if (!open_ledger(commits, &ignored))
		ledger_tidy(commits->ledger);
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
	if (commits->n_waiting == 0 || commits->group.n > 0 || commits->is_held)
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

static void tidy_done(struct job *job)
{
	tidied_by(job)->is_tidying = false;
}

/* At the end: the thread had not come to it, or had just done it. */
static void tidy_dropped(struct job *job)
{
	atomic_store(&tidied_by(job)->has_full_log, true);
}

static bool wants_tidy(struct group_commit *commits)
{
	const bool is_own = atomic_exchange(&commits->has_full_log, false);

	return session_wants_tidy(commits->dq) || is_own;
}

static void tidy_if_due(struct group_commit *commits)
{
	if (commits->is_tidying || !wants_tidy(commits))
		return;
	commits->is_tidying = true;
	workers_post(commits->workers, &commits->tidy);
}

enum err_kind group_commit_new(struct dq *dq, void (*wake)(void *payload), void *payload,
    struct group_commit **ret_commits, struct err *err)
{
	struct group_commit *commits = calloc(1, sizeof(*commits));

	if (!commits)
		return err_set(err, ERR_NOMEM, "out of memory");
	commits->dq = dq;
	commits->wake = wake;
	commits->payload = payload;
	TAILQ_INIT(&commits->waiting);
	TAILQ_INIT(&commits->group.list);
	commits->group.commits = commits;
	commits->group.job = (struct job){ .run = run, .done = group_done };
	commits->tidy =
	    (struct job){ .run = run_tidy, .done = tidy_done, .drop = tidy_dropped };
	if (workers_new(1, wake, payload, &commits->workers, err)) {
		free(commits);
		return err->kind;
	}
	session_set_tidied(dq, true);
	*ret_commits = commits;
	return ERR_OK;
}

static void drop_group(struct group *group)
{
	TAILQ_INIT(&group->list);
	group->n = 0;
}

void group_commit_stop(struct group_commit *commits)
{
	struct group *group = &commits->group;

	if (!commits->workers)
		return;
	workers_free(commits->workers);
	commits->workers = NULL;
	if (group->is_written)
		drop_group(group);
	gather(commits); /* and what the thread had not come to */
	if (group->n > 0)
		write_group(group);
	drop_group(group);
	if (wants_tidy(commits))
		run_tidy(&commits->tidy);
	session_set_tidied(commits->dq, false);
}

void group_commit_now(struct group_commit *commits, struct group_entry *entry)
{
	struct group *group = &commits->group;

	TAILQ_INSERT_TAIL(&commits->waiting, entry, others);
	commits->n_waiting++;
	gather(commits);
	write_group(group);
	drop_group(group);
}

void group_commit_free(struct group_commit *commits)
{
	if (!commits)
		return;
	group_commit_stop(commits);
	ledger_close(commits->ledger);
	free(commits);
}

void group_commit_post(struct group_commit *commits, struct group_entry *entry)
{
	TAILQ_INSERT_TAIL(&commits->waiting, entry, others);
	commits->n_waiting++;
	begin(commits);
}

void group_commit_hold(struct group_commit *commits)
{
	commits->is_held = true;
}

void group_commit_go_on(struct group_commit *commits)
{
	commits->is_held = false;
	begin(commits);
}

void group_commit_collect(struct group_commit *commits)
{
	if (atomic_load(&commits->has_sentence)) {
		session_tell(commits->dq, DQ_NOTE_WAIT, "%s", commits->sentence);
		atomic_store(&commits->has_sentence, false);
	}
	(void)workers_collect(commits->workers);
	tidy_if_due(commits);
}

size_t group_commit_busy(const struct group_commit *commits)
{
	return commits->n_waiting + commits->group.n;
}

uint64_t group_commit_made(const struct group_commit *commits)
{
	return commits->made;
}
