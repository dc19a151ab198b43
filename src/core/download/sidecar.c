#include "core/download/sidecar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/cleanup.h"
#include "core/download/file.h"
#include "core/sidecar/forms.h"

enum {
	WRITES_AT_ONCE = 16, /* tasks whose sidecars are being written */
};

/* The same words beside some files. */
struct words {
	char *text, *mark;
	char **paths; /* of the sidecars */
	size_t n_paths;
};

struct write {
	struct job job; /* first: a job is its write */
	TAILQ_ENTRY(write) others;
	struct sidecars *sidecars;
	char id[DQ_ID_MAX + 1]; /* of the task */
	struct words *words; /* NULL: as the ledger says when it begins */
	size_t n_words;
	sidecar_then *then; /* NULL: the task's end */
	void *payload;
	struct err err; /* the last trouble of its paths */
	struct err taken; /* the last name that is somebody else's */
};

TAILQ_HEAD(write_list, write);

/* Who waits for a write has a file open, and is served before those who do not. */
struct sidecars {
	struct downloads *downloads;
	unsigned forms;
	struct write_list wanted, renewals, under_way;
	unsigned n_under_way;
};

enum err_kind sidecars_new(struct downloads *downloads, unsigned forms,
    struct sidecars **ret_sidecars, struct err *err)
{
	struct sidecars *sidecars = calloc(1, sizeof(*sidecars));

	if (!sidecars)
		return err_set(err, ERR_NOMEM, "out of memory for sidecars");
	TAILQ_INIT(&sidecars->wanted);
	TAILQ_INIT(&sidecars->renewals);
	TAILQ_INIT(&sidecars->under_way);
	sidecars->downloads = downloads;
	sidecars->forms = forms;
	*ret_sidecars = sidecars;
	return ERR_OK;
}

static void words_release(struct words *words)
{
	for (size_t i = 0; i < words->n_paths; i++)
		free(words->paths[i]);
	free(words->paths);
	free(words->text);
	free(words->mark);
}

static void write_free(struct write *write)
{
	if (!write)
		return;
	for (size_t i = 0; i < write->n_words; i++)
		words_release(&write->words[i]);
	free(write->words);
	free(write);
}

static void free_list(struct write_list *list)
{
	struct write *write;

	while ((write = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, write, others);
		write_free(write);
	}
}

void sidecars_free(struct sidecars *sidecars)
{
	if (!sidecars)
		return;
	free_list(&sidecars->wanted);
	free_list(&sidecars->renewals);
	free_list(&sidecars->under_way);
	free(sidecars);
}

bool sidecars_are_busy(const struct sidecars *sidecars)
{
	return !TAILQ_EMPTY(&sidecars->wanted) || !TAILQ_EMPTY(&sidecars->renewals) ||
	    !TAILQ_EMPTY(&sidecars->under_way);
}

/* --- what it says ----------------------------------------------------------- */

static bool is_here(void *payload, const struct asset *asset)
{
	return download_is_here(payload, asset);
}

static bool add_path(
    struct words *words, const struct sidecar_form *form, const struct asset *asset)
{
	char *path = sidecar_path(form, asset->path);

	if (path)
		words->paths[words->n_paths++] = path;
	return path != NULL;
}

/* All of these are the write's. */
ANALYZER_LOSES_SIGHT
/* Empty, for up to n files. False: no memory. */
static bool add_words(struct write *write, const struct sidecar_form *form,
    const struct sidecar_of *of, size_t n)
{
	struct words *words = &write->words[write->n_words++];

	words->text = form->make_text(of);
	words->mark = form->make_mark(of->task->submit_id);
	words->paths = calloc(n, sizeof(*words->paths));
	return words->text && words->mark && words->paths;
}

/* `only` NULL: beside all files that are here. */
static bool fill_form(struct write *write, const struct sidecar_form *form,
    const struct task *task, const struct asset *only)
{
	struct downloads *downloads = write->sidecars->downloads;
	const size_t before = write->n_words;

	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];
		const struct sidecar_of of = { task, asset, is_here, downloads };
		const bool is_first = write->n_words == before;

		if (only ? asset != only : !download_is_here(downloads, asset))
			continue;
		if ((is_first || !form->is_of_task) &&
		    !add_words(write, form, &of, form->is_of_task ? task->n_assets : 1))
			return false;
		if (!add_path(&write->words[write->n_words - 1], form, asset))
			return false;
	}
	return true;
}

/* False: no memory. */
static bool fill(struct write *write, const struct task *task, const struct asset *only)
{
	write->words = calloc(SIDECAR_FORMS * task->n_assets + 1, sizeof(*write->words));
	if (!write->words)
		return false;
	for (size_t i = 0; i < SIDECAR_FORMS; i++)
		if ((write->sidecars->forms & sidecar_forms[i].bit) &&
		    !fill_form(write, &sidecar_forms[i], task, only))
			return false;
	return true;
}

ANALYZER_SEES_AGAIN

/* --- on a worker ------------------------------------------------------------ */

static void run(struct job *job)
{
	struct write *write = (struct write *)job;
	const struct sinks *sinks = write->sidecars->downloads->sinks;
	struct err taken, err;

	for (size_t i = 0; i < write->n_words; i++) {
		const struct words *words = &write->words[i];
		const struct note note = {
			.locations = (const char *const *)words->paths,
			.n = words->n_paths,
			.text = words->text,
			.mark = words->mark,
		};

		if (stored_note(sinks, &note, &taken, &err)) {
			err_note(&err, "sidecar");
			write->err = err;
		}
		if (taken.kind)
			write->taken = taken;
	}
}

/* --- on the loop ------------------------------------------------------------ */

static void no_memory(struct downloads *downloads, const char *id)
{
	struct err err;

	err_set(&err, ERR_NOMEM, "out of memory: no sidecar for task '%s'", id);
	session_note(downloads->dq, "%s", err_shown(&err));
	downloads_worsen(downloads, &err);
}

/* The end of the task tries it once more: that one's trouble counts. */
static void tell(struct downloads *downloads, const struct write *write)
{
	if (write->then)
		return;
	if (write->taken.kind)
		session_note(
		    downloads->dq, "%s; no sidecar is written", err_shown(&write->taken));
	if (write->err.kind) {
		session_note(downloads->dq, "%s", err_shown(&write->err));
		downloads_worsen(downloads, &write->err);
	}
}

static void done(struct job *job)
{
	struct write *write = (struct write *)job;
	struct sidecars *sidecars = write->sidecars;

	TAILQ_REMOVE(&sidecars->under_way, write, others);
	sidecars->n_under_way--;
	tell(sidecars->downloads, write);
	if (write->then)
		write->then(write->payload, &write->err);
	write_free(write);
	sidecars_step(sidecars);
}

static struct write *write_new(struct sidecars *sidecars, const char *submit_id)
{
	struct write *write = calloc(1, sizeof(*write));

	if (!write)
		return NULL;
	write->sidecars = sidecars;
	write->job = (struct job){ .run = run, .done = done };
	(void)snprintf(write->id, sizeof(write->id), "%s", submit_id);
	return write;
}

/* What the next file to be stored completes is complete. */
static bool is_complete(const struct downloads *downloads, const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].state != ASSET_LOST &&
		    !download_is_here(downloads, &task->assets[i]))
			return false;
	return true;
}

void sidecar_post(struct sidecars *sidecars, const struct task *task,
    const struct asset *asset, sidecar_then *then, void *payload)
{
	const struct err none = { .kind = ERR_OK };
	struct write *write = write_new(sidecars, task->submit_id);

	if (!write ||
	    !fill(write, task, is_complete(sidecars->downloads, task) ? NULL : asset)) {
		no_memory(sidecars->downloads, task->submit_id);
		write_free(write);
		then(payload, &none);
		return;
	}
	write->then = then;
	write->payload = payload;
	TAILQ_INSERT_TAIL(&sidecars->wanted, write, others);
	sidecars_step(sidecars);
}

void sidecars_renew(struct sidecars *sidecars, const char *submit_id)
{
	struct write *write = write_new(sidecars, submit_id);

	if (!write) {
		no_memory(sidecars->downloads, submit_id);
		return;
	}
	TAILQ_INSERT_TAIL(&sidecars->renewals, write, others);
	sidecars_step(sidecars);
}

ANALYZER_LOSES_SIGHT
/* True: there is something to write. */
static bool fill_from_ledger(struct write *write)
{
	struct downloads *downloads = write->sidecars->downloads;
	struct dq *dq = downloads->dq;
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (ledger_find(dq->ledger, dq->profile, write->id, &task, &err)) {
		err_note(&err, "sidecar of task '%s'", write->id);
		session_note(dq, "%s", err_shown(&err));
		downloads_worsen(downloads, &err);
		return false;
	}
	if (task && !fill(write, task, NULL)) {
		no_memory(downloads, write->id);
		return false;
	}
	return write->n_words > 0;
}

ANALYZER_SEES_AGAIN

/* Two at once would write what they know in either order. */
static bool has_other_under_way(const struct sidecars *sidecars, const char *id)
{
	const struct write *write;

	TAILQ_FOREACH(write, &sidecars->under_way, others)
		if (strcmp(write->id, id) == 0)
			return true;
	return false;
}

static bool begin_first(struct sidecars *sidecars, struct write_list *list)
{
	struct write *write = TAILQ_FIRST(list);

	while (write && has_other_under_way(sidecars, write->id))
		write = TAILQ_NEXT(write, others);
	if (!write)
		return false;
	TAILQ_REMOVE(list, write, others);
	if (!write->words && !fill_from_ledger(write)) {
		write_free(write);
		return true;
	}
	TAILQ_INSERT_TAIL(&sidecars->under_way, write, others);
	sidecars->n_under_way++;
	workers_post(sidecars->downloads->workers, &write->job);
	return true;
}

void sidecars_step(struct sidecars *sidecars)
{
	while (sidecars->n_under_way < WRITES_AT_ONCE &&
	    (begin_first(sidecars, &sidecars->wanted) ||
		begin_first(sidecars, &sidecars->renewals)))
		continue;
}
