#include "core/download/extras.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "core/download/file.h"
#include "core/download/hook.h"
#include "core/download/sidecar.h"

void extras_post(
    struct downloads *downloads, const struct task *task, const struct asset *asset)
{
	_cleanup_free_ char *path = NULL;
	struct hook *hook = NULL;
	struct err err;

	if (!downloads->hooks)
		return;
	if (!stored_path(downloads->sinks, asset->path, &path, &err)) {
		hook = hook_new(task, asset, path);
		if (!hook)
			err_set(&err, ERR_NOMEM, "out of memory");
	}
	if (hook) {
		hooks_post(downloads->hooks, hook);
		return;
	}
	err_note(&err, "no --exec for '%s'", asset->path);
	session_note(downloads->dq, "%s", err_shown(&err));
	downloads_worsen(downloads, &err);
}

bool extras_are_busy(const struct downloads *downloads)
{
	return (downloads->hooks && hooks_are_busy(downloads->hooks)) ||
	    (downloads->sidecars && sidecars_are_busy(downloads->sidecars));
}

void extras_tell_dropped(const struct downloads *downloads)
{
	const size_t n = downloads->hooks ? hooks_waiting(downloads->hooks) : 0;

	if (n > 0)
		session_note(downloads->dq,
		    "commands of --exec that were not run: %zu; their files are stored",
		    n);
}

void extras_step(struct downloads *downloads)
{
	struct err why;

	if (downloads->sidecars)
		sidecars_step(downloads->sidecars);
	if (!downloads->hooks)
		return;
	hooks_step(downloads->hooks);
	while (hooks_told(downloads->hooks, &why)) {
		session_note(downloads->dq, "%s", err_shown(&why));
		downloads_worsen(downloads, &why);
	}
}
