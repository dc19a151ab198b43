#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/app_open.h"
#include "cli/app/names.h"
#include "cli/commands/follow.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/rescue.h"

enum { LINE_BYTES = 4096 };

static const enum opt_id rescue_opts[] = { OPT_DRY_RUN, OPT_EXEC, OPT_INPUT, OPT_JOBS,
	OPT_MAX_WAIT, OPT_NAME, OPT_NO_SYNC, OPT_OUTPUT_DIR, OPT_PROGRESS, OPT_QUALITY,
	OPT_REQUESTS_PER_MINUTE, OPT_SIDECAR, OPT_SINK, OPT_WINDOWS_FILENAMES,
	OPT_COUNT };

/* A file that has no place yet. */
static void hear_file(void *payload, const char *submit_id, int index, const char *name)
{
	struct app *app = payload;
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);
	const struct dq_finding finding = {
		.what = "unfinished",
		.submit_id = submit_id,
		.index = index,
		.want_bytes = -1,
		.bytes = -1,
		.text = name,
	};

	if (app->is_json) {
		app_out_json(app, dq_finding_json(&finding));
		return;
	}
	words_add_clean(&line, name);
	buf_addf(&line, _("  (%s, file %d)"), submit_id, index);
	app_out(app, line.data);
}

static int tell_plan(struct app *app, const struct file_names *names)
{
	const struct dq_rescue wanted = {
		.size_bytes = sizeof(wanted),
		.get = { .size_bytes = sizeof(wanted.get) },
		.names = (const char *const *)names->all, /* NULL: all */
		.n_names = names->n,
		.dry_run = true,
		.on_file = hear_file,
		.payload = app,
	};
	struct dq_rescued rescued = { 0 };
	struct dq_error error = { 0 };
	const enum dq_status status = dq_rescue(app->dq, &wanted, &rescued, &error);

	if (status)
		return app_fail_dq(app, status, &error);
	app_say(app,
	    ngettext("%zu file would be asked for, here already: %zu; nothing was asked "
		     "or written (--dry-run)",
		"%zu files would be asked for, here already: %zu; nothing was asked or "
		"written (--dry-run)",
		rescued.files - rescued.stored),
	    rescued.files - rescued.stored, rescued.stored);
	return DQ_OK;
}

static int rehearse(struct app *app)
{
	_cleanup_(names_release) struct file_names names = { 0 };
	struct err err;
	int status;

	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	status = names_read(app, &names);
	if (!status && names.n == 0 &&
	    (app->args.n_left > 0 || args_has(&app->args, OPT_INPUT)))
		status = names.bad > 0
		    ? DQ_USAGE
		    : app_usage(app, "no names came in; one a line is expected");
	else if (!status)
		status = tell_plan(app, &names);
	return status || names.bad == 0 ? status : DQ_USAGE;
}

static int rescue_run(struct app *app)
{
	return args_is_on(&app->args, OPT_DRY_RUN) ? rehearse(app) : follow_rescue(app);
}

const struct command cmd_rescue = {
	.name = "rescue",
	.synopsis = "[-o DIR] [NAME...]",
	.summary = N_("fetch files whose record is gone, by their own names"),
	.details = N_(
	    "Asks the service for links to files by the names that they have there: the "
	    "uri of a picture, the vid of a film. Without names: for every file of the "
	    "ledger that is lost, that is not in its place any more, or that was never "
	    "fetched of a task that has ended. Names come as arguments, from --input, or "
	    "with '-' from standard input: one a line, or a JSON array. A file that no "
	    "task of the ledger has becomes one of its own there, 'rescued-' and a hash "
	    "of the name. What the service does not have any more is noted as lost (exit "
	    "status 1); no task is asked for, and none changes its state. With --dry-run "
	    "it prints the names that would be asked for."),
	.example = "dreamq rescue -o ~/pictures tos-cn-i-tb4s082cfz/0123456789abcdef",
	.opts = rescue_opts,
	.takes = ARGS_NAMES,
	.run = rescue_run,
};
