#include "core/verbs/rescue_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "ledger/list.h"

enum { HASH_DIGITS = 16 /* of a task that is made for a name */ };

struct name {
	const char *text;
	bool is_known; /* to some task */
};

struct finding {
	struct dq *dq;
	const struct sinks *sinks;
	struct name *names; /* sorted; NULL: all that is not here */
	size_t n_names;
	struct rescue_files files;
	bool has_failed; /* no memory */
};

void rescue_files_release(struct rescue_files *files)
{
	free(files->all);
	*files = (struct rescue_files){ 0 };
}

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for what is to be rescued");
}

static bool add(struct rescue_files *files, const char *id, int index, bool is_made_up)
{
	struct rescue_file *file;

	if (!ARRAY_RESERVE(files->all, files->room, files->n + 1))
		return false;
	file = &files->all[files->n++];
	*file = (struct rescue_file){ .index = index, .is_made_up = is_made_up };
	(void)snprintf(file->id, sizeof(file->id), "%s", id);
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct rescue_file *x = a, *y = b;
	const int order = strcmp(x->id, y->id);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

struct rescue_file *rescue_file_at(
    const struct rescue_files *files, const char *id, int index)
{
	struct rescue_file key = { .index = index };

	(void)snprintf(key.id, sizeof(key.id), "%s", id);
	return files->n > 0
	    ? bsearch(&key, files->all, files->n, sizeof(*files->all), by_place)
	    : NULL;
}

/* --- in the ledger --------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strcmp(x->text, y->text);
}

static struct name *find_name(const struct finding *finding, const char *uri)
{
	const struct name key = { .text = uri };

	return finding->n_names == 0
	    ? NULL
	    : bsearch(&key, finding->names, finding->n_names, sizeof(key), by_text);
}

static bool is_here(const struct finding *finding, const struct asset *asset)
{
	return asset->state == ASSET_STORED &&
	    stored_size(finding->sinks, asset->path, asset->stored_bytes) ==
	    asset->stored_bytes;
}

/* By the user, who can still name it. */
static bool is_given_up(const struct asset *asset)
{
	return asset->state == ASSET_LOST && asset->lost_reason &&
	    !strcmp(asset->lost_reason, LOST_FORGOTTEN);
}

/* Nobody else will bring it: its task has ended, and it is not here. */
static bool is_missed(
    const struct finding *finding, const struct task *task, const struct asset *asset)
{
	const bool is_named = asset->kind == MEDIA_IMAGE || asset->kind == MEDIA_VIDEO;

	return is_named && task_state_is_final(task->state) && !is_here(finding, asset) &&
	    !is_given_up(asset);
}

/* False: no memory. */
static bool look_at(
    struct finding *finding, const struct task *task, const struct asset *asset)
{
	struct name *name;

	if (!asset->uri)
		return true;
	if (!finding->names)
		return !is_missed(finding, task, asset) ||
		    add(&finding->files, task->submit_id, asset->index, false);
	name = find_name(finding, asset->uri);
	if (!name || name->is_known)
		return true;
	name->is_known = true;
	if (!is_here(finding, asset))
		return add(&finding->files, task->submit_id, asset->index, false);
	finding->files.n_here++;
	return true;
}

static bool on_task(void *payload, const struct task *task)
{
	struct finding *finding = payload;

	for (size_t i = 0; i < task->n_assets && !finding->has_failed; i++)
		finding->has_failed = !look_at(finding, task, &task->assets[i]);
	return !finding->has_failed && !session_is_to_end(finding->dq);
}

static enum err_kind look_through(struct finding *finding, struct err *err)
{
	const struct ledger_filter filter = { .account = finding->dq->profile };

	if (finding->dq->ledger &&
	    ledger_list(finding->dq->ledger, &filter, on_task, finding, err))
		return err->kind;
	if (session_is_to_end(finding->dq))
		return err_set(err, ERR_CANCELLED, "interrupted; nothing is lost");
	return finding->has_failed ? no_memory(err) : ERR_OK;
}

/* --- names that no task has ------------------------------------------------------ */

static enum err_kind id_of(const char *name, char id[TASKID_MAX + 1], struct err *err)
{
	char hex[HASH_HEX_MAX];

	if (hash_text(HASH_SHA256, name, strlen(name), hex, err))
		return err->kind;
	(void)snprintf(id, TASKID_MAX + 1, "rescued-%.*s", HASH_DIGITS, hex);
	return ERR_OK;
}

/* A task that has ended, with this file. */
static enum err_kind make_task(
    struct dq *dq, const char *name, const char *id, struct err *err)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct asset *asset;

	if (!task)
		return no_memory(err);
	task->arena.max_bytes = 1 << 16;
	asset = arena_alloc(&task->arena, sizeof(*asset));
	task->submit_id = arena_strdup(&task->arena, id);
	if (!asset || !task->submit_id)
		return no_memory(err);
	*asset = (struct asset){ .kind = service_kind_of_uri(dq->ops, name),
		.uri = arena_strdup(&task->arena, name),
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };
	task->kind = asset->kind;
	task->state = TASK_SUCCEEDED;
	task->finished = task->total = 1;
	task->assets = asset;
	task->n_assets = 1;
	return ledger_observe(
	    dq->ledger, dq->profile, &task, NULL, 1, dq->now.unix_ms, err);
}

static enum err_kind make_up(struct finding *finding, const char *name, struct err *err)
{
	char id[TASKID_MAX + 1];

	if (id_of(name, id, err) ||
	    (!finding->files.is_rehearsal && make_task(finding->dq, name, id, err)))
		return err->kind;
	if (!add(&finding->files, id, 0, true))
		return no_memory(err);
	finding->files.all[finding->files.n - 1].name = name;
	return ERR_OK;
}

static enum err_kind make_up_unknown(struct finding *finding, struct err *err)
{
	for (size_t i = 0; i < finding->n_names; i++) {
		const struct name *name = &finding->names[i];

		if (!name->is_known && make_up(finding, name->text, err))
			return err->kind;
	}
	return ERR_OK;
}

/* Each once. */
static enum err_kind take_names(
    struct finding *finding, const char *const *names, size_t n_names, struct err *err)
{
	size_t n = 0;

	finding->names = calloc(n_names + 1, sizeof(*finding->names));
	if (!finding->names)
		return no_memory(err);
	for (size_t i = 0; i < n_names; i++) {
		if (service_kind_of_uri(finding->dq->ops, names[i]) == MEDIA_UNKNOWN)
			return err_set(err, ERR_USAGE,
			    "'%.80s' is neither the uri of a picture nor the vid of a "
			    "film",
			    names[i]);
		finding->names[i].text = names[i];
	}
	qsort(finding->names, n_names, sizeof(*finding->names), by_text);
	for (size_t i = 0; i < n_names; i++)
		if (i == 0 ||
		    strcmp(finding->names[i].text, finding->names[n - 1].text) != 0)
			finding->names[n++] = finding->names[i];
	finding->n_names = n;
	return ERR_OK;
}

enum err_kind rescue_find(struct dq *dq, const struct sinks *sinks,
    const char *const *names, size_t n_names, struct rescue_files *ret_files,
    struct err *err)
{
	struct finding finding = {
		.dq = dq, .sinks = sinks, .files.is_rehearsal = ret_files->is_rehearsal
	};
	enum err_kind kind = names ? take_names(&finding, names, n_names, err) : ERR_OK;

	if (!kind)
		kind = look_through(&finding, err);
	if (!kind)
		kind = make_up_unknown(&finding, err);
	free(finding.names);
	if (kind) {
		rescue_files_release(&finding.files);
		return kind;
	}
	if (finding.files.n > 0)
		qsort(finding.files.all, finding.files.n, sizeof(*finding.files.all),
		    by_place);
	*ret_files = finding.files;
	return ERR_OK;
}
