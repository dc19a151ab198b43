/*
 * rename.c - the verbs: what names the template gives, and giving them.
 */
#include <stdlib.h>
#include <string.h>

#include "core/common/given.h"
#include "core/rename/parts.h"

enum err_kind rename_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for the names of files");
}

enum err_kind rename_interrupted(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "interrupted; nothing is lost, run it again");
}

void rename_note(struct rename *rename, const struct err *err)
{
	if (!rename->trouble.kind || err_is_worse(err, &rename->trouble))
		rename->trouble = *err;
}

void rename_release(struct rename *rename)
{
	for (size_t i = 0; i < rename->n_files; i++) {
		free(rename->files[i].from);
		free(rename->files[i].wish);
		free(rename->files[i].to);
		free(rename->files[i].away);
	}
	free(rename->files);
	texts_release(&rename->froms);
	texts_release(&rename->tos);
	texts_release(&rename->others);
	sinks_free(rename->sinks);
	free(rename->root);
	free(rename->elsewhere);
}

/* --- telling --- */

static const char *const states[] = {
	[RENAME_STAYS] = "stays",
	[RENAME_OPEN] = "planned",
	[RENAME_DONE] = "renamed",
	[RENAME_FAILED] = "failed",
};

static void tell(const struct rename *rename, const struct rename_file *file)
{
	const struct dq_naming *options = rename->options;
	const bool has_failed = file->state == RENAME_FAILED;
	const struct dq_named named = {
		.submit_id = file->id,
		.index = file->index,
		.from = file->away ? file->away : file->from,
		.to = file->to,
		.name = location_below(rename->root, file->to),
		.state = states[file->state],
		.text = has_failed ? file->err.msg : NULL,
		.shown = has_failed ? err_shown(&file->err) : NULL,
	};

	if (options->on_named)
		options->on_named(options->payload, &named);
}

static void tell_all(const struct rename *rename, struct dq_renamed *counts)
{
	for (size_t i = 0; i < rename->n_files; i++) {
		const struct rename_file *file = &rename->files[i];

		if (!file->to)
			continue;
		counts->files++;
		counts->renamed += file->state == RENAME_DONE;
		counts->planned += file->state == RENAME_OPEN;
		counts->failed += file->state == RENAME_FAILED;
		tell(rename, file);
	}
	counts->elsewhere = rename->n_elsewhere;
}

/* --- the verbs --- */

static struct naming naming_of(const struct dq_naming *options)
{
	return (struct naming){
		.template =
		    options->name_template ? options->name_template : NAME_TEMPLATE,
		.for_windows = options->windows_filenames,
	};
}

enum dq_status dq_name_check(const struct dq_naming *given, struct dq_error *ret_error)
{
	struct dq_naming options;
	struct naming naming;
	struct err err;

	given_take(&options, sizeof(options), given);
	naming = naming_of(&options);
	return name_check(&naming, &err) ? session_fail(&err, ret_error) : DQ_OK;
}

static enum err_kind prepare(
    struct rename *rename, const struct dq_naming *options, struct err *err)
{
	rename->options = options;
	rename->naming = naming_of(options);
	if (name_check(&rename->naming, err) ||
	    place_of_url(options->sink ? options->sink : ".", &rename->root, err))
		return err->kind;
	return sinks_new(&rename->sinks, err);
}

/* Whoever is in the wrong folder shall learn so. */
static enum err_kind refuse_nothing(const struct rename *rename, struct err *err)
{
	if (rename->n_files > 0 || rename->n_elsewhere == 0)
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "no stored file lies below '%s'; one of those that lie elsewhere is in '%s': "
	    "name their folder with -o",
	    rename->root, rename->elsewhere ? rename->elsewhere : "?");
}

static enum err_kind run(
    struct rename *rename, struct dq_renamed *ret_renamed, struct err *err)
{
	const bool is_dry = rename->options->dry_run || rename->is_preview;
	struct dq *dq = rename->dq;
	enum err_kind kind;

	if ((is_dry ? session_ledger_to_read(dq, err) : session_ledger(dq, err)) ||
	    rename_collect(rename, err) || refuse_nothing(rename, err) ||
	    (!is_dry && rename_tidy(rename, err)) ||
	    (!rename->is_preview && rename_remember(rename, err)) ||
	    rename_plan(rename, err))
		return err->kind;
	kind = is_dry ? ERR_OK : rename_move_all(rename, err);
	if (!kind && !is_dry)
		kind = rename_renew_beside(rename, err);
	tell_all(rename, ret_renamed);
	if (kind)
		return kind;
	if (session_ledger_trouble(dq, err))
		rename_note(rename, err);
	/* Each has been told with its reason. */
	if (ret_renamed->failed > 0)
		return err_set(err, rename->trouble.kind,
		    ret_renamed->files == 1 ? N_("%zu of %zu file could not be renamed")
					    : N_("%zu of %zu files could not be renamed"),
		    ret_renamed->failed, ret_renamed->files);
	*err = rename->trouble;
	return err->kind;
}

static enum dq_status begin(struct dq *dq, bool is_preview, const struct dq_naming *given,
    struct dq_renamed *ret_renamed, struct dq_error *ret_error)
{
	struct dq_naming options;
	struct rename rename = { .dq = dq, .is_preview = is_preview };
	struct err err = { .kind = ERR_OK };
	enum dq_status status = DQ_OK;

	given_take(&options, sizeof(options), given);
	*ret_renamed = (struct dq_renamed){ 0 };
	session_verb_begins(dq, 0);
	if (prepare(&rename, &options, &err) || run(&rename, ret_renamed, &err))
		status = session_fail(&err, ret_error);
	rename_release(&rename);
	session_verb_ends(&dq);
	return status;
}

enum dq_status dq_name_preview(struct dq *dq, const struct dq_naming *naming,
    struct dq_renamed *ret_renamed, struct dq_error *ret_error)
{
	return begin(dq, true, naming, ret_renamed, ret_error);
}

enum dq_status dq_rename(struct dq *dq, const struct dq_naming *naming,
    struct dq_renamed *ret_renamed, struct dq_error *ret_error)
{
	return begin(dq, false, naming, ret_renamed, ret_error);
}
