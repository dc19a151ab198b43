#include "cli/app/taskfiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/shell_word.h"
#include "cli/app/input.h"
#include "cli/term/i18n.h"

enum { LABEL_ID = 8 /* characters of an id, which tell most tasks apart */ };

/* --- the list --- */

static char *copy(struct taskfiles *files, const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	files->has_no_memory = files->has_no_memory || (text && !copied);
	return copied;
}

static void release_one(struct taskfile *file)
{
	free(file->path);
	free(file->sha256);
	free(file->label);
	free(file->id);
	free(file->prompt);
	free(file->model);
}

/* Takes it; what it borrows of itself is set. */
static void append(struct taskfiles *files, struct taskfile *take)
{
	if (files->has_no_memory ||
	    !ARRAY_RESERVE(files->all, files->room, files->n + 1)) {
		files->has_no_memory = true;
		release_one(take);
		return;
	}
	take->file.path = take->path;
	take->file.label = take->label;
	take->file.sha256 = take->sha256;
	files->all[files->n++] = *take;
}

static char *label_of(struct taskfiles *files, const char *id, int index)
{
	char *label = NULL;

	if (asprintf(&label, "%.*s_%d", LABEL_ID, id, index) >= 0)
		return label;
	files->has_no_memory = true;
	return NULL;
}

size_t taskfiles_add(struct taskfiles *files, const struct dq_task *task)
{
	size_t n = 0;

	for (size_t i = 0; i < task->n_assets; i++) {
		const struct dq_asset *asset = &task->assets[i];
		struct taskfile file = { .created_unix_ms = task->created_unix_ms };

		if (!asset->is_stored || !asset->path ||
		    !indexes_want(&files->only, asset->index))
			continue;
		file.path = copy(files, asset->path);
		file.sha256 = copy(files, asset->sha256);
		file.label = label_of(files, task->submit_id, asset->index);
		file.id = copy(files, task->submit_id);
		file.prompt = copy(files, task->prompt);
		file.model = copy(files, task->model);
		file.file.bytes = asset->bytes;
		append(files, &file);
		n++;
	}
	return n;
}

void taskfiles_add_path(struct taskfiles *files, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct taskfile file = {
		.path = copy(files, path),
		.label = copy(files, slash && slash[1] ? slash + 1 : path),
		.file.bytes = -1,
	};

	append(files, &file);
}

void taskfiles_release(struct taskfiles *files)
{
	indexes_release(&files->only);
	for (size_t i = 0; i < files->n; i++)
		release_one(&files->all[i]);
	free(files->all);
	*files = (struct taskfiles){ 0 };
}

/* --- what the arguments mean --- */

/* A name of a file, and no id: those have no slash, and no file is called so here. */
static bool is_path(const char *word)
{
	struct stat about;

	return strchr(word, '/') || (strcmp(word, "-") != 0 && stat(word, &about) == 0);
}

/* Those that are paths go to the files; what is left are ids. */
static void take_paths(struct args *args, struct taskfiles *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < args->n_left; i++) {
		if (is_path(args->left[i]))
			taskfiles_add_path(files, args->left[i]);
		else
			args->left[kept++] = args->left[i];
	}
	args->n_left = kept;
}

struct gathering {
	struct app *app;
	struct taskfiles *files;
	size_t n; /* of the task that was heard last */
};

static void hear(void *payload, const struct dq_event *event)
{
	struct gathering *gathering = payload;

	if (event->type == DQ_EVENT_TASK)
		gathering->n = taskfiles_add(gathering->files, event->task);
}

static int take_task(struct gathering *gathering, const char *id)
{
	struct app *app = gathering->app;
	struct dq_error error = { 0 };
	enum dq_status status;

	gathering->n = 0;
	status = dq_show(app->dq, id, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	if (gathering->n > 0)
		return DQ_OK;
	if (gathering->files->only.n > 0)
		app_warn(app,
		    _("file %s of task '%s' is not here; 'dreamq get %s%s' brings it"),
		    args_text(&app->args, OPT_INDEX), id, shell_dashes(id), id);
	else
		app_warn(app,
		    _("no file of task '%s' is here; 'dreamq get %s%s' brings them"), id,
		    shell_dashes(id), id);
	return DQ_FAILED;
}

static int take_ids(struct gathering *gathering, int *ret_status)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	const int failed = input_known(gathering->app, hear, gathering, &known);

	if (failed)
		return failed;
	*ret_status = known.bad ? DQ_USAGE : DQ_OK;
	for (size_t i = 0; i < known.n; i++)
		*ret_status = app_worse(*ret_status, take_task(gathering, known.list[i]));
	return 0;
}

int taskfiles_take(
    struct app *app, bool takes_paths, struct taskfiles *files, int *ret_status)
{
	struct gathering gathering = { .app = app, .files = files };
	struct err err;
	int failed = 0;

	*ret_status = DQ_OK;
	if (indexes_read(args_text(&app->args, OPT_INDEX), &files->only, &err))
		return app_fail(app, &err);
	if (takes_paths)
		take_paths(&app->args, files);
	if (files->n == 0 || app->args.n_left > 0 || args_has(&app->args, OPT_INPUT))
		failed = take_ids(&gathering, ret_status);
	if (failed || !files->has_no_memory)
		return failed;
	(void)err_set(&err, ERR_NOMEM, "out of memory");
	return app_fail(app, &err);
}
