#include "core/extras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "core/hook.h"
#include "core/view.h"

enum { SIDECAR_MAX = 1 << 20 /* bytes of one that is replaced */ };

struct sidecar {
	struct job job; /* first: a job is its sidecar */
	struct engine *engine;
	char *path, *text;
	char id[DQ_ID_MAX + 1]; /* of the task */
	struct hook *hook; /* to be run when the sidecar is there; NULL: none */
	struct err err;
};

static void sidecar_free(struct sidecar *sidecar)
{
	if (!sidecar)
		return;
	free(sidecar->path);
	free(sidecar->text);
	hook_free(sidecar->hook);
	free(sidecar);
}

static void sidecar_freep(struct sidecar **sidecar)
{
	sidecar_free(*sidecar);
}

/* The task as in the JSON output, without its links: they are secrets and die anyway. */
static char *sidecar_text(const struct task *task)
{
	_cleanup_(view_release) struct view view = { 0 };
	struct dq_event event = { .type = DQ_EVENT_TASK };

	if (!view_make(task, &view))
		return NULL;
	for (size_t i = 0; i < view.task.n_assets; i++) {
		view.assets[i].url = NULL;
		view.assets[i].expires_unix = 0;
	}
	event.task = &view.task;
	return dq_event_json(&event);
}

static struct sidecar *sidecar_new(
    struct engine *engine, const struct task *task, const struct asset *asset)
{
	_cleanup_(sidecar_freep) struct sidecar *sidecar = calloc(1, sizeof(*sidecar));

	if (!sidecar)
		return NULL;
	sidecar->engine = engine;
	(void)snprintf(sidecar->id, sizeof(sidecar->id), "%s", task->submit_id);
	sidecar->text = sidecar_text(task);
	if (asprintf(&sidecar->path, "%s.json", asset->path) < 0)
		sidecar->path = NULL;
	return sidecar->text && sidecar->path ? TAKE_PTR(sidecar) : NULL;
}

/* A file of that name which does not speak of this task is somebody else's. */
static bool is_free_or_ours(const struct sidecar *sidecar)
{
	_cleanup_(buf_release) struct buf text = buf_make(SIDECAR_MAX);
	struct err ignored;

	if (!fs_exists(sidecar->path))
		return true;
	return !fs_read_all(sidecar->path, &text, &ignored) &&
	    strstr(text.data, sidecar->id) != NULL;
}

static void write_sidecar(struct sidecar *sidecar)
{
	if (!is_free_or_ours(sidecar))
		err_set(&sidecar->err, ERR_IO,
		    "'%s' is another file; no sidecar is written", sidecar->path);
	else if (fs_write_atomic(sidecar->path, sidecar->text, strlen(sidecar->text),
		     0644, &sidecar->err))
		err_note(&sidecar->err, "sidecar");
}

static void run(struct job *job)
{
	write_sidecar((struct sidecar *)job);
}

static void done(struct job *job)
{
	struct sidecar *sidecar = (struct sidecar *)job;

	if (sidecar->err.kind)
		session_note(sidecar->engine->dq, "%s", sidecar->err.msg);
	if (sidecar->hook)
		hooks_post(sidecar->engine->hooks, TAKE_PTR(sidecar->hook));
	sidecar_free(sidecar);
}

static void drop(struct job *job)
{
	sidecar_free((struct sidecar *)job);
}

static void no_memory(struct engine *engine, const char *what, const char *path)
{
	struct err err;

	err_set(&err, ERR_NOMEM, "out of memory: no %s for '%s'", what, path);
	session_note(engine->dq, "%s", err.msg);
	engine_worsen(engine, &err);
}

void extras_post(
    struct engine *engine, const struct task *task, const struct asset *asset)
{
	struct sidecar *sidecar = NULL;
	struct hook *hook = NULL;

	if (engine->hooks && !(hook = hook_new(task, asset)))
		no_memory(engine, "--exec", asset->path);
	if (engine->get.sidecar && !(sidecar = sidecar_new(engine, task, asset)))
		no_memory(engine, "sidecar", asset->path);
	if (!sidecar) {
		if (hook)
			hooks_post(engine->hooks, hook);
		return;
	}
	sidecar->hook = hook;
	sidecar->job = (struct job){ .run = run, .done = done, .drop = drop };
	workers_post(engine->workers, &sidecar->job);
}

void extras_step(struct engine *engine)
{
	struct err why;

	if (!engine->hooks)
		return;
	hooks_step(engine->hooks);
	while (hooks_told(engine->hooks, &why)) {
		session_note(engine->dq, "%s", why.msg);
		engine_worsen(engine, &why);
	}
}
