#include <string.h>

#include "cli/app/app.h"
#include "cli/options/complete.h"
#include "cli/term/i18n.h"

static const char *const completion_words[] = { "bash", "fish", "zsh", NULL };

static const struct {
	const char *shell;
	void (*add)(struct buf *into);
} shells[] = {
	{ "bash", complete_add_bash },
	{ "fish", complete_add_fish },
	{ "zsh", complete_add_zsh },
};

static int completion_run(struct app *app)
{
	const struct args *args = &app->args;

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
	.details =
	    N_("For bash: 'source <(dreamq completion bash)' in ~/.bashrc. For fish: "
	       "'dreamq completion fish | source'. For zsh: 'source <(dreamq "
	       "completion zsh)' behind compinit in ~/.zshrc."),
	.example = "source <(dreamq completion bash)",
	.words = completion_words,
	.takes = ARGS_WORDS,
	.needs_no_settings = true,
	.run = completion_run,
};
