#include "cli/app/app.h"
#include "cli/commands/at_once.h"
#include "cli/commands/follow.h"
#include "cli/term/i18n.h"
#include "dreamq/ids.h"

static const enum opt_id query_result_opts[] = { OPT_THEIR_DIR, OPT_THEIR_ID, OPT_COUNT };

/* The id goes through the same door as everybody's, which checks it. */
static int with_ids(struct app *app, struct dq_ids *ids, const char *id)
{
	const char *folder = args_text(&app->args, OPT_THEIR_DIR);
	struct dq_error error;
	enum dq_status status = dq_ids_add(ids, id, "--submit_id", &error);

	if (status)
		return app_fail_dq(app, status, &error);
	if (folder)
		return follow_get(app, dq_ids_list(ids), dq_ids_count(ids), folder);
	return query_at_once(app, dq_ids_list(ids), dq_ids_count(ids));
}

static int query_result_run(struct app *app)
{
	const char *id = args_text(&app->args, OPT_THEIR_ID);
	struct dq_ids *ids;
	struct dq_error error;
	enum dq_status made;
	int status;

	if (!id)
		return app_usage(app, "'query_result' needs --submit_id=ID");
	made = dq_ids_new(&ids, &error);
	if (made)
		return app_fail_dq(app, made, &error);
	status = with_ids(app, ids, id);
	dq_ids_free(ids);
	return status;
}

const struct command cmd_query_result = {
	.name = "query_result",
	.synopsis = "--submit_id=ID [--download_dir=DIR]",
	.summary =
	    N_("'query', or 'get' into a folder, as the service's own CLI names it"),
	.details = N_("With --download_dir it waits and downloads, as 'dreamq get' does; "
		      "without, it polls once, as 'dreamq query' does."),
	.example = "dreamq query_result --submit_id=ID --download_dir=pictures",
	.opts = query_result_opts,
	.takes = ARGS_NONE,
	.run = query_result_run,
};
