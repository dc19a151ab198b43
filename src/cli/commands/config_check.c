#include "cli/commands/config_check.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/output/setting_json.h"
#include "cli/term/i18n.h"

struct mistake {
	unsigned line;
	struct err err;
};

struct mistakes {
	struct mistake *all;
	size_t n, room;
};

static void mistakes_release(struct mistakes *mistakes)
{
	free(mistakes->all);
}

static int by_line(const void *a, const void *b)
{
	const struct mistake *left = a, *right = b;

	return (left->line > right->line) - (left->line < right->line);
}

/* One that there is no memory for is not told; the ones before it are. */
static void hear_mistake(void *payload, unsigned line, const struct err *err)
{
	struct mistakes *mistakes = payload;

	if (ARRAY_RESERVE(mistakes->all, mistakes->room, mistakes->n + 1))
		mistakes->all[mistakes->n++] =
		    (struct mistake){ .line = line, .err = *err };
}

int config_check(struct app *app, const char *path)
{
	_cleanup_(mistakes_release) struct mistakes mistakes = { 0 };
	const struct config_ear ear = { hear_mistake, &mistakes };
	struct err err;

	if (settings_check(&app->args, &ear, &err))
		return app_fail(app, &err);
	if (mistakes.n > 0)
		qsort(mistakes.all, mistakes.n, sizeof(*mistakes.all), by_line);
	for (size_t i = 0; i < mistakes.n; i++) {
		const struct mistake *one = &mistakes.all[i];

		if (app->is_json)
			app_out_json(app, mistake_json(path, one->line, one->err.msg));
		else
			app_out_path(app, err_shown(&one->err));
	}
	if (mistakes.n > 0)
		return app_usage(app,
		    "'%s' has mistakes, %zu in all; other verbs refuse to go on with it",
		    path, mistakes.n);
	app_say(app,
	    fs_exists(path) ? _("'%s' is fine")
			    : _("there is no '%s', and none is needed"),
	    path);
	return DQ_OK;
}

/* Another line may be wrong: then no verb goes on, and whoever wrote this should know. */
void config_check_rest(struct app *app, const char *path)
{
	_cleanup_(mistakes_release) struct mistakes mistakes = { 0 };
	const struct config_ear ear = { hear_mistake, &mistakes };
	struct err err;

	if (!settings_check(&app->args, &ear, &err) && mistakes.n > 0)
		app_warn(app,
		    _("'%s' has mistakes in other lines; run 'dreamq config check'"),
		    path);
}
