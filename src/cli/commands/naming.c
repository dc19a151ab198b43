#include "cli/commands/naming.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/app_open.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"

enum { LINE_BYTES = 32 * 1024, TASKS_SHOWN = 10 };

struct dq_naming naming_options(const struct app *app)
{
	const struct args *args = &app->args;

	return (struct dq_naming){
		.size_bytes = sizeof(struct dq_naming),
		.sink = app_folder(app),
		.name_template = args_text(args, OPT_NAME),
		.windows_filenames = args_is_on(args, OPT_WINDOWS_FILENAMES),
	};
}

int naming_take_ids(struct app *app, struct dq_naming *naming, struct known_ids *known)
{
	const bool has_ids = app->args.n_left > 0 || args_has(&app->args, OPT_INPUT);
	struct err err;
	int status = 0;

	if (has_ids)
		status = input_known(app, NULL, NULL, known);
	else if (app_open(app, NULL, NULL, &err))
		status = app_fail(app, &err);
	naming->ids = known->list;
	naming->n = known->n;
	return status;
}

int naming_check(struct app *app)
{
	const struct dq_naming naming = naming_options(app);
	struct dq_error error = { 0 };
	const enum dq_status status = dq_name_check(&naming, &error);

	return status ? app_fail_dq(app, status, &error) : 0;
}

static void hear(void *payload, const struct dq_named *named)
{
	struct app *app = payload;
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);

	if (app->is_json) {
		app_out_json(app, dq_named_json(named));
		return;
	}
	words_add_clean(&line, named->name);
	buf_addf(&line, _("  (%s, file %d)"), named->submit_id, named->index);
	app_out(app, line.data);
}

static int preview(struct app *app, struct dq_naming *naming)
{
	struct dq_renamed counts = { 0 };
	struct dq_error error = { 0 };
	enum dq_status status;

	naming->limit = (size_t)args_number(&app->args, OPT_LIMIT, TASKS_SHOWN);
	naming->on_named = hear;
	naming->payload = app;
	status = dq_name_preview(app->dq, naming, &counts, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	if (counts.files == 0)
		app_say(app, "%s", _("the ledger has no files yet to be named"));
	return DQ_OK;
}

/* --- what would come ------------------------------------------------------------ */

struct coming {
	struct app *app;
	size_t home, away; /* files */
};

static void hear_coming(void *payload, const struct dq_named *named)
{
	struct coming *coming = payload;
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);

	coming->home += named->from != NULL;
	coming->away += named->from == NULL;
	if (coming->app->is_json || !named->from) {
		hear(coming->app, named);
		return;
	}
	words_add_clean(&line, named->name);
	buf_addf(&line, _("  (%s, file %d; is here as "), named->submit_id, named->index);
	words_add_clean(&line, named->from);
	buf_addf(&line, ")");
	app_out(coming->app, line.data);
}

/* The names of the files that the ledger knows of these tasks. */
static int tell_files(struct app *app, const struct dq_ids *known)
{
	struct dq_naming naming = naming_options(app);
	struct coming coming = { .app = app };
	struct dq_renamed counts = { 0 };
	struct dq_error error = { 0 };
	enum dq_status status = DQ_OK;

	naming.ids = dq_ids_list(known);
	naming.n = dq_ids_count(known);
	naming.on_named = hear_coming;
	naming.payload = &coming;
	if (naming.n > 0)
		status = dq_name_preview(app->dq, &naming, &counts, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	app_say(app,
	    _("known files: %zu would come, %zu are here already; nothing was asked or "
	      "fetched (--dry-run)"),
	    coming.away, coming.home);
	return DQ_OK;
}

static void hear_task(void *payload, const struct dq_event *event)
{
	struct app *app = payload;

	if (event->type != DQ_EVENT_TASK)
		return;
	if (app_is_for_program(app))
		app_out_event(app, event);
	else if (event->task->n_assets == 0)
		app_say(app, _("%s: %s; no file is known yet"), event->task->submit_id,
		    words_state(event->task->state));
}

/* Which of them the ledger knows; of the others there is nothing to tell. */
static int tell_tasks(
    struct app *app, const struct known_ids *asked, struct dq_ids *known)
{
	for (size_t i = 0; i < asked->n; i++) {
		struct dq_error error = { 0 };
		enum dq_status status = dq_show(app->dq, asked->list[i], &error);

		if (status == DQ_FAILED)
			app_say(app,
			    _("%s: the ledger does not know it; the service would be "
			      "asked"),
			    asked->list[i]);
		else if (!status)
			status = dq_ids_add(known, asked->list[i], "", &error);
		if (status && status != DQ_FAILED)
			return app_fail_dq(app, status, &error);
	}
	return DQ_OK;
}

int naming_rehearse(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids asked = { 0 };
	_cleanup_(input_ids_freep) struct dq_ids *known = NULL;
	struct dq_error error = { 0 };
	int status = app_refuse_two_places(app);

	if (!status &&
	    (args_has(&app->args, OPT_ONLY) || args_has(&app->args, OPT_INDEX)))
		status = app_usage(
		    app, "--dry-run tells of all files: leave --only and --index away");
	if (!status)
		status = naming_check(app);
	if (!status)
		status = input_known(app, hear_task, app, &asked);
	if (status)
		return status;
	status = (int)dq_ids_new(&known, &error);
	if (status)
		return app_fail_dq(app, (enum dq_status)status, &error);
	status = tell_tasks(app, &asked, known);
	if (!status)
		status = tell_files(app, known);
	return asked.bad ? app_worse(status, DQ_USAGE) : status;
}

int naming_preview(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	struct dq_naming naming = naming_options(app);
	int status = naming_take_ids(app, &naming, &known);

	if (status)
		return status;
	status = preview(app, &naming);
	return known.bad ? app_worse(status, DQ_USAGE) : status;
}
