/*
 * The config file: what holds, and where each value comes from; one key written or taken
 * away; all mistakes. It works with a broken file, too: that is when it is needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/app/app.h"
#include "cli/commands/config_list.h"
#include "cli/options/config_edit.h"
#include "cli/options/sample.h"
#include "cli/output/setting_json.h"
#include "cli/term/i18n.h"
#include "cli/term/signals.h"

enum { FILE_BYTES_MAX = 64 * 1024, SAMPLE_MAX = 256 * 1024, KEY_SHOWN_MAX = 80 };

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

/* A link stays one: what it points at is written. */
static enum err_kind replace(const char *path, const char *text, struct err *err)
{
	_cleanup_free_ char *target = realpath(path, NULL);
	struct stat st;
	mode_t mode = 0600;

	if (!target && errno != ENOENT)
		return err_errno(err, ERR_IO, "can't open '%s'", path);
	if (!target && fs_make_parent(path, 0700, err))
		return err->kind;
	if (target && !stat(target, &st))
		mode = st.st_mode & 07777;
	return fs_write_atomic(target ? target : path, text, strlen(text), mode, err);
}

static enum err_kind read_text(const char *path, struct buf *into, struct err *err)
{
	if (!fs_exists(path))
		return ERR_OK;
	if (fs_read_all(path, into, err))
		return err_note(err, "config file");
	if (memchr(into->data, '\0', into->len))
		return err_set(
		    err, ERR_USAGE, "'%s' is not a text file; it has NUL bytes", path);
	return ERR_OK;
}

/* --- check ------------------------------------------------------------------- */

struct mistake {
	unsigned line;
	struct err err;
};

struct mistakes {
	struct mistake *all;
	size_t n, room;
};

static void mistakes_release(struct mistakes *mistakes)
{
	free(mistakes->all);
}

static int by_line(const void *a, const void *b)
{
	const struct mistake *left = a, *right = b;

	return (left->line > right->line) - (left->line < right->line);
}

/* One that there is no memory for is not told; the ones before it are. */
static void hear_mistake(void *payload, unsigned line, const struct err *err)
{
	struct mistakes *mistakes = payload;

	if (ARRAY_RESERVE(mistakes->all, mistakes->room, mistakes->n + 1))
		mistakes->all[mistakes->n++] =
		    (struct mistake){ .line = line, .err = *err };
}

/* Returns the exit status. */
static int tell_mistakes(struct app *app, const char *path)
{
	_cleanup_(mistakes_release) struct mistakes mistakes = { 0 };
	const struct config_ear ear = { hear_mistake, &mistakes };
	struct err err;

	if (settings_check(&app->args, &ear, &err))
		return app_fail(app, &err);
	if (mistakes.n > 0)
		qsort(mistakes.all, mistakes.n, sizeof(*mistakes.all), by_line);
	for (size_t i = 0; i < mistakes.n; i++) {
		const struct mistake *one = &mistakes.all[i];

		if (app->is_json)
			app_out_json(app, mistake_json(path, one->line, one->err.msg));
		else
			app_out_path(app, err_shown(&one->err));
	}
	if (mistakes.n > 0)
		return app_usage(app,
		    "'%s' has mistakes, %zu in all; other verbs refuse to go on with it",
		    path, mistakes.n);
	app_say(app,
	    fs_exists(path) ? _("'%s' is fine")
			    : _("there is no '%s', and none is needed"),
	    path);
	return DQ_OK;
}

static int run_check(struct app *app, const char *path)
{
	return tell_mistakes(app, path);
}

/* --- set, unset -------------------------------------------------------------- */

/* The key that is meant: with --profile on the command line, of that profile. */
static enum err_kind meant_key(
    const struct app *app, struct key *ret_key, struct err *err)
{
	const char *name = app->args.left[1];
	const struct value *profile = &app->args.of[OPT_PROFILE];
	char where[KEY_SHOWN_MAX];

	(void)snprintf(where, sizeof(where), "config %s", app->args.left[0]);
	if (key_read(name, where, ret_key, err))
		return err->kind;
	if (profile->origin != FROM_ARGV || ret_key->section != CONFIG_DEFAULT)
		return ERR_OK;
	if (!config_is_name(profile->text))
		return err_set(err, ERR_USAGE,
		    "%s: '%s' can't name a section of the config file", where,
		    profile->text);
	ret_key->section = CONFIG_PROFILE;
	(void)snprintf(ret_key->profile, sizeof(ret_key->profile), "%s", profile->text);
	return key_check(CONFIG_PROFILE, name, where, err);
}

static enum err_kind check_value(
    const struct key *key, const char *value, struct err *err)
{
	if (config_is_cookie(key->name, value))
		return err_set(err, ERR_USAGE,
		    "%s: a cookie does not belong into this file; run 'dreamq auth "
		    "import'",
		    "config set");
	/* Others can read a command line: what --proxy refuses can't come this way. */
	if (key->section != CONFIG_ALIAS && !strcmp(key->name, options[OPT_PROXY].name) &&
	    strchr(value, '@'))
		return err_set(err, ERR_USAGE,
		    "config set: a proxy's name and password can be read by others on "
		    "the "
		    "command line; write 'proxy = ...' with 'dreamq config edit'");
	if (key->section != CONFIG_ALIAS &&
	    !strcmp(key->name, options[OPT_WEBHOOK].name) && strpbrk(value, "?@"))
		return err_set(err, ERR_USAGE,
		    "config set: what stands behind a '?' or before an '@' of a webhook "
		    "can "
		    "be read by others on the command line; write 'webhook = ...' with "
		    "'dreamq config edit'");
	if (strpbrk(value, "\r\n"))
		return err_set(
		    err, ERR_USAGE, "config set: a value of the config file is one line");
	return key_check_value(key->section, key->name, value, "config set", err);
}

/*
 * Until the descriptor is closed we alone change the files of this folder. Where there
 * are no locks, two at once can lose a line as before.
 */
static int lock_folder_of(const char *path)
{
	_cleanup_free_ char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (!folder)
		return -1;
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)flock(fd, LOCK_EX);
	return fd;
}

/* `value` NULL takes it away. */
static enum err_kind change(const char *path, const struct key *key, const char *value,
    bool *ret_found, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(FILE_BYTES_MAX);
	_cleanup_free_ char *made = NULL;
	_cleanup_(closep) int lock = -1;

	if (value && fs_make_parent(path, 0700, err))
		return err->kind;
	lock = lock_folder_of(path);
	if (read_text(path, &text, err))
		return err->kind;
	made = config_edit(text.data, key, value, ret_found);
	if (!made)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (strlen(made) > FILE_BYTES_MAX)
		return err_set(err, ERR_USAGE,
		    "'%s' would be larger than a config file can be", path);
	return strcmp(made, text.data) ? replace(path, made, err) : ERR_OK;
}

/* Another line may be wrong: then no verb goes on, and whoever wrote this should know. */
static void warn_of_mistakes(struct app *app, const char *path)
{
	_cleanup_(mistakes_release) struct mistakes mistakes = { 0 };
	const struct config_ear ear = { hear_mistake, &mistakes };
	struct err err;

	if (!settings_check(&app->args, &ear, &err) && mistakes.n > 0)
		app_warn(app,
		    _("'%s' has mistakes in other lines; run 'dreamq config check'"),
		    path);
}

static int run_set(struct app *app, const char *path)
{
	const char *value = app->args.left[2];
	bool was_there = false;
	struct key key;
	struct err err;

	if (meant_key(app, &key, &err) || check_value(&key, value, &err) ||
	    change(path, &key, value, &was_there, &err))
		return app_fail(app, &err);
	warn_of_mistakes(app, path);
	return DQ_OK;
}

static int run_unset(struct app *app, const char *path)
{
	bool was_there = false;
	struct key key;
	struct err err;

	if (meant_key(app, &key, &err) || change(path, &key, NULL, &was_there, &err))
		return app_fail(app, &err);
	if (was_there) {
		warn_of_mistakes(app, path);
		return DQ_OK;
	}
	app->has_told_error = true;
	app_warn(app, _("'%s' does not set '%s'"), path, app->args.left[1]);
	return DQ_FAILED;
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
	_cleanup_free_ char *command = NULL;
	struct keys kept;
	int status = 0, rc;
	pid_t child;

	editor = editor && *editor ? editor : "vi";
	if (asprintf(&command, "%s \"$1\"", editor) < 0) {
		command = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	keys_leave(&kept);
	child = fork();
	if (child == 0) {
		keys_take(&kept);
		(void)signal(SIGPIPE, SIG_DFL);
		(void)signal(SIGXFSZ, SIG_DFL);
		(void)execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
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
		kind = replace(path, sample.data, &err);
	}
	buf_release(&sample);
	if (kind || run_editor(path, &err))
		return app_fail(app, &err);
	return tell_mistakes(app, path);
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
	{ "check", run_check, 1, 1, NULL },
	{ "edit", run_edit, 1, 1, NULL },
	{ "get", config_get, 2, 2, "KEY" },
	{ "list", config_list, 1, 2, "KEY" },
	{ "path", run_path, 1, 1, NULL },
	{ "sample", run_sample, 1, 1, NULL },
	{ "set", run_set, 3, 3, "KEY VALUE" },
	{ "unset", run_unset, 2, 2, "KEY" },
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
