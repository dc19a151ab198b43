/*
 * embed.c - each copy takes the way of a download: a partial of the sink, its container
 * walked, durable, and only then a name, which replaces nothing.
 *
 *	stored file ──► is it what was stored? ──► media_embed() ──► partial ──► sums
 *	                                            ──► sealed ──► name chosen ──► named
 */
#include "dreamq/embed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/shell_word.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "core/sidecar/texts.h"
#include "core/sidecar/xmp.h"
#include "store/media/embed.h"
#include "store/name.h"
#include "store/sink.h"

enum { KEY_MAX = DQ_ID_MAX + 32 };

struct embed {
	struct dq *dq;
	const struct dq_embed *wanted;
	struct naming naming;
	struct sinks *sinks;
	struct sink *sink;
	struct dq_embed_counts *counts;
	struct err trouble; /* the most serious so far */
};

/* One file, and what of its copy there is. */
struct copying {
	const struct task *task;
	const struct asset *asset;
	struct partial *partial;
	struct sealed sealed;
	char *location; /* of the copy */
	bool was_there;
};

/* --- what goes into it --- */

static bool add_xmp(void *payload, const struct buf *old, struct buf *into)
{
	const struct copying *copying = payload;
	const struct sidecar_of of = { .task = copying->task, .asset = copying->asset };

	if (old)
		return xmp_add_merged(into, old, &of, XMP_OF_MAKING);
	xmp_add_packet(into, &of, XMP_OF_MAKING);
	return true;
}

static enum err_kind add_bytes(
    void *payload, const void *bytes, size_t len, struct err *err)
{
	const struct copying *copying = payload;

	return partial_write(copying->partial, bytes, len, err);
}

/* Nobody shall be told that a file was made so which is another by now. */
static enum err_kind check_file(
    const struct embed *embed, const struct asset *asset, struct err *err)
{
	struct synced want = { .size_bytes = (uint64_t)asset->stored_bytes };
	const struct file_watch watch = { .is_stopped = &embed->dq->is_interrupted };
	struct file_found found;

	(void)snprintf(want.sha256, sizeof(want.sha256), "%s", asset->sha256);
	if (stored_check(embed->sinks, asset->path, &want, &watch, &found, err))
		return err->kind;
	if (found.state != FILE_GOOD)
		return err_set(
		    err, ERR_IO, "it is not what was stored there; see 'dreamq verify'");
	return ERR_OK;
}

/* Returns it opened; -1: *err says why not. */
static int open_file(
    const struct embed *embed, const struct asset *asset, struct err *err)
{
	_cleanup_free_ char *path = NULL;
	int fd;

	if (stored_path(embed->sinks, asset->path, &path, err))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0)
		err_errno(err, ERR_IO, "can't read '%s'", path);
	return fd;
}

static enum err_kind fill(
    const struct embed *embed, struct copying *copying, struct err *err)
{
	const struct asset *asset = copying->asset;
	const struct sidecar_of of = { .task = copying->task, .asset = asset };
	_cleanup_(closep) int fd = open_file(embed, asset, err);
	_cleanup_free_ char *parameters = sidecar_text_parameters(&of);
	const struct embedding embedding = { parameters, add_xmp, add_bytes, copying };

	if (fd < 0)
		return err->kind;
	if (!parameters)
		return err_set(err, ERR_NOMEM, "out of memory");
	parameters[strlen(parameters) - 1] = '\0'; /* its last line feed */
	return media_embed(fd, (uint64_t)asset->stored_bytes, &embedding, err);
}

/* --- its name --- */

static enum err_kind name_it(const struct embed *embed, const struct copying *copying,
    char **ret_name, struct err *err)
{
	const struct name_of of = { copying->task, copying->asset,
		copying->sealed.type->extension, copying->asset->sha256 };
	const char *slash = strrchr(copying->asset->path, '/');

	if (embed->naming.template)
		return name_make(&embed->naming, &of, ret_name, err);
	*ret_name = strdup(slash ? slash + 1 : copying->asset->path);
	return *ret_name ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

/* Another process may take the name that we have chosen. */
static enum err_kind store(
    const struct embed *embed, struct copying *copying, const char *name, struct err *err)
{
	struct seal seal = { .partial = copying->partial };
	struct commit commit = { .is_taken = true };

	sink_flush(embed->sink, &(struct flush){ .seals = &seal, .n_seals = 1 });
	if (seal.err.kind) {
		*err = seal.err;
		return err->kind;
	}
	while (commit.is_taken) {
		free(copying->location);
		copying->location = NULL;
		if (partial_choose(copying->partial, name, &copying->sealed,
			&copying->location, err))
			return err->kind;
		copying->was_there =
		    stored_size(embed->sinks, copying->location, -1) >= 0;
		commit = (struct commit){ .partial = copying->partial,
			.location = copying->location,
			.sealed = &copying->sealed };
		sink_flush(
		    embed->sink, &(struct flush){ .commits = &commit, .n_commits = 1 });
		if (commit.err.kind) {
			*err = commit.err;
			return err->kind;
		}
	}
	return ERR_OK;
}

static enum err_kind copy_file(
    struct embed *embed, struct copying *copying, struct err *err)
{
	_cleanup_free_ char *name = NULL;
	char key[KEY_MAX];
	uint64_t left;

	(void)snprintf(key, sizeof(key), "embed-%s.%d", copying->task->submit_id,
	    copying->asset->index);
	if (check_file(embed, copying->asset, err) ||
	    partial_begin(embed->sink, key, &copying->partial, &left, err))
		return err->kind;
	if (partial_truncate(copying->partial, 0, err) || fill(embed, copying, err) ||
	    partial_sum(copying->partial, &copying->sealed, err) ||
	    name_it(embed, copying, &name, err))
		return err->kind;
	return store(embed, copying, name, err);
}

/* --- all of them --- */

static bool is_here(const struct asset *asset)
{
	return asset->state == ASSET_STORED && asset->path && asset->sha256;
}

static void note(struct embed *embed, const struct err *err)
{
	if (!embed->trouble.kind || err_is_worse(err, &embed->trouble))
		embed->trouble = *err;
}

static void tell(struct embed *embed, const struct copying *copying, struct err *err)
{
	const struct dq_embedded embedded = {
		.submit_id = copying->task->submit_id,
		.index = copying->asset->index,
		.from = copying->asset->path,
		.to = err->kind ? NULL : copying->location,
		.state = err->kind	 ? "failed"
		    : copying->was_there ? "there"
					 : "made",
		.text = err->kind ? err->msg : NULL,
		.shown = err->kind ? err_shown(err) : NULL,
	};

	embed->counts->failed += err->kind != ERR_OK;
	embed->counts->there += !err->kind && copying->was_there;
	embed->counts->made += !err->kind && !copying->was_there;
	if (err->kind)
		note(embed, err);
	if (embed->wanted->on_embedded)
		embed->wanted->on_embedded(embed->wanted->payload, &embedded);
}

/* Somebody may have renamed it since the ledger was read: the task as it is now. */
static struct task *read_again(const struct embed *embed, const struct copying *copying)
{
	const struct dq *dq = embed->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	const struct asset *asset;
	struct err err;

	if (ledger_find(dq->ledger, dq->profile, copying->task->submit_id, &task, &err) ||
	    !task)
		return NULL;
	asset = task_asset(task, copying->asset->index);
	return asset && is_here(asset) && strcmp(asset->path, copying->asset->path) != 0
	    ? TAKE_PTR(task)
	    : NULL;
}

static enum err_kind try_file(
    struct embed *embed, struct copying *copying, struct err *err)
{
	if (copy_file(embed, copying, err)) {
		err_note(err, "'%s'", copying->asset->path);
		partial_discard(copying->partial);
	} else {
		partial_close(copying->partial);
	}
	copying->partial = NULL;
	return err->kind;
}

static void take_file(
    struct embed *embed, const struct task *task, const struct asset *asset)
{
	_cleanup_(task_freep) struct task *fresh = NULL;
	struct copying copying = { .task = task, .asset = asset };
	struct err err = { .kind = ERR_OK };

	if (try_file(embed, &copying, &err))
		fresh = read_again(embed, &copying);
	if (fresh) {
		copying.task = fresh;
		copying.asset = task_asset(fresh, asset->index);
		err = (struct err){ .kind = ERR_OK };
		(void)try_file(embed, &copying, &err);
	}
	tell(embed, &copying, &err);
	free(copying.location);
}

static bool is_wanted(const struct dq_embed *wanted, const struct asset *asset)
{
	bool is_named = wanted->n_indexes == 0;

	for (size_t i = 0; i < wanted->n_indexes; i++)
		is_named |= wanted->indexes[i] == asset->index;
	return is_named && is_here(asset);
}

static enum err_kind take_task(struct embed *embed, const char *id, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;
	const struct dq *dq = embed->dq;
	size_t n = 0;

	if (dq->ledger && ledger_find(dq->ledger, dq->profile, id, &task, err))
		return err->kind;
	for (size_t i = 0; task && i < task->n_assets; i++) {
		if (atomic_load(&dq->is_interrupted))
			return err_set(err, ERR_CANCELLED, "interrupted");
		if (!is_wanted(embed->wanted, &task->assets[i]))
			continue;
		take_file(embed, task, &task->assets[i]);
		n++;
	}
	if (n == 0) {
		err_set(err, ERR_FAILED,
		    "no such file of task '%s' is here; 'dreamq get %s%s' brings them",
		    id, shell_dashes(id), id);
		session_note(embed->dq, "%s", err_shown(err));
		embed->counts->failed++;
		note(embed, err);
	}
	return ERR_OK;
}

static enum err_kind embed_all(struct embed *embed, struct err *err)
{
	const struct dq_embed *wanted = embed->wanted;

	embed->naming =
	    (struct naming){ wanted->name_template, wanted->windows_filenames };
	if (!wanted->sink)
		return err_set(err, ERR_USAGE, "name the folder that the copies go to");
	if ((embed->naming.template && name_check(&embed->naming, err)) ||
	    session_ledger_to_read(embed->dq, err) || sinks_new(&embed->sinks, err) ||
	    sink_open(wanted->sink, &embed->sink, err))
		return err->kind;
	for (size_t i = 0; i < wanted->n; i++)
		if (take_task(embed, wanted->ids[i], err))
			return err->kind;
	if (embed->trouble.kind)
		*err = embed->trouble;
	return embed->trouble.kind;
}

enum dq_status dq_embed(struct dq *dq, const struct dq_embed *given,
    struct dq_embed_counts *ret_counts, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct dq_embed wanted;
	struct embed embed = { .dq = dq, .wanted = &wanted, .counts = ret_counts };
	struct err err = { .kind = ERR_OK };

	given_take(&wanted, sizeof(wanted), given);
	*ret_counts = (struct dq_embed_counts){ 0 };
	session_verb_begins(dq, wanted.n);
	(void)embed_all(&embed, &err);
	sink_free(embed.sink);
	sinks_free(embed.sinks);
	return err.kind ? session_fail(&err, ret_error) : DQ_OK;
}
