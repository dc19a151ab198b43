#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/options/complete.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"

static const char *const completion_words[] = { "bash", "fish", "zsh", NULL };

enum {
	IDS_LOOKED_AT = 500, /* the newest: a key was pressed, and somebody waits */
	PROMPT_COLUMNS = 50,
};

static const struct {
	const char *shell;
	void (*add)(struct buf *into);
} shells[] = {
	{ "bash", complete_add_bash },
	{ "fish", complete_add_fish },
	{ "zsh", complete_add_zsh },
};

/* --- ids ------------------------------------------------------------------------- */

static void print_id(void *payload, const struct dq_event *event)
{
	struct app *app = payload;
	const char *prefix = app->args.n_left > 1 ? app->args.left[1] : "";
	struct buf line = buf_make(WORDS_MAX), words = buf_make(WORDS_MAX);
	_cleanup_free_ char *cut = NULL;

	if (event->type != DQ_EVENT_TASK ||
	    strncmp(event->task->submit_id, prefix, strlen(prefix)) != 0)
		return;
	if (event->task->prompt)
		words_add_clean(&words, event->task->prompt);
	cut = text_fit(words.data, PROMPT_COLUMNS);
	buf_addf(&line, "%s\t%s", event->task->submit_id, cut ? cut : "");
	app_out(app, line.data);
	buf_release(&line);
	buf_release(&words);
}

/* For a shell that asks in the middle of a line: whatever is wrong, nothing is said. */
static int print_ids(struct app *app)
{
	const struct dq_filter newest = { .size_bytes = sizeof(newest),
		.limit = IDS_LOOKED_AT };
	struct dq_error error;
	struct err err;

	app->is_quiet = true;
	if (!settings_load(&app->args, &app->settings, &err) &&
	    !app_open(app, print_id, app, &err))
		(void)dq_list(app->dq, &newest, &error);
	return DQ_OK;
}

/* --- scripts --------------------------------------------------------------------- */

static int completion_run(struct app *app)
{
	const struct args *args = &app->args;

	if (args->n_left >= 1 && args->n_left <= 2 && !strcmp(args->left[0], "ids"))
		return print_ids(app);

	if (args->n_left != 1)
		return app_usage(app, "'completion' needs one of: bash, fish, zsh");
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		struct buf script = buf_make(COMPLETE_MAX);

		if (strcmp(shells[i].shell, args->left[0]) != 0)
			continue;
		shells[i].add(&script);
		if (script.len > 0) /* app_out() ends the last line itself */
			script.data[script.len - 1] = '\0';
		app_out(app, script.data);
		buf_release(&script);
		return DQ_OK;
	}
	return app_usage(
	    app, "no completion for '%s'; there are: bash, fish, zsh", args->left[0]);
}

const struct command cmd_completion = {
	.name = "completion",
	.synopsis = "bash | fish | zsh",
	.summary = N_("print a completion script for your shell"),
	.details = N_(
	    "For bash: 'source <(dreamq completion bash)' in ~/.bashrc. For fish: "
	    "'dreamq completion fish | source'. For zsh: 'source <(dreamq "
	    "completion zsh)' behind compinit in ~/.zshrc. Ids are completed out of the "
	    "ledger, with their prompts where the shell shows such ('dreamq "
	    "completion ids BEGINNING')."),
	.example = "source <(dreamq completion bash)",
	.words = completion_words,
	.takes = ARGS_WORDS,
	.needs_no_settings = true,
	.makes_no_events = true,
	.run = completion_run,
};
