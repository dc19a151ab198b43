#include "cli/commands/config_check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/shell_word.h"
#include "cli/app/columns.h"
#include "cli/output/cli_json.h"
#include "cli/term/i18n.h"

enum { PATH_BYTES = 32 * 1024 };

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

static bool is_secret(const struct config_entry *entry)
{
	return (!strcmp(entry->key, options[OPT_PROXY].name) &&
		   strchr(entry->value, '@')) ||
	    (!strcmp(entry->key, options[OPT_WEBHOOK].name) &&
		strpbrk(entry->value, "?@"));
}

/*
 * A password or a key in a URL is the one secret that may stand there. The mode is the
 * user's, as git has it: whoever shares a file shares it; but not without a word.
 */
static void warn_of_readers(struct app *app, const char *path)
{
	_cleanup_(config_release) struct config config = { 0 };
	_cleanup_(buf_release) struct buf word = buf_make(PATH_BYTES);
	struct stat st;
	struct err err;

	if (stat(path, &st) || !(st.st_mode & (S_IRWXG | S_IRWXO)) ||
	    settings_read(&app->args, &config, &err))
		return;
	for (size_t i = 0; i < config.n_entries; i++) {
		if (!is_secret(&config.entries[i]))
			continue;
		shell_operand_add(&word, path);
		app_warn(app,
		    _("others can read '%s', and a secret is in the URL of '%s': run "
		      "`chmod 600 %s`"),
		    path, config.entries[i].key, word.data);
		return;
	}
}

enum err_kind config_check_value(
    const char *key, const char *value, const char *where, struct err *err)
{
	struct columns columns = { .n = 0 };

	if (strcmp(key, options[OPT_COLUMNS].name) != 0)
		return ERR_OK;
	return columns_make(value, where, &columns, err);
}

int config_check(struct app *app, const char *path)
{
	_cleanup_(mistakes_release) struct mistakes mistakes = { 0 };
	const struct config_ear ear = { hear_mistake, config_check_value, &mistakes };
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
	warn_of_readers(app, path);
	app_say(app,
	    fs_exists(path) ? _("'%s' is fine")
			    : _("there is no '%s', and none is needed"),
	    path);
	return DQ_OK;
}

/* Another line may be wrong: then no verb goes on, and whoever wrote this should know. */
void config_check_rest(struct app *app, const char *path)
{
	_cleanup_(mistakes_release) struct mistakes mistakes = { 0 };
	const struct config_ear ear = { hear_mistake, config_check_value, &mistakes };
	struct err err;

	warn_of_readers(app, path);
	if (!settings_check(&app->args, &ear, &err) && mistakes.n > 0)
		app_warn(app,
		    _("'%s' has mistakes in other lines; run 'dreamq config check'"),
		    path);
}
