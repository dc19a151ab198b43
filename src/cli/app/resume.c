#include "cli/app/resume.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/shell_word.h"
#include "cli/term/i18n.h"

enum {
	IDS_SHOWN_MAX = 20,
	COMMAND_MAX = 4096, /* what is longer is known to whoever has typed it */
	PAID_COMMAND_MAX = 1 << 20,
};

/* Its tasks are new: the same command again would make others, and pay for them. */
static bool is_paying(const struct app *app)
{
	return options_has(app->command->opts, OPT_REROLL);
}

static void add_option(struct buf *into, const struct args *args, enum opt_id id)
{
	const struct value *value = &args->of[id];

	buf_addf(into, " --%s", options[id].name);
	if (value->text) {
		buf_addf(into, "=");
		shell_word_add(into, value->text);
	}
}

/* Ids that can't be repeated here: where did they come from? */
static bool add_source(struct buf *into, const struct app *app)
{
	const struct args *args = &app->args;
	const char *input = args_text(args, OPT_INPUT);
	bool is_stdin = input && !strcmp(input, "-");

	for (size_t i = 0; i < args->n_left; i++)
		is_stdin = is_stdin || !strcmp(args->left[i], "-");
	if (is_stdin) {
		buf_addf(into, " -");
		return true;
	}
	if (!input || args->n_left > 0)
		return false;
	buf_addf(into, " --input=");
	shell_word_add(into, input);
	return true;
}

void resume_add_command(struct buf *into, const struct app *app, const char *verb,
    const char *const *ids, size_t n)
{
	const struct command *command;
	bool has_dash = false;

	if (n > IDS_SHOWN_MAX && is_paying(app)) {
		verb = "watch"; /* it finds them in the ledger */
		n = 0;
	}
	command = command_find(verb);
	buf_addf(into, "dreamq %s", verb);
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (app->args.of[id].origin == FROM_ARGV && id != OPT_INPUT &&
		    (options_has(options_shared, id) || options_has(command->opts, id)))
			add_option(into, &app->args, id);
	if (n > IDS_SHOWN_MAX && add_source(into, app))
		return;
	for (size_t i = 0; i < n; i++)
		has_dash = has_dash || ids[i][0] == '-';
	buf_addf(into, "%s", has_dash ? " --" : "");
	for (size_t i = 0; i < n; i++)
		buf_addf(into, " %s", ids[i]);
}

void resume_note(struct app *app, const char *verb, const char *const *ids, size_t n)
{
	struct buf command = buf_make(is_paying(app) ? PAID_COMMAND_MAX : COMMAND_MAX);

	resume_add_command(&command, app, verb, ids, n);
	free(app->way_on);
	app->way_on = buf_failed(&command) ? NULL : strdup(command.data);
	buf_release(&command);
}

void resume_say(
    struct app *app, const char *why, const char *verb, const char *const *ids, size_t n)
{
	size_t len;

	resume_note(app, verb, ids, n);
	screen_hide(&app->screen);
	if (app->way_on)
		(void)fprintf(
		    stderr, _("dreamq: %s; go on with:\n  %s\n"), why, app->way_on);
	else if (is_paying(app))
		(void)fprintf(stderr, "dreamq: %s\n", why);
	else
		(void)fprintf(stderr, _("dreamq: %s; run the same command again\n"), why);
	len = app->way_on ? strlen(app->way_on) : 0;
	if (len > 2 && !strcmp(app->way_on + len - 2, " -"))
		(void)fprintf(stderr, "%s\n", _("and the same ids on standard input"));
}
