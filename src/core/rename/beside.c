/*
 * beside.c - sidecars follow their files, and say where these are now.
 */
#include "base/cleanup.h"
#include "core/rename/parts.h"
#include "core/sidecar/forms.h"

/* What is called like a sidecar may be a file of another task. */
static bool is_a_file(const struct rename *rename, const char *path)
{
	return texts_have(&rename->froms, path) || texts_have(&rename->others, path) ||
	    texts_have(&rename->tos, path);
}

static void move_one(
    struct rename *rename, const char *old, const char *new, bool may_exist)
{
	bool exists = false;
	struct err err = { .kind = ERR_OK };

	if (!old || !new)
		(void)rename_no_memory(&err);
	else if (is_a_file(rename, old) ||
	    stored_look(rename->sinks, old, NULL) == STORED_NOTHING)
		return;
	else if (!stored_move(rename->sinks, old, new, &exists, &err) && exists &&
	    !may_exist)
		err_set(
		    &err, ERR_IO, "'%s' stays where it is: there is a '%s'", old, new);
	if (err.kind)
		rename_note(rename, &err);
}

static void move_all(
    struct rename *rename, const char *from, const char *to, bool may_exist)
{
	for (size_t i = 0; i < SIDECAR_FORMS; i++) {
		_cleanup_free_ char *old = sidecar_path(&sidecar_forms[i], from);
		_cleanup_free_ char *new = sidecar_path(&sidecar_forms[i], to);

		move_one(rename, old, new, may_exist);
	}
}

void rename_move_beside(struct rename *rename, const char *from, const char *to)
{
	move_all(rename, from, to, false);
}

void rename_follow_beside(struct rename *rename, const char *from, const char *to)
{
	move_all(rename, from, to, true);
}

/* --- what they say --- */

static bool is_here(void *payload, const struct asset *asset)
{
	const struct rename *rename = payload;

	return asset->state == ASSET_STORED && asset->path &&
	    location_below(rename->root, asset->path) &&
	    stored_size(rename->sinks, asset->path, asset->stored_bytes) ==
	    asset->stored_bytes;
}

static enum err_kind renew(struct rename *rename, const struct sidecar_form *form,
    const struct rename_file *file, const char *path, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *mark = form->make_mark(file->id);
	const struct dq *dq = rename->dq;
	struct sidecar_of of = { .is_here = is_here, .payload = rename };
	struct err is_another;

	if (ledger_find(dq->ledger, dq->profile, file->id, &task, err))
		return err->kind;
	of.task = task;
	of.asset = task ? task_asset(task, file->index) : NULL;
	if (!of.asset)
		return ERR_OK;
	text = form->make_text(&of);
	if (!text || !mark)
		return rename_no_memory(err);
	if (stored_note(rename->sinks,
		&(struct note){ .locations = &path, .n = 1, .text = text, .mark = mark },
		&is_another, err))
		rename_note(rename, err);
	return ERR_OK;
}

/* Beside one file; the words of the other forms say nothing of places. */
static enum err_kind renew_all(
    struct rename *rename, const struct rename_file *file, struct err *err)
{
	const char *at = file->state == RENAME_DONE ? file->to
	    : file->away			    ? file->away
						    : file->from;

	for (size_t i = 0; i < SIDECAR_FORMS; i++) {
		_cleanup_free_ char *path = sidecar_path(&sidecar_forms[i], at);

		if (!path)
			return rename_no_memory(err);
		if (!sidecar_forms[i].is_of_task || is_a_file(rename, path) ||
		    stored_look(rename->sinks, path, NULL) == STORED_NOTHING)
			continue;
		if (renew(rename, &sidecar_forms[i], file, path, err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind rename_renew_beside(struct rename *rename, struct err *err)
{
	for (size_t i = 0; i < rename->n_files; i++)
		if (renew_all(rename, &rename->files[i], err))
			return err->kind;
	return ERR_OK;
}
