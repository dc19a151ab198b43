#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/app/app.h"
#include "cli/commands/naming.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/names.h"

enum { LINE_BYTES = 32 * 1024, ANSWER_MAX = 64 };

static const enum opt_id rename_opts[] = { OPT_DRY_RUN, OPT_INPUT, OPT_NAME,
	OPT_OUTPUT_DIR, OPT_WINDOWS_FILENAMES, OPT_YES, OPT_COUNT };

/* --- telling --- */

static void print_row(struct app *app, const struct dq_named *named)
{
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);

	words_add_clean(&line, named->from);
	buf_addf(&line, " -> ");
	words_add_clean(&line, named->to);
	app_out(app, line.data);
}

/* What stays is no news, and what failed is one for people. */
static void hear(void *payload, const struct dq_named *named)
{
	struct app *app = payload;

	if (app->is_json)
		app_out_json(app, dq_named_json(named));
	else if (!strcmp(named->state, "failed"))
		app_warn(app, "%s", named->shown);
	else if (strcmp(named->state, "stays") != 0)
		print_row(app, named);
}

/* They have been shown before they were asked for. */
static void hear_failures(void *payload, const struct dq_named *named)
{
	if (!strcmp(named->state, "failed"))
		hear(payload, named);
}

static void say_sum(struct app *app, const struct dq_renamed *counts)
{
	const size_t stay =
	    counts->files - counts->renamed - counts->planned - counts->failed;

	app_say(app,
	    ngettext("%zu file renamed; %zu had their names already, %zu could not be",
		"%zu files renamed; %zu had their names already, %zu could not be",
		counts->renamed),
	    counts->renamed, stay, counts->failed);
	if (counts->elsewhere > 0)
		app_say(app,
		    ngettext("%zu stored file lies in other folders",
			"%zu stored files lie in other folders", counts->elsewhere),
		    counts->elsewhere);
}

/* --- doing --- */

static bool is_confirmed(size_t n)
{
	char answer[ANSWER_MAX] = "";

	(void)fprintf(stderr,
	    ngettext("rename %zu file? [y/N] ", "rename these %zu files? [y/N] ", n), n);
	(void)fflush(stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return tolower((unsigned char)*answer) == 'y';
}

/* Without a word from anybody nothing changes. */
static bool may_go_on(struct app *app, const struct dq_renamed *planned)
{
	if (args_is_on(&app->args, OPT_DRY_RUN) || planned->planned == 0)
		return false;
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !app->is_json)
		return is_confirmed(planned->planned);
	app_say(app,
	    ngettext("%zu file would be renamed; with --yes it is",
		"%zu files would be renamed; with --yes they are", planned->planned),
	    planned->planned);
	return false;
}

static int run_naming(
    struct app *app, const struct dq_naming *naming, struct dq_renamed *counts)
{
	struct dq_error error = { 0 };
	const enum dq_status status = dq_rename(app->dq, naming, counts, &error);

	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

static int rename_these(struct app *app, struct dq_naming *naming)
{
	const bool is_sure =
	    args_is_on(&app->args, OPT_YES) && !args_is_on(&app->args, OPT_DRY_RUN);
	struct dq_renamed counts = { 0 };
	int status;

	naming->on_named = hear;
	naming->payload = app;
	naming->dry_run = !is_sure;
	status = run_naming(app, naming, &counts);
	if (!is_sure && !status && counts.planned == 0)
		app_say(app, "%s", _("every file has its name already"));
	if (!is_sure && !status && may_go_on(app, &counts)) {
		naming->on_named = hear_failures;
		naming->dry_run = false;
		counts = (struct dq_renamed){ 0 };
		status = run_naming(app, naming, &counts);
		say_sum(app, &counts);
	} else if (is_sure && counts.files > 0) {
		say_sum(app, &counts);
	}
	return status;
}

static int rename_run(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	struct dq_naming naming = naming_options(app);
	int status = naming_take_ids(app, &naming, &known);

	if (status)
		return status;
	status = rename_these(app, &naming);
	return known.bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_rename = {
	.name = "rename",
	.synopsis = "[--name TEMPLATE] [-o DIR] [--yes] [ID...]",
	.summary = N_("give stored files other names, on the disk and in the ledger"),
	.details = N_(
	    "Prints each file that the template calls otherwise, as 'old -> new', and "
	    "asks; with --yes it goes ahead, with --dry-run and where nobody can be "
	    "asked it only prints. Only files below the folder of -o are meant; without "
	    "ids those of all tasks. Nothing is replaced: of files with one name each "
	    "gets the lowest number that is free. What lies beside a file as its sidecar "
	    "follows it, "
	    "and folders that have nothing left are removed. It may be killed at any "
	    "moment: each file lies where the ledger says, and the same command goes "
	    "on. The old template gives the old names back."),
	.example = "dreamq rename -o pictures --name '{date:%Y/%m}/{prompt:20}.{ext}' "
		   "--dry-run",
	.opts = rename_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = rename_run,
};
