#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/source.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/adopt.h"
#include "dreamq/json.h"

enum {
	LINE_BYTES = 4096,
	SKIPS_TOLD = 20, /* of each source; --json has all */
};

static const enum opt_id adopt_opts[] = { OPT_DRY_RUN, OPT_COUNT };

struct adopting {
	struct app *app;
	struct source source;
	struct err trouble; /* with reading it */
	size_t skipped;
};

/* --- what is told --- */

static void hear_found(void *payload, const struct dq_found *found)
{
	const struct adopting *adopting = payload;
	struct buf line = buf_make(LINE_BYTES);

	if (adopting->app->is_json) {
		app_out_json(adopting->app, dq_found_json(found));
		return;
	}
	buf_addf(&line, "%-36s  %-5s  %-5s  %s %zu", found->submit_id,
	    found->kind ? found->kind : "-", found->is_known ? "known" : "new",
	    found->unit, found->number);
	if (found->prompt) {
		buf_addf(&line, "  ");
		words_add_clean(&line, found->prompt);
	}
	app_out(adopting->app, line.data);
	buf_release(&line);
}

static void hear_skipped(void *payload, const struct dq_skipped *skipped)
{
	struct adopting *adopting = payload;

	adopting->skipped++;
	if (adopting->app->is_json)
		app_out_json(adopting->app, dq_skipped_json(skipped));
	else if (adopting->skipped <= SKIPS_TOLD)
		app_warn(adopting->app, "%s, %s %zu: %s", skipped->source,
		    _(skipped->unit), skipped->number, skipped->shown);
	else if (adopting->skipped == SKIPS_TOLD + 1)
		app_warn(adopting->app, _("%s: more are skipped; --json tells of each"),
		    skipped->source);
}

static void tell_counts(struct adopting *adopting, const struct dq_adopted *counts)
{
	struct app *app = adopting->app;
	const bool is_dry_run = args_is_on(&app->args, OPT_DRY_RUN);

	if (app->is_json) {
		app_out_json(
		    app, dq_adopted_json(adopting->source.name, counts, is_dry_run));
		return;
	}
	app_say(app,
	    ngettext("%s: %zu task, %zu new, %zu known, %zu skipped",
		"%s: %zu tasks, %zu new, %zu known, %zu skipped", counts->found),
	    adopting->source.name, counts->found, counts->added, counts->known,
	    counts->skipped);
}

/* --- sources --- */

static int read_piece(void *payload, char *into, size_t room, size_t *ret_n)
{
	struct adopting *adopting = payload;

	return source_read(&adopting->source, into, room, ret_n, &adopting->trouble) !=
	    ERR_OK;
}

static int adopt_one(struct app *app, const char *path, size_t *added)
{
	struct adopting adopting = { .app = app };
	const struct dq_adopt wanted = { .size_bytes = sizeof(wanted),
		.dry_run = args_is_on(&app->args, OPT_DRY_RUN),
		.on_found = hear_found,
		.on_skipped = hear_skipped,
		.payload = &adopting };
	struct dq_adopt_source source = { .size_bytes = sizeof(source),
		.path = strcmp(path, "-") != 0 ? path : NULL,
		.read = read_piece,
		.payload = &adopting };
	struct dq_adopted counts = { 0 };
	struct dq_error error = { 0 };
	enum dq_status status;

	if (source_open(app, path, &adopting.source, &adopting.trouble))
		return app_fail(app, &adopting.trouble);
	source.name = adopting.source.name;
	status = dq_adopt(app->dq, &source, &wanted, &counts, &error);
	source_release(&adopting.source);
	*added += counts.added;
	if (counts.found > 0 || counts.skipped > 0 || !status)
		tell_counts(&adopting, &counts);
	if (status && adopting.trouble.kind)
		return app_fail(app, &adopting.trouble);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

static int adopt_run(struct app *app)
{
	const struct args *args = &app->args;
	int status = DQ_OK;
	size_t added = 0;
	struct err err;

	if (args->n_left == 0)
		return app_usage(
		    app, "'adopt' needs files to look into, or '-' for standard input");
	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	for (size_t i = 0; i < args->n_left && status != DQ_INTERRUPTED; i++)
		status = app_worse(status, adopt_one(app, args->left[i], &added));
	if (added > 0 && args_is_on(args, OPT_DRY_RUN))
		app_say(app, _("nothing was written (--dry-run)"));
	else if (added > 0)
		app_say(
		    app, _("to have their files: dreamq watch --until-idle -o FOLDER"));
	return status;
}

const struct command cmd_adopt = {
	.name = "adopt",
	.synopsis = "[--dry-run] FILE...",
	.summary = N_("take tasks into the ledger that other tools have made"),
	.details = N_(
	    "Looks for tasks in each FILE ('-' is standard input), prints a row for "
	    "each, "
	    "and tells line by line why something was none. A FILE is: the database of "
	    "the "
	    "service's own command line (~/.dreamina_cli/tasks.db; it is only read, also "
	    "while it is in use), or of another tool that has a column of ids; a HAR, as "
	    "a browser saves its traffic; a curl command, as it copies it; JSON of "
	    "the service, of 'dreamina list_task', 'dreamina query_result' and "
	    "'dreamina-canvas', of dreamq; a table (CSV) with a column submit_id, "
	    "history_id, task_id or id; a text with ids, addresses of pages, paths of "
	    "files. It may be of any size. Cookies in it are passed over.\n"
	    "Nothing is sent: 'dreamq watch' or 'dreamq get' asks what became of them. "
	    "What "
	    "belongs to another account the service does not know; choose the profile "
	    "with --profile. What is skipped is no failure; a FILE without a task is "
	    "(exit status 2), as is one that is cut or damaged, of which the tasks that "
	    "can be read are taken."),
	.example = "dreamq adopt ~/.dreamina_cli/tasks.db",
	.opts = adopt_opts,
	.takes = ARGS_FILES,
	.run = adopt_run,
};
