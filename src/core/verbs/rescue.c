/*
 * rescue.c - the verb that fetches files by their own names.
 */
#include "dreamq/rescue.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/common/given.h"
#include "core/engine/engine.h"
#include "core/verbs/rescue_find.h"

struct rescue {
	struct dq *dq;
	struct sinks *sinks;
	struct rescue_files files;
	struct dq_rescue options;
	struct dq_rescued counts;
};

static void rescue_release(struct rescue *rescue)
{
	rescue_files_release(&rescue->files);
	sinks_free(rescue->sinks);
}

static bool wants(void *payload, const char *submit_id, int index)
{
	const struct rescue *rescue = payload;

	return rescue_file_at(&rescue->files, submit_id, index) != NULL;
}

static void is_gone(void *payload, const char *submit_id, int index)
{
	struct rescue *rescue = payload;
	struct rescue_file *file = rescue_file_at(&rescue->files, submit_id, index);

	if (file)
		file->is_gone = true;
}

static enum err_kind fetch(struct rescue *rescue, struct err *err)
{
	const struct rescue_files *files = &rescue->files;
	_cleanup_free_ const char **ids = calloc(files->n + 1, sizeof(*ids));
	struct run_spec spec = { .goal = GOAL_RESCUE,
		.ids = ids,
		.get = &rescue->options.get,
		.wants = wants,
		.is_gone = is_gone,
		.payload = rescue };

	if (!ids)
		return err_set(err, ERR_NOMEM, "out of memory for %zu files", files->n);
	for (size_t i = 0; i < files->n; i++)
		if (i == 0 || strcmp(files->all[i].id, files->all[i - 1].id) != 0)
			ids[spec.n++] = files->all[i].id;
	return session_service(rescue->dq, err) ? err->kind
						: engine_run(rescue->dq, &spec, err);
}

/* --- what came of it ------------------------------------------------------------- */

/* A task that was made for a name goes with it, when there is no such file. */
static enum err_kind forget_made_up(
    struct rescue *rescue, const struct rescue_file *file, struct err *err)
{
	const struct dq *dq = rescue->dq;

	if (!file->is_made_up || !ledger_forget(dq->ledger, dq->profile, file->id, err) ||
	    err->kind == ERR_NOT_FOUND)
		return ERR_OK;
	return err->kind;
}

static enum err_kind count(
    struct rescue *rescue, const struct rescue_file *file, struct err *err)
{
	const struct dq *dq = rescue->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	const struct asset *asset;

	if (ledger_find(dq->ledger, dq->profile, file->id, &task, err))
		return err->kind;
	asset = task ? task_asset(task, file->index) : NULL;
	if (asset && asset->state == ASSET_STORED &&
	    stored_size(rescue->sinks, asset->path, asset->stored_bytes) ==
		asset->stored_bytes)
		rescue->counts.stored++;
	if (!file->is_gone)
		return ERR_OK;
	rescue->counts.gone++;
	return forget_made_up(rescue, file, err);
}

/* The ledger has the last word: others may have been at work on the same. */
static enum err_kind count_all(struct rescue *rescue, struct err *err)
{
	const struct dq_totals *totals = &rescue->dq->totals;
	const struct rescue_files *files = &rescue->files;

	rescue->counts.files = files->n + files->n_here;
	rescue->counts.stored = files->n_here;
	rescue->counts.bytes = totals->bytes_done;
	rescue->counts.requests = totals->requests;
	for (size_t i = 0; i < files->n; i++)
		if (count(rescue, &files->all[i], err))
			return err->kind;
	if (rescue->counts.stored + rescue->counts.gone < rescue->counts.files)
		return err_set(
		    err, ERR_RUNNING, "not all of it is here yet, and nothing is lost");
	return ERR_OK;
}

/* What would be asked for, each by the name that the service knows. */
static enum err_kind tell_plan(struct rescue *rescue, struct err *err)
{
	const struct dq *dq = rescue->dq;
	const struct dq_rescue *options = &rescue->options;

	rescue->counts.files = rescue->files.n + rescue->files.n_here;
	rescue->counts.stored = rescue->files.n_here;
	for (size_t i = 0; options->on_file && i < rescue->files.n; i++) {
		const struct rescue_file *file = &rescue->files.all[i];
		_cleanup_(task_freep) struct task *task = NULL;
		const struct asset *asset = NULL;

		if (!file->name &&
		    ledger_find(dq->ledger, dq->profile, file->id, &task, err))
			return err->kind;
		if (task)
			asset = task_asset(task, file->index);
		if (file->name || asset)
			options->on_file(options->payload, file->id, file->index,
			    file->name ? file->name : asset->uri);
	}
	return ERR_OK;
}

static enum err_kind run(struct rescue *rescue, struct err *err)
{
	const bool is_dry = rescue->options.dry_run;
	struct dq *dq = rescue->dq;
	struct err why;
	enum err_kind kind;

	if (!service_has_files(dq->ops, SERVICE_IMAGES) &&
	    !service_has_files(dq->ops, SERVICE_FILMS))
		return err_set(
		    err, ERR_USAGE, "this service can't be asked for files by name");
	rescue->files.is_rehearsal = is_dry;
	if ((is_dry ? session_ledger_to_read(dq, err) : session_ledger(dq, err)) ||
	    sinks_new(&rescue->sinks, err) ||
	    rescue_find(dq, rescue->sinks, rescue->options.names, rescue->options.n_names,
		&rescue->files, err))
		return err->kind;
	if (is_dry)
		return tell_plan(rescue, err);
	kind = rescue->files.n > 0 ? fetch(rescue, err) : ERR_OK;
	if (!count_all(rescue, &why) || kind)
		return kind;
	*err = why;
	return err->kind;
}

enum dq_status dq_rescue(struct dq *dq, const struct dq_rescue *given,
    struct dq_rescued *ret_rescued, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_(rescue_release) struct rescue rescue = { .dq = dq };
	struct err err = { .kind = ERR_OK };
	enum err_kind kind;

	given_take(&rescue.options, sizeof(rescue.options), given);
	session_set_max_wait(dq, rescue.options.get.wait.max_wait_ms);
	session_verb_begins(dq, 0);
	kind = run(&rescue, &err);
	if (ret_rescued)
		*ret_rescued = rescue.counts;
	return kind ? session_fail(&err, ret_error) : DQ_OK;
}

enum dq_status dq_check_file_name(
    const struct dq *dq, const char *name, struct dq_error *ret_error)
{
	struct err err;

	if (service_kind_of_uri(dq->ops, name) != MEDIA_UNKNOWN)
		return DQ_OK;
	err_set(&err, ERR_USAGE,
	    "'%.80s' is neither the uri of a picture nor the vid of a film", name);
	return session_fail(&err, ret_error);
}
