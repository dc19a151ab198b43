#include "cli/app/opener.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/app/taskfiles.h"
#include "cli/term/i18n.h"
#include "cli/term/launch.h"

static const char *own(void)
{
	const char *program = getenv("DREAMQ_OPENER");

	return program && program[0] ? program : NULL;
}

bool opener_is_own(void)
{
	return own() != NULL;
}

/* Can anything be opened here? If not, that is said. Returns 0, or the exit status. */
static int check(struct app *app)
{
	struct err err;

	if (own() || launch_has_desktop())
		return 0;
	(void)err_set(&err, ERR_FAILED,
	    "there is no desktop here (neither DISPLAY nor WAYLAND_DISPLAY is set); "
	    "DREAMQ_OPENER may name a program, and 'dreamq preview ID' shows pictures in "
	    "the "
	    "terminal");
	return app_fail(app, &err);
}

int opener_open(struct app *app, const char *path)
{
	const char *const argv[] = { own() ? own() : "xdg-open", path, NULL };
	struct err err;

	if (!fs_exists(path)) {
		(void)err_set(&err, ERR_FAILED,
		    "'%s' is not there any more; 'dreamq verify --repair' brings it back",
		    path);
		return app_fail(app, &err);
	}
	if (launch(argv, false, &err) == ERR_OK)
		return 0;
	if (err.kind == ERR_NOT_FOUND)
		(void)err_more(&err,
		    own() ? N_("; DREAMQ_OPENER names it")
			  : N_("; it is in Debian's xdg-utils, and "
			       "DREAMQ_OPENER may name another program"));
	return app_fail(app, &err);
}

int opener_each(struct app *app, int (*show)(struct app *app, const char *path))
{
	_cleanup_(taskfiles_release) struct taskfiles files = { 0 };
	const char *last = "";
	int status = 0, failed = check(app);

	if (!failed)
		failed = taskfiles_take(app, false, &files, &status);
	for (size_t i = 0; !failed && i < files.n; i++) {
		if (!strcmp(files.all[i].id, last))
			continue; /* the others of the task lie beside it */
		last = files.all[i].id;
		status = app_worse(status, show(app, files.all[i].path));
	}
	return failed ? failed : status;
}
