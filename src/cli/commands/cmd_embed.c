#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/indexes.h"
#include "cli/app/input.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/embed.h"
#include "dreamq/json.h"

enum { LINE_BYTES = 32 * 1024 };

static const enum opt_id embed_opts[] = { OPT_INDEX, OPT_INPUT, OPT_NAME, OPT_OUTPUT_DIR,
	OPT_WINDOWS_FILENAMES, OPT_COUNT };

static void hear(void *payload, const struct dq_embedded *embedded)
{
	struct app *app = payload;

	if (app->is_json)
		app_out_json(app, dq_embedded_json(embedded));
	else if (embedded->to)
		app_out_path(app, embedded->to);
	else
		app_warn(app, "%s", embedded->shown);
}

static void say_sum(struct app *app, const struct dq_embed_counts *counts)
{
	app_say(app,
	    ngettext("%zu copy made; %zu were there already, %zu could not be made",
		"%zu copies made; %zu were there already, %zu could not be made",
		counts->made),
	    counts->made, counts->there, counts->failed);
}

/* The failures of files and tasks have been told; what stopped all of them has not. */
static int end(struct app *app, enum dq_status status, const struct dq_error *error,
    const struct dq_embed_counts *counts)
{
	say_sum(app, counts);
	if (!status || app->is_json || counts->failed == 0)
		return status ? app_fail_dq(app, status, error) : DQ_OK;
	return (int)status;
}

static int embed_run(struct app *app)
{
	_cleanup_(known_ids_release) struct known_ids known = { 0 };
	_cleanup_(indexes_release) struct indexes indexes = { 0 };
	const struct args *args = &app->args;
	struct dq_embed_counts counts = { 0 };
	struct dq_error error = { 0 };
	struct dq_embed embed = {
		.size_bytes = sizeof(embed),
		.sink = args_text(args, OPT_OUTPUT_DIR),
		.name_template = args_text(args, OPT_NAME),
		.windows_filenames = args_is_on(args, OPT_WINDOWS_FILENAMES),
		.on_embedded = hear,
		.payload = app,
	};
	enum dq_status status;
	struct err err;
	int failed;

	/* That of the config file is for what is brought home. */
	if (args->of[OPT_OUTPUT_DIR].origin != FROM_ARGV)
		return app_usage(app,
		    "name the folder that the copies go to: 'dreamq embed -o DIR ID'");
	if (args->of[OPT_NAME].origin != FROM_ARGV)
		embed.name_template = NULL;
	if (indexes_read(args_text(args, OPT_INDEX), &indexes, &err))
		return app_fail(app, &err);
	failed = input_known(app, NULL, NULL, &known);
	if (failed)
		return failed;
	embed.ids = known.list;
	embed.n = known.n;
	embed.indexes = indexes.all;
	embed.n_indexes = indexes.n;
	status = dq_embed(app->dq, &embed, &counts, &error);
	failed = end(app, status, &error, &counts);
	return known.bad ? app_worse(failed, DQ_USAGE) : failed;
}

const struct command cmd_embed = {
	.name = "embed",
	.synopsis = "-o DIR [--name TEMPLATE] [--index N] ID...",
	.summary = N_("copies of stored files that have their prompts in them"),
	.details = N_(
	    "Copies the stored files of the tasks into DIR, with prompt and parameters "
	    "in "
	    "their own metadata: XMP, and what web UIs for Stable Diffusion read. PNG, "
	    "JPEG, WebP and MP4. Pixels and sound are the same to the bit; the stored "
	    "files stay as they are. Copies are called as the files are, or as --name "
	    "says; nothing is replaced, and what is there already is told. Tags, notes "
	    "and ratings stay at home. Prints the paths. Nothing is sent."),
	.example = "dreamq embed -o to-share ID",
	.opts = embed_opts,
	.takes = ARGS_IDS,
	.makes_no_events = true,
	.run = embed_run,
};
