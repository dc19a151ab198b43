#include "cli/commands/naming.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/app_open.h"
#include "cli/app/input.h"
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

int naming_preview(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	struct dq_naming naming = naming_options(app);
	const bool has_ids = app->args.n_left > 0 || args_has(&app->args, OPT_INPUT);
	struct err err;
	int status = 0;

	if (has_ids)
		status = input_known(app, NULL, NULL, &known);
	else if (app_open(app, NULL, NULL, &err))
		status = app_fail(app, &err);
	if (status)
		return status;
	naming.ids = known.list;
	naming.n = known.n;
	status = preview(app, &naming);
	return known.bad ? app_worse(status, DQ_USAGE) : status;
}
