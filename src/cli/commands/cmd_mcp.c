#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"
#include "dreamq/network.h"
#include "mcp/mcp.h"
#include "web/token.h"

static const enum opt_id mcp_opts[] = { OPT_HTTP, OPT_NAME, OPT_OUTPUT_DIR, OPT_QUALITY,
	OPT_REQUESTS_PER_MINUTE, OPT_TOKEN_FILE, OPT_COUNT };

/* What is wrong with the options is told now, and not by each call. */
static enum err_kind check(struct app *app, struct err *err)
{
	const enum err_kind kind = app_open(app, NULL, NULL, err);

	signals_watch(NULL);
	dq_close(app->dq);
	app->dq = NULL;
	return kind;
}

/* --- by HTTP --- */

static void say_address(void *payload, const char *address, unsigned port)
{
	app_say(payload, _("serving MCP at http://%s:%u/mcp"), address, port);
}

/* Who has no token gets a new one, which nobody else can know. */
static enum err_kind find_token(
    struct app *app, struct secret *ret_token, struct err *err)
{
	const char *path = args_text(&app->args, OPT_TOKEN_FILE);
	const char *told = getenv("DREAMQ_MCP_TOKEN");

	if (path)
		return token_read(path, ret_token, err);
	if (told)
		return token_take(told, ret_token, err)
		    ? err_note(err, "DREAMQ_MCP_TOKEN")
		    : ERR_OK;
	if (token_make(ret_token, err))
		return err->kind;
	app_say(app, _("each request needs the header 'Authorization: Bearer %s'"),
	    ret_token->text);
	return ERR_OK;
}

static int serve_http(struct app *app, struct mcp_options *wanted)
{
	_cleanup_(secret_release) struct secret token = { .text = NULL };
	struct err err;

	if (find_token(app, &token, &err))
		return app_fail(app, &err);
	wanted->http.token = token.text;
	wanted->http.on_ready = say_address;
	return mcp_serve(wanted, &err) ? app_fail(app, &err) : DQ_OK;
}

/* --- on standard input and output --- */

static int serve_stdio(struct app *app, const struct mcp_options *wanted)
{
	struct err err;

	if (args_has(&app->args, OPT_TOKEN_FILE) &&
	    app->args.of[OPT_TOKEN_FILE].origin == FROM_ARGV)
		return app_usage(app, "--token-file is for HTTP alone");
	if (isatty(STDIN_FILENO) == 1)
		app_say(app, "%s",
		    _("waiting for a program that speaks MCP on standard input; Ctrl-D "
		      "ends it"));
	return mcp_serve(wanted, &err) ? app_fail(app, &err) : DQ_OK;
}

static int mcp_run(struct app *app)
{
	_cleanup_free_ char *folder = app_sink_folder(app_folder(app));
	struct dq_options session;
	struct dq_network network;
	struct mcp_options wanted = { .session = &session,
		.folder = folder,
		.name_template = args_text(&app->args, OPT_NAME),
		.on_note = app_hear,
		.payload = app,
		.http = { .where = args_text(&app->args, OPT_HTTP) } };
	struct err err;

	if (check(app, &err) || app_options(app, &network, &session, &err))
		return app_fail(app, &err);
	if (!folder)
		return app_usage(
		    app, "'%s' can't be a folder for files", app_folder(app));
	return wanted.http.where ? serve_http(app, &wanted) : serve_stdio(app, &wanted);
}

const struct command cmd_mcp = {
	.name = "mcp",
	.synopsis = "[-o DIR] [--http ADDRESS:PORT]",
	.summary = N_("serve agents: tools of the Model Context Protocol on stdin and "
		      "stdout"),
	.details =
	    N_("A program that speaks MCP starts it and asks: look at tasks, wait for "
	       "them, fetch their files into DIR, list and search the ledger, how long "
	       "tasks take, whether files and login are good. Nothing is submitted and "
	       "nothing is removed. Each call returns within 45 seconds; links and the "
	       "cookie are never told. Standard output is the protocol's alone. It ends "
	       "with its input. Several may run on one ledger."),
	.example = "dreamq mcp -o ~/pictures",
	.opts = mcp_opts,
	.takes = ARGS_NONE,
	.run = mcp_run,
};
