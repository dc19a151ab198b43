#include "core/download/extras.h"

#include "core/download/hook.h"
#include "core/download/sidecar.h"

void extras_post(
    struct engine *engine, const struct task *task, const struct asset *asset)
{
	struct hook *hook;
	struct err err;

	if (!engine->hooks)
		return;
	hook = hook_new(task, asset);
	if (hook) {
		hooks_post(engine->hooks, hook);
		return;
	}
	err_set(&err, ERR_NOMEM, "out of memory: no --exec for '%s'", asset->path);
	session_note(engine->dq, "%s", err.msg);
	engine_worsen(engine, &err);
}

bool extras_are_busy(const struct engine *engine)
{
	return (engine->hooks && hooks_are_busy(engine->hooks)) ||
	    (engine->sidecars && sidecars_are_busy(engine->sidecars));
}

void extras_tell_dropped(const struct engine *engine)
{
	const size_t n = engine->hooks ? hooks_waiting(engine->hooks) : 0;

	if (n > 0)
		session_note(engine->dq,
		    "commands of --exec that were not run: %zu; their files are stored",
		    n);
}

void extras_step(struct engine *engine)
{
	struct err why;

	if (engine->sidecars)
		sidecars_step(engine);
	if (!engine->hooks)
		return;
	hooks_step(engine->hooks);
	while (hooks_told(engine->hooks, &why)) {
		session_note(engine->dq, "%s", why.msg);
		engine_worsen(engine, &why);
	}
}
