#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/commands/mcp_install.h"
#include "cli/options/advice.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"
#include "dreamq/network.h"
#include "mcp/install/client.h"
#include "mcp/mcp.h"
#include "web/token.h"

static const enum opt_id mcp_opts[] = { OPT_ALLOW_DELETE, OPT_ALLOW_SUBMIT,
	OPT_CALL_LIMIT, OPT_DRY_RUN, OPT_HTTP, OPT_MAX_CREDITS, OPT_NAME, OPT_OUTPUT_DIR,
	OPT_PROJECT, OPT_QUALITY, OPT_REMOVE, OPT_REQUESTS_PER_MINUTE, OPT_SUBMIT_LIMIT,
	OPT_SUBMIT_VIA, OPT_SUBMIT_WITHOUT_ASKING, OPT_TOKEN_FILE, OPT_YES, OPT_COUNT };
static const char *const mcp_words[] = { "clients", "install", NULL };

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

/* --- what agents may do --- */

enum { SUBMITS_A_DAY = 10 };

static struct mcp_may may_of(const struct args *args)
{
	const bool submit = args_is_on(args, OPT_ALLOW_SUBMIT);

	return (struct mcp_may){
		.submit = submit,
		.remove = args_is_on(args, OPT_ALLOW_DELETE),
		.without_asking = submit && args_is_on(args, OPT_SUBMIT_WITHOUT_ASKING),
		.unasked_a_day = args_number(args, OPT_SUBMIT_LIMIT, SUBMITS_A_DAY),
		.max_credits = args_number(args, OPT_MAX_CREDITS, 0),
	};
}

static int check_may(struct app *app)
{
	const struct args *args = &app->args;

	if (args->of[OPT_SUBMIT_WITHOUT_ASKING].origin == FROM_ARGV &&
	    !args_is_on(args, OPT_ALLOW_SUBMIT))
		return app_usage(app, "--submit-without-asking needs --allow-submit");
	return DQ_OK;
}

/* What chose the account here, for a command that does the same: behind its verb. */
static char *place_of(const struct app *app)
{
	static const char verb[] = ": dreamq submit";
	_cleanup_free_ char *whole = advice_complete(&app->args, verb);

	return whole ? strdup(whole + sizeof(verb) - 1) : NULL;
}

static int serve(struct app *app)
{
	_cleanup_free_ char *place = place_of(app);
	_cleanup_free_ char *folder = app_sink_folder(app_folder(app));
	struct dq_options session;
	struct dq_network network;
	struct mcp_options wanted = { .session = &session,
		.folder = folder,
		.name_template = args_text(&app->args, OPT_NAME),
		.call_limit_ms =
		    args_number(&app->args, OPT_CALL_LIMIT, MCP_CALL_LIMIT_MS),
		.on_note = app_hear,
		.payload = app,
		.may = may_of(&app->args),
		.place = place,
		.http = { .where = args_text(&app->args, OPT_HTTP) } };
	struct err err;

	if (check_may(app))
		return DQ_USAGE;
	if (check(app, &err) || app_options(app, &network, &session, &err))
		return app_fail(app, &err);
	if (!folder)
		return app_usage(
		    app, "'%s' can't be a folder for files", app_folder(app));
	return wanted.http.where ? serve_http(app, &wanted) : serve_stdio(app, &wanted);
}

/* What says how to install means nothing to a server. */
static int refuse_install_opts(struct app *app)
{
	for (const enum opt_id *id = mcp_install_opts; *id != OPT_COUNT; id++)
		if (app->args.of[*id].origin == FROM_ARGV)
			return app_usage(
			    app, "--%s belongs to 'mcp install'", options[*id].name);
	return DQ_OK;
}

static int mcp_run(struct app *app)
{
	const char *word = app->args.n_left > 0 ? app->args.left[0] : NULL;
	int status;

	if (word && !strcmp(word, "install"))
		return mcp_install(app);
	if (word && !strcmp(word, "clients"))
		return mcp_clients(app);
	if (word)
		return app_usage(app,
		    "'mcp' is alone, or with one of: clients, install; '%s' is none",
		    word);
	status = refuse_install_opts(app);
	return status ? status : serve(app);
}

const struct command cmd_mcp = {
	.name = "mcp",
	.synopsis = "[-o DIR] [--allow-submit] [--http ADDRESS:PORT] | install CLIENT "
		    "[--project DIR] "
		    "[--remove] [--yes] | clients",
	.summary = N_("serve agents: tools of the Model Context Protocol on stdin and "
		      "stdout"),
	.details =
	    N_("A program that speaks MCP starts it and asks: look at tasks, wait for "
	       "them, fetch their files into DIR, list and search the ledger, how long "
	       "tasks take, whether files and login are good. Nothing is submitted and "
	       "nothing is removed, unless it is allowed. Each call returns within 45 "
	       "seconds; links and the "
	       "cookie are never told. Standard output is the protocol's alone. It ends "
	       "with its input. Several may run on one ledger.\n"
	       "--allow-submit: tools that cost credits, too. The person is asked before "
	       "each, by a form of the client; one that has no forms gets the command "
	       "for a terminal. A call that comes again is the same task, and paid once. "
	       "--max-credits N refuses what would cost more. --submit-without-asking: "
	       "nobody is asked, and --submit-limit counts, over all servers on the "
	       "ledger.\n"
	       "--allow-delete: tools that forget and cancel tasks. The person is asked, "
	       "too.\n"
	       "install: write dreamq into the configuration of a client, with the "
	       "options that stand here: 'dreamq mcp install cursor -o ~/pictures'. Of "
	       "the file that it has, no other byte changes, a copy is kept beside it, "
	       "and what would change is shown first. --project: for one project, in "
	       "its folder. --remove takes it out again.\n"
	       "clients: those that are known, and where their configuration is."),
	.example = "dreamq mcp -o ~/pictures",
	.opts = mcp_opts,
	.words = mcp_words,
	.second_words = client_names,
	.takes = ARGS_WORDS,
	.run = mcp_run,
};
