/*
 * The config file: what holds, and where each value comes from; one key written or taken
 * away; all mistakes. It works with a broken file, too: that is when it is needed.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "base/fs.h"
#include "cli/app/app.h"
#include "cli/commands/config_check.h"
#include "cli/commands/config_list.h"
#include "cli/commands/config_set.h"
#include "cli/options/sample.h"
#include "cli/term/i18n.h"

enum { SAMPLE_MAX = 256 * 1024 };

static const char *const config_words[] = { "check", "edit", "get", "list", "path",
	"sample", "set", "unset", NULL };

/* --- the file ---------------------------------------------------------------- */

static char *find_path(const struct app *app, struct err *err)
{
	char *path = settings_path(&app->args);

	if (!path)
		err_set(err, ERR_USAGE,
		    "there is no place for a config file: neither HOME nor "
		    "XDG_CONFIG_HOME is set; name one with --config");
	return path;
}

/* --- edit -------------------------------------------------------------------- */

/* Ctrl-C and Ctrl-\ come to us, too, and are the editor's as long as it runs. */
struct keys {
	struct sigaction interrupt, quit;
};

static void keys_leave(struct keys *ret_kept)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGINT, &ignore, &ret_kept->interrupt);
	(void)sigaction(SIGQUIT, &ignore, &ret_kept->quit);
}

static void keys_take(const struct keys *kept)
{
	(void)sigaction(SIGINT, &kept->interrupt, NULL);
	(void)sigaction(SIGQUIT, &kept->quit, NULL);
}

static int wait_for(pid_t child, int *ret_status)
{
	while (waitpid(child, ret_status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* As git has it: a command line for a shell, which may have options. */
static enum err_kind run_editor(const char *path, struct err *err)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");
	const char *editor = visual && *visual ? visual : plain;
	_cleanup_free_ char **environment = environ_for_others(NULL, 0);
	_cleanup_free_ char *command = NULL;
	struct keys kept;
	int status = 0, rc;
	pid_t child;

	editor = editor && *editor ? editor : "vi";
	if (asprintf(&command, "%s \"$1\"", editor) < 0)
		command = NULL;
	if (!command || !environment)
		return err_set(err, ERR_NOMEM, "out of memory");
	keys_leave(&kept);
	child = fork();
	if (child == 0) {
		keys_take(&kept);
		(void)signal(SIGPIPE, SIG_DFL);
		(void)signal(SIGXFSZ, SIG_DFL);
		(void)execle("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL,
		    environment);
		_exit(127);
	}
	rc = child < 0 ? -1 : wait_for(child, &status);
	keys_take(&kept);
	if (rc)
		return err_errno(err, ERR_IO, "can't start '%s'", editor);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "the editor '%s' failed; name another one in VISUAL or EDITOR", editor);
}

static int run_edit(struct app *app, const char *path)
{
	struct buf sample = buf_make(SAMPLE_MAX);
	enum err_kind kind = ERR_OK;
	struct err err;

	if (!fs_exists(path)) {
		sample_add(&sample);
		kind = config_write(path, sample.data, &err);
	}
	buf_release(&sample);
	if (kind || run_editor(path, &err))
		return app_fail(app, &err);
	return config_check(app, path);
}

/* --- the rest ---------------------------------------------------------------- */

static int run_path(struct app *app, const char *path)
{
	app_out_path(app, path);
	return DQ_OK;
}

static int run_sample(struct app *app, const char *path)
{
	struct buf sample = buf_make(SAMPLE_MAX);

	(void)path;
	sample_add(&sample);
	if (sample.len > 0)
		sample.data[sample.len - 1] = '\0';
	app_out(app, sample.data);
	buf_release(&sample);
	return DQ_OK;
}

static const struct {
	const char *word;
	int (*run)(struct app *app, const char *path);
	size_t n_min, n_max; /* words, this one among them */
	const char *wants;
} actions[] = {
	{ "check", config_check, 1, 1, NULL },
	{ "edit", run_edit, 1, 1, NULL },
	{ "get", config_get, 2, 2, "KEY" },
	{ "list", config_list, 1, 2, "KEY" },
	{ "path", run_path, 1, 1, NULL },
	{ "sample", run_sample, 1, 1, NULL },
	{ "set", config_set, 3, 3, "KEY VALUE" },
	{ "unset", config_unset, 2, 2, "KEY" },
};

static int config_run(struct app *app)
{
	const struct args *args = &app->args;
	_cleanup_free_ char *path = NULL;
	struct err err;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (args->n_left == 0 || strcmp(args->left[0], actions[i].word) != 0)
			continue;
		if (!actions[i].wants && args->n_left > 1)
			return app_usage(app,
			    "'config %s' takes no argument, and '%s' "
			    "is one",
			    actions[i].word, args->left[1]);
		if (args->n_left < actions[i].n_min || args->n_left > actions[i].n_max)
			return app_usage(app, "'config %s' takes %s", actions[i].word,
			    actions[i].wants);
		path = actions[i].run == run_sample ? strdup("") : find_path(app, &err);
		return path ? actions[i].run(app, path) : app_fail(app, &err);
	}
	return app_usage(app,
	    "'config' needs one of: check, edit, get, list, path, "
	    "sample, set, unset");
}

const struct command cmd_config = {
	.name = "config",
	.synopsis = "list [KEY] | get KEY | set KEY VALUE | unset KEY | check | edit | "
		    "path | sample",
	.summary = N_("what holds, and where it comes from; write the config file"),
	.details = N_(
	    "list: every key, its value, and where that comes from: the default, a line "
	    "of the config file, a variable, an option. With KEY, only those that "
	    "begin so.\n"
	    "get: the value of one; exit status 1 when it has none.\n"
	    "set, unset: change one line of the file; its other lines stay as they are. "
	    "A "
	    "key is the long name of an option, profile.NAME.KEY, alias.NAME or "
	    "wire.ROW; with --profile NAME before it, KEY means that profile's.\n"
	    "check: all mistakes of the file, each with its line; exit status 2 when "
	    "there is one.\n"
	    "edit: open it in $VISUAL or $EDITOR, and check it afterwards.\n"
	    "path: where it is. sample: a file with every key as a comment.\n"
	    "An alias is a verb with options, which is then a verb itself: after "
	    "'dreamq config set alias.night \"watch --sync 1h\"' there is 'dreamq "
	    "night'."),
	.example = "dreamq config set output-dir ~/Pictures",
	.words = config_words,
	.takes = ARGS_WORDS,
	.needs_no_settings = true,
	.run = config_run,
};
