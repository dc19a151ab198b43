/*
 * beside.c - sidecars follow their files, and say where these are now.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "core/rename/parts.h"
#include "core/sidecar/forms.h"

/* What is called like a sidecar may be a file of another task. */
static bool is_a_file(const struct rename *rename, const char *path)
{
	return texts_have(&rename->froms, path) || texts_have(&rename->others, path) ||
	    texts_have(&rename->tos, path);
}

static bool is_there(const struct rename *rename, const char *path)
{
	return !is_a_file(rename, path) &&
	    stored_look(rename->sinks, path, NULL) != STORED_NOTHING;
}

bool rename_has_beside(const struct rename *rename, const char *path)
{
	for (size_t i = 0; i < SIDECAR_FORMS; i++) {
		_cleanup_free_ char *name = sidecar_path(&sidecar_forms[i], path);

		if (!name || is_there(rename, name))
			return true;
	}
	return false;
}

static void move_one(
    struct rename *rename, const char *old, const char *new, bool may_exist)
{
	bool exists = false;
	struct err err = { .kind = ERR_OK };

	if (!old || !new)
		(void)rename_no_memory(&err);
	else if (!is_there(rename, old))
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
static enum err_kind renew_one(
    struct rename *rename, const struct rename_step *step, struct err *err)
{
	for (size_t i = 0; i < SIDECAR_FORMS; i++) {
		_cleanup_free_ char *path = sidecar_path(&sidecar_forms[i], step->from);

		if (!path)
			return rename_no_memory(err);
		if (!sidecar_forms[i].is_of_task || !is_there(rename, path))
			continue;
		if (renew(rename, &sidecar_forms[i], step->file, path, err))
			return err->kind;
	}
	return ERR_OK;
}

/* Files whose sidecars are looked at together. */
struct renewal {
	struct rename *rename;
	struct rename_step steps[RENAME_BATCH_MAX];
	size_t n;
	struct rename_hold hold;
};

/* One that has been moved meanwhile has taken its sidecar along. */
static enum err_kind renew_held(struct renewal *renewal, struct err *err)
{
	for (size_t i = 0; i < renewal->n; i++)
		if (!renewal->hold.why[i].kind &&
		    renew_one(renewal->rename, &renewal->steps[i], err))
			return err->kind;
	return ERR_OK;
}

static enum err_kind flush(struct renewal *renewal, struct err *err)
{
	const struct rename *rename = renewal->rename;
	enum err_kind kind;

	if (renewal->n == 0)
		return ERR_OK;
	kind = rename_hold(rename, renewal->steps, renewal->n, &renewal->hold, err);
	if (!kind) {
		kind = renew_held(renewal, err);
		rename_let_go(rename, renewal->steps, renewal->n, &renewal->hold);
	}
	renewal->n = 0;
	return kind;
}

static enum err_kind renew_all(struct renewal *renewal, struct err *err)
{
	struct rename *rename = renewal->rename;

	for (size_t i = 0; i < rename->n_files; i++) {
		struct rename_file *file = &rename->files[i];
		const char *at = file->state == RENAME_DONE ? file->to
		    : file->away			    ? file->away
							    : file->from;

		if (!rename_has_beside(rename, at))
			continue;
		renewal->steps[renewal->n++] =
		    (struct rename_step){ .file = file, .from = at };
		if (renewal->n == RENAME_BATCH_MAX && flush(renewal, err))
			return err->kind;
	}
	return flush(renewal, err);
}

enum err_kind rename_renew_beside(struct rename *rename, struct err *err)
{
	struct renewal *renewal = calloc(1, sizeof(*renewal));
	enum err_kind kind;

	if (!renewal)
		return rename_no_memory(err);
	renewal->rename = rename;
	kind = renew_all(renewal, err);
	free(renewal);
	return kind;
}
