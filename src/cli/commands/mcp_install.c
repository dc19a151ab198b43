#include "cli/commands/mcp_install.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/output/cli_json.h"
#include "cli/output/table.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "mcp/install/plan.h"

enum { WORDS_OF_ENTRY_MAX = 64, ANSWER_BYTES = 16 };

const enum opt_id mcp_install_opts[] = { OPT_DRY_RUN, OPT_PROJECT, OPT_REMOVE, OPT_YES,
	OPT_COUNT };

/* Which account, ledger and service: a client starts us without our variables. */
static const enum opt_id place_opts[] = { OPT_API_BASE, OPT_CONFIG, OPT_COOKIE_FILE,
	OPT_LEDGER, OPT_LOG_FILE, OPT_PROFILE, OPT_REGION, OPT_SUBMIT_BASE, OPT_COUNT };

/* These are for whoever starts a server himself: a client has its two pipes. */
static const enum opt_id server_opts[] = { OPT_HTTP, OPT_TOKEN_FILE, OPT_COUNT };

/* --- the command that the client is to start --- */

struct entry_words {
	char *of[WORDS_OF_ENTRY_MAX + 1]; /* ends with NULL */
	size_t n;
};

static void words_release(struct entry_words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->of[i]);
}

/* Takes the text; NULL is an error that has been told. */
static enum err_kind add_word(struct entry_words *words, char *take_text, struct err *err)
{
	if (!take_text)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (words->n == WORDS_OF_ENTRY_MAX) {
		free(take_text);
		return err_set(err, ERR_USAGE, "there are too many options for an entry");
	}
	words->of[words->n++] = take_text;
	return ERR_OK;
}

static bool is_us(const char *path)
{
	struct stat us, other;

	return !stat("/proc/self/exe", &us) && !stat(path, &other) &&
	    us.st_dev == other.st_dev && us.st_ino == other.st_ino;
}

/* By the name that it was called by: a link stays right when a new version comes. */
static char *find_on_path(const char *name)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		const size_t len = strcspn(at, ":");
		char *path = NULL;

		if (*at == '/' && asprintf(&path, "%.*s/%s", (int)len, at, name) < 0)
			return NULL;
		if (path && is_us(path))
			return path;
		free(path);
		at += len + (at[len] == ':');
	}
	return NULL;
}

static char *own_program(struct err *err)
{
	const char *name = program_invocation_name;
	char *path = strchr(name, '/') ? fs_absolute(name, err) : find_on_path(name);

	if (path && is_us(path))
		return path;
	free(path);
	path = realpath("/proc/self/exe", NULL);
	if (!path)
		err_errno(err, ERR_IO, "can't tell where this program is");
	return path;
}

/* Paths mean the same from every folder. */
static char *absolute_value(enum opt_id id, const char *text, struct err *err)
{
	static const char scheme[] = "sqlite:";
	const bool is_path = options[id].type == OPT_FILE ||
	    options[id].type == OPT_FOLDER || (id == OPT_LEDGER && !strstr(text, "://"));
	const size_t front =
	    strncmp(text, scheme, sizeof(scheme) - 1) ? 0 : sizeof(scheme) - 1;
	_cleanup_free_ char *path = NULL;
	char *value = NULL;

	if (!is_path)
		return strdup(text);
	path = fs_absolute(text + front, err);
	if (path && asprintf(&value, "%.*s%s", (int)front, text, path) < 0)
		value = NULL;
	return value;
}

static enum err_kind add_option(
    struct entry_words *words, enum opt_id id, const struct value *value, struct err *err)
{
	char *word = NULL;

	err->kind = ERR_OK;
	if (asprintf(&word, "--%s%s", options[id].name,
		!options[id].value && value->number == 0 ? "=no" : "") < 0)
		word = NULL;
	if (add_word(words, word, err))
		return err->kind;
	if (!options[id].value || !value->text)
		return ERR_OK;
	word = absolute_value(id, value->text, err);
	return !word && err->kind ? err->kind : add_word(words, word, err);
}

static enum err_kind make_words(
    struct app *app, struct entry_words *words, struct err *err)
{
	char *program = own_program(err);

	if (!program)
		return err->kind;
	if (add_word(words, program, err) || add_word(words, strdup("mcp"), err))
		return err->kind;
	for (enum opt_id id = 0; id < OPT_COUNT; id++) {
		const struct value *value = &app->args.of[id];
		const bool is_place = options_has(place_opts, id);
		const bool is_told = value->origin == FROM_ARGV ||
		    (is_place && value->origin == FROM_ENVIRONMENT);

		if (is_told && !options_has(mcp_install_opts, id) &&
		    (is_place || options_has(app->command->opts, id)) &&
		    add_option(words, id, value, err))
			return err->kind;
	}
	return ERR_OK;
}

/* --- installing --- */

static void tell_line(void *payload, const char *line)
{
	app_out_path(payload, line);
}

static bool is_confirmed(const char *target)
{
	char answer[ANSWER_BYTES] = "";

	(void)fprintf(stderr, _("write '%s'? [y/N] "), target);
	(void)fflush(stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return tolower((unsigned char)*answer) == 'y';
}

/* Without a word from anybody nothing changes. */
static bool may_write(struct app *app, const struct plan *plan)
{
	if (args_is_on(&app->args, OPT_DRY_RUN)) {
		app_say(app, "%s", _("nothing was written (--dry-run)"));
		return false;
	}
	if (args_is_on(&app->args, OPT_YES))
		return true;
	if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && !app->is_json)
		return is_confirmed(plan->target);
	app_say(app, "%s", _("nothing was written; --yes does it"));
	return false;
}

/* What has become of it, for a program. */
static void tell_outcome(struct app *app, const struct client *client, const char *path,
    const struct plan *plan, const char *backup)
{
	const bool is_removal = args_is_on(&app->args, OPT_REMOVE);
	const bool is_there = plan->is_needed == (is_removal != plan->is_written);
	const struct client_line line = { client->name, client->title, path,
		!plan->exists && !plan->is_written ? "absent"
		    : is_there			   ? "installed"
						   : "not_installed",
		plan->is_written, backup };

	app_out_json(app, client_json(&line));
}

static int write_it(
    struct app *app, const struct client *client, const char *path, struct plan *plan)
{
	_cleanup_free_ char *backup = NULL;
	struct err err;

	if (plan_write(plan, &backup, &err))
		return app_fail(app, &err);
	if (app->is_json)
		tell_outcome(app, client, path, plan, backup);
	if (backup)
		app_say(app, _("what was there before is in '%s'"), backup);
	if (args_is_on(&app->args, OPT_REMOVE))
		app_say(app, _("%s is not told of dreamq any more; start it again"),
		    client->title);
	else
		app_say(app, _("%s will start dreamq; start it again"), client->title);
	if (!args_is_on(&app->args, OPT_REMOVE) &&
	    app->args.of[OPT_OUTPUT_DIR].origin == FROM_NOWHERE)
		app_say(app, "%s",
		    _("files go where the client is started; -o DIR says another "
		      "place"));
	return DQ_OK;
}

static int install(struct app *app, const struct client *client, const char *path)
{
	__attribute__((cleanup(words_release))) struct entry_words words = { .n = 0 };
	const bool is_removal = args_is_on(&app->args, OPT_REMOVE);
	const struct plan_wish wish = { client, path,
		is_removal ? NULL : (const char *const *)words.of };
	struct plan plan;
	struct err err;
	int status = DQ_OK;

	if ((!is_removal && make_words(app, &words, &err)) ||
	    plan_make(&wish, &plan, &err))
		return app_fail(app, &err);
	if (!plan.is_needed) {
		app_say(app,
		    is_removal ? _("'%s' has no entry of dreamq")
			       : _("'%s' has this entry already"),
		    path);
	} else if (!app->is_json) {
		app_out_path(app, plan.target);
		plan_difference(&plan, tell_line, app);
		app_out_at_once();
	}
	if (plan.is_needed && may_write(app, &plan))
		status = write_it(app, client, path, &plan);
	else if (app->is_json)
		tell_outcome(app, client, path, &plan, NULL);
	plan_release(&plan);
	return status;
}

int mcp_install(struct app *app)
{
	const char *project = args_text(&app->args, OPT_PROJECT);
	const struct client *client = NULL;
	_cleanup_free_ char *path = NULL;
	struct err err;

	if (app->args.n_left != 2)
		return app_usage(app,
		    "'mcp install' takes the name of one client; 'dreamq mcp clients' "
		    "lists them");
	for (const enum opt_id *id = server_opts; *id != OPT_COUNT; id++)
		if (app->args.of[*id].origin == FROM_ARGV)
			return app_usage(app,
			    "--%s is of no use to a client that starts dreamq itself",
			    options[*id].name);
	if (client_find(app->args.left[1], &client, &err) ||
	    client_path(client, project, &path, &err))
		return app_fail(app, &err);
	return install(app, client, path);
}

/* --- the clients --- */

/* Does its configuration name us, as far as that can be read? For people: a word of it.
 */
static const struct {
	const char *word, *shown;
} states[] = {
	{ "absent", "-" },
	{ "unreadable", N_("can't be read") },
	{ "installed", N_("installed") },
	{ "not_installed", N_("not installed") },
};

static size_t state_of(const struct client *client, const char *path)
{
	const struct plan_wish removal = { client, path, NULL };
	struct plan plan;
	struct err err;
	bool is_there;

	if (!fs_exists(path))
		return 0;
	if (plan_make(&removal, &plan, &err))
		return 1;
	is_there = plan.is_needed;
	plan_release(&plan);
	return is_there ? 2 : 3;
}

static bool list_one(struct app *app, const struct client *client, struct table *table)
{
	_cleanup_free_ char *path = NULL;
	struct err err;
	size_t state;

	if (client_path(client, args_text(&app->args, OPT_PROJECT), &path, &err))
		return err.kind == ERR_USAGE;
	state = state_of(client, path);
	if (app->is_json) {
		const struct client_line line = { client->name, client->title, path,
			states[state].word, false, NULL };

		app_out_json(app, client_json(&line));
		return true;
	}
	return table_add(table,
	    (const struct cell[]){ { client->name, TONE_PLAIN },
		{ state == 0 ? states[0].shown : _(states[state].shown), TONE_PLAIN },
		{ path, TONE_PLAIN } });
}

int mcp_clients(struct app *app)
{
	struct table table = table_make(3);
	struct err err;
	bool is_good = true;

	if (app->args.n_left > 1)
		return app_usage(app, "'mcp clients' takes no argument");
	for (const struct client *client = clients; client->name && is_good; client++)
		is_good = list_one(app, client, &table);
	for (size_t i = 0; is_good && i < table.n_rows; i++) {
		struct buf line = buf_make(WORDS_MAX);

		table_format(&table, table_row(&table, i), app->out_style, 0, &line);
		app_out_path(app, line.data);
		buf_release(&line);
	}
	table_release(&table);
	if (is_good)
		return DQ_OK;
	err_set(&err, ERR_NOMEM, "out of memory");
	return app_fail(app, &err);
}
