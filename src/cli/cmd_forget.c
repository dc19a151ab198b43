#include "base/cleanup.h"
#include "cli/app.h"
#include "cli/i18n.h"
#include "cli/input.h"

static const enum opt_id forget_opts[] = { OPT_INPUT, OPT_COUNT };

static int forget_all(struct app *app, const struct dq_ids *ids)
{
	size_t n = dq_ids_count(ids), forgotten = 0;
	int status = DQ_OK;

	for (size_t i = 0; i < n; i++) {
		struct dq_error error = { 0 };
		enum dq_status one = dq_forget(app->dq, dq_ids_list(ids)[i], &error);

		if (one)
			status = app_worse(status, app_fail_dq(app, one, &error));
		else
			forgotten++;
		if (one == DQ_STORAGE || one == DQ_INTERRUPTED)
			break; /* the ledger is in trouble, not this id */
	}
	app_say(app,
	    ngettext("forgot %zu task; its files stay",
		"forgot %zu tasks; their files stay", forgotten),
	    forgotten);
	return status;
}

static int forget_run(struct app *app)
{
	_cleanup_(input_ids_freep) struct dq_ids *ids = NULL;
	unsigned bad = 0;
	struct err err;
	int status = input_ids(app, &ids, &bad);

	if (status)
		return status;
	if (app_open(app, NULL, NULL, &err))
		return app_fail(app, &err);
	status = forget_all(app, ids);
	return bad ? app_worse(status, DQ_USAGE) : status;
}

const struct command cmd_forget = {
	.name = "forget",
	.synopsis = "[--input FILE] ID...",
	.summary = N_("remove tasks from the ledger; their files stay"),
	.details =
	    N_("Asks nothing, and sends nothing. The service still has the task: 'dreamq "
	       "get ID' fetches it again."),
	.example = "dreamq forget ID",
	.opts = forget_opts,
	.takes = ARGS_IDS,
	.run = forget_run,
};
