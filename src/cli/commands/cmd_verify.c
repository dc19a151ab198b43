#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/commands/follow.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/verify.h"

enum { LINE_BYTES = 32 * 1024 };

static const enum opt_id verify_opts[] = { OPT_DRY_RUN, OPT_JOBS, OPT_MAX_WAIT,
	OPT_OUTPUT_DIR, OPT_PROGRESS, OPT_QUALITY, OPT_REPAIR, OPT_REQUESTS_PER_MINUTE,
	OPT_COUNT };

/* --- for people --- */

static void print_finding(struct app *app, const struct dq_finding *finding)
{
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);

	buf_addf(&line, "%-10s  ", finding->what);
	words_add_clean(&line, finding->path ? finding->path : "-");
	if (finding->submit_id)
		buf_addf(&line, _("  (%s, file %d: %s)"), finding->submit_id,
		    finding->index, finding->shown);
	else
		buf_addf(&line, "  (%s)", finding->shown);
	app_out(app, line.data);
}

struct telling {
	struct app *app;
	size_t n_unjudged;
};

static void on_finding(void *payload, const struct dq_finding *finding)
{
	struct telling *telling = payload;
	struct app *app = telling->app;

	telling->n_unjudged += strcmp(finding->what, "unjudged") == 0;
	if (app->is_json)
		app_out_json(app, dq_finding_json(finding));
	else
		print_finding(app, finding);
}

static void say_summary(
    struct app *app, const struct dq_verified *counts, size_t n_unjudged)
{
	const struct {
		const char *words;
		size_t n;
	} parts[] = {
		{ _("missing"), counts->missing },
		{ _("altered"), counts->altered },
		{ _("unknown"), counts->unknown },
		{ _("leftover"), counts->leftover },
		{ _("unfinished"), counts->unfinished },
		{ _("repaired"), counts->repaired },
		{ _("unjudged"), n_unjudged },
	};
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);
	const char *between = ": ";
	char size[24];

	buf_addf(&line,
	    ngettext("verified %zu file, %s", "verified %zu files, %s", counts->files),
	    counts->files, text_bytes(counts->bytes, size));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].n == 0)
			continue;
		buf_addf(&line, "%s%zu %s", between, parts[i].n, parts[i].words);
		between = ", ";
	}
	app_say(app, "%s", line.data);
}

static void say_plan(
    struct app *app, const struct dq_verify *wanted, const struct dq_verified *counts)
{
	char files[WORDS_COUNT_MAX];

	if (wanted->repair)
		app_say(app,
		    _("would fetch %s; leftovers to be removed: %zu; nothing was "
		      "changed (--dry-run)"),
		    words_files(
			counts->missing + counts->altered + counts->unfinished, files),
		    counts->leftover);
	else
		app_say(app, _("nothing was written (--dry-run)"));
}

static void hear(void *payload, const struct dq_event *event)
{
	struct app *app = payload;

	screen_hear(&app->screen, event);
}

static int verify_run(struct app *app)
{
	const struct args *args = &app->args;
	const char *folders[] = { NULL, NULL };
	struct telling telling = { .app = app };
	struct dq_verify wanted = {
		.size_bytes = sizeof(wanted),
		.folders = folders,
		.repair = args_is_on(args, OPT_REPAIR),
		.get = { .size_bytes = sizeof(wanted.get),
		    .wait = follow_wait_options(app),
		    .sink = args_text(args, OPT_OUTPUT_DIR),
		    .jobs = (unsigned)args_number(args, OPT_JOBS, 0) },
		.on_finding = on_finding,
		.payload = &telling,
		.dry_run = args_is_on(args, OPT_DRY_RUN),
	};
	const struct dq_verified nothing = { 0 };
	struct dq_verified counts = { 0 };
	struct dq_error error = { 0 };
	enum dq_status status;
	struct err err;

	/* The config file's folder is for files to come: it may be full of others. */
	if (args->of[OPT_OUTPUT_DIR].origin == FROM_ARGV)
		folders[0] = args_text(args, OPT_OUTPUT_DIR);
	if (folders[0] && !fs_exists(folders[0]))
		return app_usage(app, "there is no folder '%s'", folders[0]);
	if (app_open(app, hear, app, &err))
		return app_fail(app, &err);
	if (!app->is_json && !app->is_quiet)
		screen_start(&app->screen, args_text(&app->args, OPT_PROGRESS));
	status = dq_verify(app->dq, &wanted, &counts, &error);
	screen_end(&app->screen);
	if (status && memcmp(&counts, &nothing, sizeof(counts)) == 0)
		return app_fail_dq(app, status, &error);
	if (app->is_json)
		app_out_json(app, dq_verified_json(&counts, telling.n_unjudged));
	else
		say_summary(app, &counts, telling.n_unjudged);
	if (wanted.dry_run)
		say_plan(app, &wanted, &counts);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

const struct command cmd_verify = {
	.name = "verify",
	.synopsis = "[--repair] [-o DIR]",
	.summary = N_("read every stored file again, and compare ledger and disk"),
	.details = N_(
	    "Prints a line for each stored file that is missing or altered, for each "
	    "file in the folders of the stored ones that the ledger does not know, for "
	    "what killed runs left behind, and for what is not fetched yet. With "
	    "-o the folder DIR, and all below it, is searched for unknown files, too; a "
	    "missing file whose very bytes lie there was moved, and the ledger knows it "
	    "there from then on. Nothing else is changed. A file that is as it was "
	    "stored is "
	    "told, too, when nothing can say whether all of it came: its kind does not "
	    "tell where it ends, and the service told neither length nor md5.\n"
	    "With --repair, what is missing or altered is fetched again to the place "
	    "where it was; an altered file is first put aside as NAME.altered. What is "
	    "unfinished is fetched, and leftovers are removed. Unknown files are never "
	    "touched. With --dry-run nothing is changed, the ledger neither: what has "
	    "moved is missing and unknown then."),
	.example = "dreamq verify --repair",
	.opts = verify_opts,
	.takes = ARGS_NONE,
	.run = verify_run,
};
