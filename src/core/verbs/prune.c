/*
 * prune.c - what is over and old goes out of the ledger.
 *
 * A task is judged by what the ledger says of it and, where files matter, by what lies on
 * the disk; once more before it goes, when nobody else can be at work on it, for the list
 * may be old by then. Nothing goes on a doubt: what is unfinished, keyed, marked, altered
 * or on a disk that is not there stays, and is counted. A file that another row has, too,
 * stays for that one; sidecars go with their files.
 */
#include "dreamq/prune.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "core/verbs/prune_beside.h"
#include "core/verbs/shares.h"
#include "ledger/lease.h"
#include "ledger/list.h"
#include "store/sink.h"

struct pruning {
	struct dq *dq;
	const struct dq_prune *wanted;
	struct sinks *sinks;
	struct shares shares; /* where files go, too */
	int64_t now_unix_ms;
	struct dq_pruned *sum;
	struct err err;
};

static bool is_stored(const struct asset *asset)
{
	return asset->state == ASSET_STORED && asset->path;
}

static bool is_old(const struct pruning *p, const struct task *task)
{
	const int64_t at_ms = task->finished_unix_ms ? task->finished_unix_ms
	    : task->created_unix_ms		     ? task->created_unix_ms
						     : task->first_seen_unix_ms;

	return p->wanted->older_than_ms <= 0 ||
	    (at_ms > 0 && at_ms <= p->now_unix_ms - p->wanted->older_than_ms);
}

/* Over, and nothing of it can still come. */
static bool is_finished(const struct task *task)
{
	if (!task_state_is_final(task->state) || task_end_is_doubtful(task))
		return false;
	for (size_t i = 0; task->state == TASK_SUCCEEDED && i < task->n_assets; i++)
		if (task->assets[i].state != ASSET_STORED &&
		    task->assets[i].state != ASSET_LOST)
			return false;
	return task->state != TASK_SUCCEEDED || task->n_assets > 0;
}

/* How many of its files are there, and does any lie on a disk that is not? */
static size_t count_files(
    const struct pruning *p, const struct task *task, size_t *ret_stored, bool *ret_away)
{
	size_t there = 0;

	*ret_stored = 0;
	*ret_away = false;
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (!is_stored(asset))
			continue;
		(*ret_stored)++;
		if (stored_size(p->sinks, asset->path, asset->stored_bytes) >= 0)
			there++;
		else if (stored_place_is_gone(p->sinks, asset->path))
			*ret_away = true;
	}
	return there;
}

/* --- its files --- */

/* What is to go with a task: as it was before it was read. */
struct doomed {
	bool is_last; /* no other row has the file */
	bool goes;
	struct stat st;
};

/* Is this the very file that was stored? One that is gone is no trouble. */
static enum err_kind check_file(struct pruning *p, const struct asset *asset,
    struct doomed *doomed, bool *ret_altered)
{
	struct synced want = { .size_bytes = (uint64_t)asset->stored_bytes };
	const struct file_watch watch = { .is_stopped = &p->dq->is_interrupted };
	struct file_found found = { .state = FILE_MISSING };
	_cleanup_free_ char *path = NULL;

	(void)snprintf(want.sha256, sizeof(want.sha256), "%s", asset->sha256);
	if (stored_path(p->sinks, asset->path, &path, &p->err))
		return p->err.kind;
	doomed->goes = lstat(path, &doomed->st) == 0;
	if (stored_check(p->sinks, asset->path, &want, &watch, &found, &p->err))
		return p->err.kind;
	*ret_altered |= found.state != FILE_MISSING && found.state != FILE_GOOD;
	return ERR_OK;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* It first: who is killed between the two finds the sidecars when he goes on. */
static enum err_kind remove_file(struct pruning *p, const struct task *task,
    const struct asset *asset, const struct doomed *doomed)
{
	_cleanup_free_ char *path = NULL;
	struct stat st;

	if (stored_path(p->sinks, asset->path, &path, &p->err))
		return p->err.kind;
	if (doomed->goes && lstat(path, &st) == 0 && !is_same(&st, &doomed->st))
		return err_set(
		    &p->err, ERR_IO, "'%s' has been replaced meanwhile: it stays", path);
	if (doomed->goes && unlink(path) && errno != ENOENT)
		return err_errno(&p->err, ERR_IO, "can't remove '%s'", path);
	if (doomed->goes && fs_sync_folder_of(path, &p->err))
		return p->err.kind;
	return prune_beside(&p->shares, asset->path, path, task->submit_id, &p->err);
}

/* All of them, or none: an altered one keeps its task and the others. */
static enum err_kind check_files(struct pruning *p, const struct task *task,
    struct doomed *doomed, struct dq_pruned *sum, bool *ret_altered)
{
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];
		size_t left;

		if (!asset->path)
			continue;
		if (!shares_drop(&p->shares, asset->path, &left))
			return err_set(&p->err, ERR_NOMEM, "out of memory");
		if (left > 0 || !is_stored(asset))
			continue;
		doomed[i].is_last = true;
		if (check_file(p, asset, &doomed[i], ret_altered))
			return p->err.kind;
		sum->files += doomed[i].goes;
		sum->bytes += doomed[i].goes ? (uint64_t)asset->stored_bytes : 0;
	}
	return ERR_OK;
}

/* It stays: it has its files again. */
static enum err_kind keep_files(struct pruning *p, const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].path && !shares_add(&p->shares, task->assets[i].path))
			return err_set(&p->err, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

static enum err_kind remove_files(
    struct pruning *p, const struct task *task, const struct doomed *doomed)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (doomed[i].is_last &&
		    remove_file(p, task, &task->assets[i], &doomed[i]))
			return p->err.kind;
	return ERR_OK;
}

/* --- does it go? --- */

/* Why does it stay, though it is old and wanted gone? DQ_KEPT_COUNT: it goes. */
static enum dq_kept why_kept(
    const struct pruning *p, const struct task *task, size_t there, bool is_away)
{
	if (!is_finished(task))
		return DQ_KEPT_UNFINISHED;
	if (task->idempotency_key && !p->wanted->keys)
		return DQ_KEPT_KEY;
	if (task->tags || task->note || task->rating > 0)
		return DQ_KEPT_MARKED;
	if (is_away && (p->wanted->files || (p->wanted->gone && there == 0)))
		return DQ_KEPT_AWAY;
	return DQ_KEPT_COUNT;
}

/* False: it is none of those that are meant. What is kept is counted. */
static bool is_to_go(const struct pruning *p, const struct task *task)
{
	bool is_away = false;
	size_t stored = 0, there;
	enum dq_kept kept;

	if (!is_old(p, task))
		return false;
	there = count_files(p, task, &stored, &is_away);
	if (p->wanted->gone && (stored == 0 || there > 0))
		return false;
	kept = why_kept(p, task, there, is_away);
	if (kept != DQ_KEPT_COUNT)
		p->sum->kept[kept]++;
	return kept == DQ_KEPT_COUNT;
}

/* Reading files takes long: somebody may have tagged it meanwhile. */
static enum err_kind is_still_to_go(struct pruning *p, const char *id, bool *ret_goes)
{
	_cleanup_(task_freep) struct task *now = NULL;

	if (ledger_find(p->dq->ledger, p->dq->profile, id, &now, &p->err))
		return p->err.kind;
	*ret_goes = now && is_to_go(p, now);
	return ERR_OK;
}

static enum err_kind prune_with_files(
    struct pruning *p, const struct task *task, struct dq_pruned *more, bool *ret_goes)
{
	_cleanup_free_ struct doomed *doomed =
	    calloc(task->n_assets + 1, sizeof(*doomed));
	bool is_altered = false;

	if (!doomed)
		return err_set(&p->err, ERR_NOMEM, "out of memory");
	if (check_files(p, task, doomed, more, &is_altered))
		return p->err.kind;
	if (is_altered)
		p->sum->kept[DQ_KEPT_ALTERED]++;
	*ret_goes = !is_altered;
	if (*ret_goes && !p->wanted->dry_run &&
	    is_still_to_go(p, task->submit_id, ret_goes))
		return p->err.kind;
	if (!*ret_goes)
		return keep_files(p, task);
	return p->wanted->dry_run ? ERR_OK : remove_files(p, task, doomed);
}

static enum err_kind prune_one(struct pruning *p, const struct task *task)
{
	struct dq_pruned more = { 0 };
	bool goes = true;

	if (p->wanted->files && prune_with_files(p, task, &more, &goes))
		return p->err.kind;
	if (!goes)
		return ERR_OK;
	if (!p->wanted->dry_run &&
	    ledger_forget(p->dq->ledger, p->dq->profile, task->submit_id, &p->err))
		return p->err.kind;
	session_emit_task(p->dq, DQ_EVENT_TASK, task);
	p->sum->tasks++;
	p->sum->files += more.files;
	p->sum->bytes += more.bytes;
	return ERR_OK;
}

/* Nobody renames or fetches its files meanwhile. */
static enum err_kind prune_alone(struct pruning *p, const char *id)
{
	_cleanup_(task_freep) struct task *task = NULL;
	const struct dq *dq = p->dq;
	struct lease lease = { .id = id };
	struct err ignored;

	if (ledger_lease(dq->ledger, dq->profile, &lease, 1, clock_unix_ms(), &p->err))
		return p->err.kind;
	(void)ledger_find(dq->ledger, dq->profile, id, &task, &p->err);
	if (task && !lease.token)
		p->sum->kept[DQ_KEPT_UNFINISHED]++;
	else if (task && is_to_go(p, task))
		(void)prune_one(p, task);
	(void)ledger_lease_release(dq->ledger, dq->profile, &id, 1, &ignored);
	return p->err.kind;
}

static bool hear_task(void *payload, const struct task *task)
{
	struct pruning *p = payload;

	if (is_to_go(p, task))
		(void)(p->wanted->dry_run ? prune_one(p, task)
					  : prune_alone(p, task->submit_id));
	return !p->err.kind && !atomic_load(&p->dq->is_interrupted);
}

static enum err_kind prune_all(struct pruning *p, struct err *err)
{
	const struct ledger_filter all = { .account = p->dq->profile };

	if (!p->wanted->gone && p->wanted->older_than_ms <= 0)
		return err_set(err, ERR_USAGE,
		    "say which tasks are meant: those that ended long ago, or whose "
		    "files are gone");
	if (sinks_new(&p->sinks, err))
		return err->kind;
	p->shares.sinks = p->sinks;
	if (session_ledger_to_read(p->dq, err) ||
	    (p->dq->ledger && p->wanted->files &&
		shares_load(&p->shares, p->dq->ledger, err)) ||
	    (p->dq->ledger && ledger_list(p->dq->ledger, &all, hear_task, p, err)))
		return err->kind;
	if (p->err.kind)
		*err = p->err;
	else if (atomic_load(&p->dq->is_interrupted))
		err_set(err, ERR_CANCELLED, "interrupted");
	return err->kind;
}

enum dq_status dq_prune(struct dq *dq, const struct dq_prune *given,
    struct dq_pruned *ret_pruned, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct dq_prune wanted;
	struct pruning p = { .dq = dq,
		.wanted = &wanted,
		.now_unix_ms = clock_unix_ms(),
		.sum = ret_pruned };
	struct err err = { .kind = ERR_OK };

	given_take(&wanted, sizeof(wanted), given);
	*ret_pruned = (struct dq_pruned){ 0 };
	session_verb_begins(dq, 0);
	(void)prune_all(&p, &err);
	shares_release(&p.shares);
	sinks_free(p.sinks);
	return err.kind ? session_fail(&err, ret_error) : DQ_OK;
}
