/*
 * repair.c - putting right what is missing or altered, and going on with
 * what is unfinished.
 *
 *	missing ──► its bytes lie there as an unknown file? a second name for them
 *	   │
 *	   ▼                      under the task's lease
 *	altered ──► put aside (a rename that never replaces) ──► ledger: wanted, then
 *	fetched with the very path and sha256 (the intent) ──► the engine gets it
 *
 * Killed at any point, the next repair or get goes on: before the rename nothing has
 * happened, after it the file is missing, and after the intent it is unfinished
 * with its place known. Between `wanted` and `fetched` the place is in the task's events.
 *
 * The lease makes one process of several put a file aside, and under it the file is
 * looked at once more: another may have repaired it since.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "core/engine/engine.h"
#include "core/verify/parts.h"
#include "ledger/lease.h"

enum {
	PASSES = 3, /* others may be at work on a task: wait for them, and look again */
	ASIDE_MAX = 10000,
};

/* The files of one sink, and what the engine made of them. */
struct group {
	struct verify *verify;
	const char *root;
	struct verify_file **files; /* by id */
	size_t n;
	struct err outcome;
};

static bool is_open(const struct verify_file *file)
{
	return !file->is_repaired && !file->is_lost && !file->err.kind;
}

/* --- under the lease -------------------------------------------------------------- */

static enum err_kind put_aside(
    struct verify *verify, struct verify_file *file, struct err *err)
{
	for (int n = 1; n <= ASIDE_MAX; n++) {
		_cleanup_free_ char *aside = NULL;
		char number[16] = "";
		bool exists = true;

		if (n > 1)
			(void)snprintf(number, sizeof(number), "-%d", n);
		if (asprintf(&aside, "%s.altered%s", file->path, number) < 0) {
			aside = NULL;
			return verify_no_memory(err);
		}
		if (stored_move(verify->sinks, file->path, aside, &exists, err))
			return err->kind;
		if (exists)
			continue;
		verify_say(file, "put aside as '%s'", aside);
		return ERR_OK;
	}
	return err_set(
	    err, ERR_IO, "'%s' and %d names like it are taken", file->path, ASIDE_MAX);
}

/* The intent: this file, at this place, with these bytes. */
static enum err_kind intend(
    struct verify *verify, const struct verify_file *file, struct err *err)
{
	const struct dq *dq = verify->dq;
	const struct asset asset = { .index = file->index,
		.path = file->path,
		.stored_bytes = file->want_bytes,
		.sha256 = file->sha256,
		.choice = file->choice };

	if (ledger_asset_wanted(dq->ledger, dq->profile, file->id, file->index, err))
		return err->kind;
	return ledger_asset_fetched(dq->ledger, dq->profile, file->id, &asset, err);
}

/* Asks what the ledger has now. *ret_is_same: it is stored, where it was. */
static enum err_kind is_as_before(struct verify *verify, const struct verify_file *file,
    bool *ret_is_same, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;
	const struct asset *asset;

	*ret_is_same = false;
	if (ledger_find(verify->dq->ledger, verify->dq->profile, file->id, &task, err))
		return err->kind;
	asset = task ? task_asset(task, file->index) : NULL;
	*ret_is_same = asset && asset->state == ASSET_STORED && asset->path &&
	    strcmp(asset->path, file->path) == 0;
	return ERR_OK;
}

static enum err_kind prepare(
    struct verify *verify, struct verify_file *file, struct err *err)
{
	struct file_found now;
	bool is_same = false;

	if (file->state != ASSET_STORED)
		return ERR_OK;
	if (is_as_before(verify, file, &is_same, err) || !is_same)
		return is_same ? err->kind : ERR_OK;
	if (verify_check(verify, file->path, file->want_bytes, file->sha256, &now, err))
		return err->kind;
	if (now.state == FILE_GOOD)
		return ERR_OK;
	if (now.state != FILE_MISSING && put_aside(verify, file, err))
		return err->kind;
	return intend(verify, file, err);
}

/* --- one sink ------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
	const struct verify_file *x = a, *y = *(struct verify_file *const *)b;
	const int order = strcmp(x->id, y->id);

	return order ? order : x->index - y->index;
}

/* Each file goes where it was; NULL: nobody knows where, the template names it. */
static char *name_of(void *payload, const char *submit_id, int index)
{
	const struct group *group = payload;
	const struct verify *verify = group->verify;
	struct verify_file key = { .index = index }, *const * found;
	const char *path;

	(void)stpncpy(key.id, submit_id, TASKID_MAX);
	found = bsearch(
	    &key, verify->files, verify->n_files, sizeof(struct verify_file *), by_key);
	path =
	    found && (*found)->path ? location_below(group->root, (*found)->path) : NULL;
	return path ? strdup(path) : NULL;
}

/* Gathers the ids of what is open, each once. */
static size_t gather_ids(const struct group *group, const char **ids)
{
	size_t n = 0;

	for (size_t i = 0; i < group->n; i++)
		if (is_open(group->files[i]) &&
		    (n == 0 || strcmp(ids[n - 1], group->files[i]->id) != 0))
			ids[n++] = group->files[i]->id;
	return n;
}

static bool is_leased(const struct lease *leases, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(leases[i].id, id) == 0)
			return leases[i].token != 0;
	return false;
}

/*
 * Take the leases, and prepare what is ours then. *ret_all: every task was free.
 */
static enum err_kind prepare_all(
    struct group *group, const char *const *ids, size_t n, bool *ret_all, struct err *err)
{
	struct dq *dq = group->verify->dq;
	_cleanup_free_ struct lease *leases = calloc(n, sizeof(*leases));
	size_t from = 0;

	if (!leases)
		return verify_no_memory(err);
	for (size_t i = 0; i < n; i++)
		leases[i].id = ids[i];
	if (ledger_lease(dq->ledger, dq->profile, leases, n, dq->now.unix_ms, err))
		return err->kind;
	*ret_all = true;
	for (size_t i = 0; i < group->n; i++) {
		struct verify_file *file = group->files[i];

		if (!is_open(file))
			continue;
		while (strcmp(leases[from].id, file->id) != 0)
			from++;
		if (!is_leased(leases + from, 1, file->id))
			*ret_all = false;
		else if (prepare(group->verify, file, &file->err) == ERR_CANCELLED)
			return verify_interrupted(err);
	}
	return ERR_OK;
}

/* Where the ledger has it now; true: it says stored. */
static enum err_kind refresh(
    struct verify *verify, struct verify_file *file, bool *ret_is_stored, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;
	const struct asset *asset;

	*ret_is_stored = false;
	if (ledger_find(verify->dq->ledger, verify->dq->profile, file->id, &task, err))
		return err->kind;
	asset = task ? task_asset(task, file->index) : NULL;
	if (asset && asset->state == ASSET_LOST) {
		file->is_lost = true;
		verify_say(file, "it can't be had any more: %s",
		    asset->lost_reason ? asset->lost_reason : N_("nobody says why"));
		err_set(&file->err, ERR_FAILED,
		    "file %d of task '%s' can't be had any more", file->index, file->id);
	}
	*ret_is_stored =
	    asset && asset->state == ASSET_STORED && asset->path && asset->sha256;
	if (!*ret_is_stored)
		return ERR_OK;
	if (!file->path || strcmp(file->path, asset->path) != 0) {
		free(file->old_path);
		file->old_path = file->path;
		file->path = strdup(asset->path);
		if (!file->path)
			return verify_no_memory(err);
	}
	file->want_bytes = asset->stored_bytes;
	(void)snprintf(file->sha256, sizeof(file->sha256), "%s", asset->sha256);
	return ERR_OK;
}

static void say_repaired(struct verify_file *file)
{
	file->is_repaired = true;
	if (file->words)
		verify_more(file, ", and ");
	verify_more(file,
	    file->verdict == VERDICT_UNFINISHED ? N_("fetched") : N_("fetched again"));
	if (file->old_path)
		verify_more(file, ", to '%s'", file->path);
}

/* Read what has been stored: only what is right is repaired. */
static enum err_kind check_all(struct group *group, struct err *err)
{
	struct verify *verify = group->verify;
	_cleanup_free_ struct verify_file **stored =
	    calloc(group->n, sizeof(struct verify_file *));
	_cleanup_free_ struct file_found *before =
	    calloc(group->n, sizeof(struct file_found));
	bool is_stored = false;
	size_t n = 0;

	if (!stored || !before)
		return verify_no_memory(err);
	for (size_t i = 0; i < group->n; i++) {
		if (!is_open(group->files[i]))
			continue;
		if (refresh(verify, group->files[i], &is_stored, err))
			return err->kind;
		if (is_stored) {
			before[n] = group->files[i]->found;
			stored[n++] = group->files[i];
		}
	}
	if (verify_read(verify, stored, n, err))
		return err->kind;
	for (size_t i = 0; i < n; i++) {
		if (!stored[i]->err.kind && stored[i]->found.state == FILE_GOOD)
			say_repaired(stored[i]);
		stored[i]->found = before[i]; /* what is told is what was found first */
	}
	return ERR_OK;
}

static enum err_kind fetch(
    struct group *group, const char *const *ids, size_t n, struct err *err)
{
	struct dq *dq = group->verify->dq;
	struct dq_get get = group->verify->options->get;
	const struct run_spec options = { .goal = GOAL_GET,
		.ids = ids,
		.n = n,
		.get = &get,
		.name_of = name_of,
		.payload = group };

	get.size_bytes = sizeof(get);
	get.sink = group->root;
	if (session_service(dq, err))
		return err->kind;
	session_set_max_wait(dq, get.wait.max_wait_ms); /* of the fetching alone */
	return engine_run(dq, &options, err);
}

/* Whatever is still open has the engine's reason. */
static void explain_rest(struct group *group)
{
	const struct err *outcome = &group->outcome;

	for (size_t i = 0; i < group->n; i++) {
		struct verify_file *file = group->files[i];
		struct err why;

		if (file->is_repaired || file->is_lost)
			continue;
		if (!file->err.kind && outcome->kind)
			file->err = *outcome;
		if (!file->err.kind)
			err_set(&file->err, ERR_RUNNING,
			    "another process is at work on task '%s'", file->id);
		why = file->err;
		err_note(&why, "not repaired");
		verify_say_err(file, &why);
	}
}

static enum err_kind repair_group(struct group *group, struct err *err)
{
	_cleanup_free_ const char **ids = calloc(group->n, sizeof(*ids));
	bool was_all = false;
	size_t n;

	if (!ids)
		return verify_no_memory(err);
	for (int pass = 0; pass < PASSES && !was_all && !group->outcome.kind; pass++) {
		n = gather_ids(group, ids);
		if (n == 0)
			break;
		if (prepare_all(group, ids, n, &was_all, err))
			return err->kind;
		n = gather_ids(group, ids);
		if (n > 0 && fetch(group, ids, n, &group->outcome) == ERR_CANCELLED)
			return verify_interrupted(err);
		if (check_all(group, err))
			return err->kind;
	}
	explain_rest(group);
	return ERR_OK;
}

static enum err_kind repair_groups(
    struct verify *verify, struct verify_file **files, size_t n, struct err *err)
{
	size_t end;

	if (verify_find_roots(verify, files, n, err))
		return err->kind;
	for (size_t i = 0; i < n; i = end) {
		struct group group = {
			.verify = verify, .root = files[i]->root, .files = files + i
		};

		for (end = i; end < n && !strcmp(files[end]->root, group.root); end++)
			group.n++;
		if (repair_group(&group, err))
			return err->kind;
	}
	return ERR_OK;
}

/* --- all of it ------------------------------------------------------------------- */

static enum err_kind repair_all(
    struct verify *verify, struct verify_file **files, size_t n, struct err *err)
{
	struct group all = { .verify = verify, .files = files, .n = n };

	if (session_service(verify->dq, &all.outcome)) {
		explain_rest(&all);
		return ERR_OK;
	}
	if (repair_groups(verify, files, n, err))
		return err->kind;
	for (size_t i = 0; i < n; i++)
		if (files[i]->is_lost)
			verify_remove_lost(verify, files[i]);
	return ERR_OK;
}

static bool is_broken(const struct verify_file *file)
{
	return file->verdict == VERDICT_MISSING || file->verdict == VERDICT_ALTERED ||
	    file->verdict == VERDICT_UNFINISHED;
}

enum err_kind verify_repair(struct verify *verify, struct err *err)
{
	_cleanup_free_ struct verify_file **files =
	    calloc(verify->n_files + 1, sizeof(struct verify_file *));
	size_t n = 0;

	if (!files)
		return verify_no_memory(err);
	for (size_t i = 0; i < verify->n_files; i++) {
		struct verify_file *file = verify->files[i];

		if (file->verdict == VERDICT_MISSING &&
		    verify_put_back(verify, file, err))
			return err->kind;
		if (is_broken(file) && !file->is_repaired)
			files[n++] = file;
	}
	if (n > 0 &&
	    (repair_all(verify, files, n, err) || verify_scan_leftovers(verify, err)))
		return err->kind;
	verify_remove_leftovers(verify);
	return ERR_OK;
}
