#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/preview.h"
#include "cli/app/taskfiles.h"
#include "cli/term/i18n.h"

static const enum opt_id preview_opts[] = { OPT_GRAPHICS, OPT_INDEX, OPT_INPUT, OPT_SIZE,
	OPT_COUNT };

static int show_all(struct preview *preview, const struct taskfiles *files)
{
	_cleanup_free_ struct preview_file *list = calloc(files->n + 1, sizeof(*list));

	if (!list)
		return DQ_STORAGE;
	for (size_t i = 0; i < files->n; i++)
		list[i] = files->all[i].file;
	return preview_show(preview, list, files->n);
}

static int preview_run(struct app *app)
{
	_cleanup_(taskfiles_release) struct taskfiles files = { 0 };
	struct preview *preview = NULL;
	int status = 0;
	int failed = preview_open(app, (struct preview_size){ 0 }, &preview);

	if (!failed)
		failed = taskfiles_take(app, true, &files, &status);
	if (!failed)
		status = app_worse(status, show_all(preview, &files));
	preview_close(preview);
	return failed ? failed : status;
}

const struct command cmd_preview = {
	.name = "preview",
	.synopsis = "[--size WxH] [--index N] [--graphics WHICH] ID...|FILE...",
	.summary = N_("show pictures in the terminal, and the first one of films"),
	.details = N_(
	    "Every stored file of the tasks, or the files that are named (what has a "
	    "slash in it, or is a file here). Several stand side by side. How: by what "
	    "kitty, iTerm2 or a terminal with sixels shows, else by coloured symbols; "
	    "the environment tells which it is. libchafa draws them (Debian: "
	    "libchafa0). They are decoded by a helper that can open no file and no "
	    "socket. Nothing is sent. 'list' and 'get' show pictures with --preview."),
	.example = "dreamq preview ID",
	.opts = preview_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = preview_run,
};
