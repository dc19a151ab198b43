#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/app/app.h"
#include "cli/options/alias.h"
#include "cli/options/help.h"
#include "cli/options/manual.h"
#include "cli/options/reference.h"
#include "cli/term/i18n.h"

enum { LINE_MAX_SHOWN = 400, REFERENCE_MAX = 1024 * 1024 };

static const enum opt_id help_opts[] = { OPT_MAN, OPT_MARKDOWN, OPT_COUNT };

static int print(struct app *app, struct buf *text)
{
	bool has_failed = buf_failed(text);

	if (text->len > 0) /* app_out() ends the last line itself */
		text->data[text->len - 1] = '\0';
	app_out(app, text->data);
	buf_release(text);
	return has_failed ? DQ_STORAGE : DQ_OK;
}

/* Returns its verb; NULL: it is not a good one. */
static const struct command *print_alias(
    struct app *app, const struct config_entry *entry)
{
	_cleanup_(alias_release) struct alias alias = { 0 };
	char line[LINE_MAX_SHOWN];
	struct err ignored;

	if (alias_make(entry->value, "", &alias, &ignored))
		return NULL;
	(void)snprintf(line, sizeof(line), _("'%s' is an alias: dreamq %s"), entry->key,
	    entry->value);
	text_make_printable(line);
	app_out(app, line);
	return command_find(alias.words[0]);
}

static int help_run(struct app *app)
{
	const struct args *args = &app->args;
	struct buf text = buf_make(HELP_MAX);
	const struct command *command;
	_cleanup_(config_release) struct config config = { 0 };
	struct err ignored;

	(void)settings_read(args, &config, &ignored);
	if (args_is_on(args, OPT_MAN)) {
		manual_add(&text);
		return print(app, &text);
	}
	if (args_is_on(args, OPT_MARKDOWN)) {
		text.max = REFERENCE_MAX;
		reference_add(&text);
		return print(app, &text);
	}
	if (args->n_left == 0) {
		help_add_main(&text, &config);
		return print(app, &text);
	}
	command = command_find(args->left[0]);
	if (!command && alias_find(&config, args->left[0]))
		command = print_alias(app, alias_find(&config, args->left[0]));
	if (!command)
		return app_refuse_verb(app, args->left[0]);
	if (args->n_left > 1)
		return app_usage(app, "'help' takes one verb");
	help_add_verb(&text, command);
	return print(app, &text);
}

const struct command cmd_help = {
	.name = "help",
	.synopsis = "[VERB] [--man] [--markdown]",
	.summary = N_("how to use dreamq, or one of its verbs"),
	.details = N_("The same as 'dreamq VERB --help'."),
	.example = "dreamq help get",
	.opts = help_opts,
	.takes = ARGS_VERB,
	.needs_no_settings = true,
	.run = help_run,
};
