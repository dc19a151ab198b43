/*
 * main.c - dreamq, the program. Reads the command line, finds the verb, and
 * leaves with its exit status.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/app/app.h"
#include "cli/app/greeting.h"
#include "cli/app/secret.h"
#include "cli/options/help.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"

static int print_short_help(void)
{
	struct buf text = buf_make(HELP_MAX);

	help_add_short(&text);
	(void)fputs(text.data, stderr);
	buf_release(&text);
	return DQ_USAGE;
}

/*
 * A verb of the config file: its options are read before those behind its name, which
 * come later, and so count. NULL: *ret_status is final.
 */
static const struct command *find_alias(
    struct app *app, const char *name, int *at, int *ret_status)
{
	_cleanup_(config_release) struct config config = { 0 };
	const struct config_entry *entry = NULL;
	const struct command *command = NULL;
	int read_to = 1; /* behind the verb */
	struct err err = { 0 };

	if (!settings_read(&app->args, &config, &err))
		entry = alias_find(&config, name);
	if (err.kind) {
		*ret_status = app_fail(app, &err);
		return NULL;
	}
	if (!entry) {
		*ret_status = app_refuse_verb(app, name);
		return NULL;
	}
	(*at)++;
	if (!alias_make(entry->value, name, &app->alias, &err)) {
		command = command_find(app->alias.words[0]);
		const struct args_rules rules = { .verb = command->name,
			.own = command->opts };
		if (!args_make_room(&app->args, app->alias.n_words + app->n_argv, &err))
			(void)args_read(
			    &app->args, &rules, app->alias.words, &read_to, &err);
	}
	if (!err.kind)
		return command;
	*ret_status = app_fail(app, &err);
	return NULL;
}

/* Reads what may stand before the verb, and the verb. NULL: *ret_status is final. */
static const struct command *find_command(
    struct app *app, const char *const *argv, int *at, int *ret_status)
{
	const struct args_rules rules = { .stops_at_argument = true };
	const struct command *command;
	struct err err;

	if (args_read(&app->args, &rules, argv, at, &err)) {
		*ret_status = app_fail(app, &err);
		return NULL;
	}
	if (args_is_on(&app->args, OPT_VERSION))
		return &cmd_version;
	if (!argv[*at]) {
		if (args_is_on(&app->args, OPT_HELP))
			return &cmd_help;
		*ret_status =
		    greeting_is_wanted(app) ? greeting_say(app) : print_short_help();
		return NULL;
	}
	command = command_find(argv[*at]);
	if (!command)
		return find_alias(app, argv[*at], at, ret_status);
	(*at)++;
	return command;
}

static int print_verb_help(const struct command *command)
{
	struct buf text = buf_make(HELP_MAX);

	help_add_verb(&text, command);
	(void)fputs(text.data, stdout);
	buf_release(&text);
	return DQ_OK;
}

static int run(struct app *app, const char *const *argv)
{
	int at = 1, status = DQ_USAGE;
	struct err err;

	app->command = find_command(app, argv, &at, &status);
	if (!app->command)
		return status;
	const struct args_rules rules = { .verb = app->command->name,
		.own = app->command->opts,
		.has_minus_words = app->command->takes == ARGS_TAGS };
	if (args_read(&app->args, &rules, argv, &at, &err))
		return app_fail(app, &err);
	if (args_is_on(&app->args, OPT_HELP) && app->command != &cmd_help)
		return print_verb_help(app->command);
	if (args_is_on(&app->args, OPT_VERSION))
		return cmd_version.run(app);
	if (!app->command->needs_no_settings &&
	    settings_load(&app->args, &app->settings, &err))
		return app_fail(app, &err);
	app_configure(app);
	status = app_pick(app);
	if (status)
		return status;
	if (app->command->takes == ARGS_NONE && app->args.n_left > 0)
		return app_usage(app, "'%s' takes no argument, and '%s' is one",
		    app->command->name, app->args.left[0]);
	return app->command->run(app);
}

/* Before the options are read: what is wrong with them is told as JSON, too. */
static bool wants_json(const char *const *argv)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (!strcmp(*argv, "--json") || !strcmp(*argv, "--json=yes"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct app app = { .argv = (const char *const *)argv,
		.n_argv = argc > 0 ? (size_t)argc : 0,
		.is_json = wants_json((const char *const *)argv) };
	struct err err;
	int status;

	dq_own_process();
	secret_forbid_dumps();
	signals_prepare();
	i18n_start();
	if (args_make(argc, &app.args, &err))
		status = app_fail(&app, &err);
	else
		status = argc > 0 ? run(&app, (const char *const *)argv) : DQ_USAGE;
	status = app_finish(&app, status);
	app_release(&app);
	return status;
}
