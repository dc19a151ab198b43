#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/shell_word.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/ledger.h"

static const enum opt_id ledger_opts[] = { OPT_DRY_RUN, OPT_FORCE, OPT_COUNT };
static const char *const ledger_words[] = { "accept", "backup", "check", "recover",
	NULL };

enum { PATH_TRIES = 1000, PATH_BYTES = 32 * 1024 };

/* --- check --- */

static void print_count(struct app *app, const char *what, int64_t n, int64_t wanted)
{
	char line[200];

	if (n < 0)
		(void)snprintf(line, sizeof(line), _("%s: can't be counted"), what);
	else if (wanted >= 0 && wanted != n)
		(void)snprintf(line, sizeof(line), _("%s: %lld of %lld"), what,
		    (long long)n, (long long)wanted);
	else
		(void)snprintf(line, sizeof(line), "%s: %" PRId64, what, n);
	app_out(app, line);
}

static int check(struct app *app)
{
	struct dq_ledger_health health;
	struct dq_error error = { 0 };
	enum dq_status status = dq_ledger_check(app->dq, &health, &error);

	if (health.verdict[0] && app->is_json) {
		app_out_json(app, dq_ledger_health_json(&health));
	} else if (health.verdict[0]) {
		print_count(app, _("tasks"), health.tasks, health.want_tasks);
		print_count(app, _("idempotency keys"), health.keys, health.want_keys);
		print_count(app, _("files"), health.files, health.want_files);
	}
	if (!status)
		app_say(
		    app, _("the ledger '%s' is good: every page was read"), health.path);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

/* --- recover --- */

/* A log or a mark that is left of such a file keeps its name, too. */
static bool is_taken(const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-mark" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		_cleanup_free_ char *name = NULL;

		if (asprintf(&name, "%s%s", path, suffixes[i]) < 0)
			name = NULL;
		if (!name || fs_exists(name))
			return true;
	}
	return false;
}

/* Finds "ledger.db.recovered", "ledger.db.recovered-2" ...; malloc'ed. */
static char *free_name(struct app *app)
{
	const char *url = args_text(&app->args, OPT_LEDGER);
	_cleanup_free_ char *ledger = url ? NULL : dq_default_path(DQ_PATH_LEDGER, NULL);
	const char *path = url ? url : ledger;

	if (path && !strncmp(path, "sqlite:", 7))
		path += 7;
	for (int i = 1; path && i < PATH_TRIES; i++) {
		_cleanup_free_ char *name = NULL;
		const int len = i == 1 ? asprintf(&name, "%s.recovered", path)
				       : asprintf(&name, "%s.recovered-%d", path, i);

		if (len < 0) {
			name = NULL;
			return NULL;
		}
		if (!is_taken(name))
			return TAKE_PTR(name);
	}
	return NULL;
}

static void say_unread(struct app *app, const struct dq_ledger_saved *saved)
{
	static const struct {
		const char *part, *text;
	} parts[] = {
		{ "accounts",
		    N_("not all of the accounts' pauses and budgets could be read") },
		{ "events", N_("not all of the tasks' histories could be read") },
		{ "files",
		    N_("not all that is known of files could be read: once it is "
		       "taken, 'dreamq verify' finds those that lie on the disk") },
		{ "newer",
		    N_("a newer dreamq has written it: what only that one knows "
		       "was left out") },
		{ "notes", N_("not all notes and ratings could be read") },
		{ "tags", N_("not all tags could be read") },
		{ "deliveries",
		    N_("not all that webhooks were to be told could be read") },
		{ "tasks", N_("not all that is known of tasks could be read") },
	};

	for (size_t i = 0; saved->unread[i]; i++)
		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			if (!strcmp(saved->unread[i], parts[k].part))
				app_say(app, "%s", _(parts[k].text));
}

static void say_saved(struct app *app, const struct dq_ledger_saved *saved)
{
	if (saved->lost_tasks > 0)
		app_say(app,
		    _("saved: tasks %lld, keys %lld, files %lld; tasks that are lost: "
		      "%lld at least"),
		    (long long)saved->tasks, (long long)saved->keys,
		    (long long)saved->files, (long long)saved->lost_tasks);
	else
		app_say(app,
		    _("saved: tasks %lld, keys %lld, files %lld; no task is known to be "
		      "lost"),
		    (long long)saved->tasks, (long long)saved->keys,
		    (long long)saved->files);
	if (saved->names > 0)
		app_say(app, _("of %lld of these tasks nothing but the name was left"),
		    (long long)saved->names);
	if (saved->notes > 0 || saved->tags > 0)
		app_say(app,
		    _("and of what was said of them: notes and ratings %lld, "
		      "tags %lld"),
		    (long long)saved->notes, (long long)saved->tags);
	say_unread(app, saved);
}

static int recover(struct app *app)
{
	_cleanup_free_ char *chosen = NULL;
	_cleanup_(buf_release) struct buf word = buf_make(PATH_BYTES);
	const char *path = app->args.n_left > 1 ? app->args.left[1] : NULL;
	struct dq_ledger_saved saved;
	struct dq_error error = { 0 };
	enum dq_status status;

	if (!path)
		path = chosen = free_name(app);
	if (!path)
		return app_usage(app, "name the file that is to be made");
	if (!*path)
		return app_usage(app, "the name of the file is empty");
	if (args_is_on(&app->args, OPT_DRY_RUN)) {
		if (is_taken(path))
			return app_usage(app, "'%s' exists: name another file", path);
		app_say(app,
		    _("would save what can be read into '%s'; nothing was written "
		      "(--dry-run)"),
		    path);
		return DQ_OK;
	}
	status = dq_ledger_recover(app->dq, path, &saved, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	if (app->is_json)
		app_out_json(app, dq_ledger_saved_json(path, &saved));
	else
		app_out_path(app, path);
	say_saved(app, &saved);
	shell_word_add(&word, path);
	app_say(app, _("look at it with 'dreamq list --ledger=%s', and take it with:"),
	    word.data);
	app_say(app, "  dreamq ledger accept %s%s", shell_dashes(path), word.data);
	return DQ_OK;
}

/* --- backup --- */

static int backup(struct app *app)
{
	const char *path = app->args.n_left > 1 ? app->args.left[1] : NULL;
	const bool force = args_is_on(&app->args, OPT_FORCE);
	_cleanup_(buf_release) struct buf word = buf_make(PATH_BYTES);
	struct dq_ledger_health health;
	struct dq_error error = { 0 };
	enum dq_status status;

	if (!path)
		return app_usage(app, "name the file that the copy goes into");
	if (!*path)
		return app_usage(app, "the name of the file is empty");
	if (args_is_on(&app->args, OPT_DRY_RUN)) {
		status = dq_ledger_backup_check(app->dq, path, force, &error);
		if (status)
			return app_fail_dq(app, status, &error);
		app_say(app,
		    _("would copy the ledger into '%s'; nothing was written (--dry-run)"),
		    path);
		return DQ_OK;
	}
	status = dq_ledger_backup(app->dq, path, force, &health, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	if (app->is_json)
		app_out_json(app, dq_ledger_health_json(&health));
	else
		app_out_path(app, path);
	shell_operand_add(&word, path);
	app_say(app,
	    ngettext("a copy with %lld task; 'dreamq ledger accept %s' takes it back",
		"a copy with %lld tasks; 'dreamq ledger accept %s' takes it back",
		(unsigned long)health.tasks),
	    (long long)health.tasks, word.data);
	return DQ_OK;
}

/* --- accept --- */

/* It tells what is there now; what is damaged is refused as ever. */
static int rehearse_accept(struct app *app, const char *path)
{
	struct dq_ledger_health health;
	struct dq_error error = { 0 };
	enum dq_status status = dq_ledger_check(app->dq, &health, &error);

	if (path && !fs_exists(path))
		return app_usage(app, "there is no file '%s'", path);
	if (!path && (!health.verdict[0] || !strcmp(health.verdict, "damaged")))
		return app_fail_dq(app, status, &error);
	if (app->is_json && health.verdict[0])
		app_out_json(app, dq_ledger_health_json(&health));
	if (path)
		app_say(app,
		    _("would put a copy of '%s' in place of the ledger; nothing was "
		      "written (--dry-run)"),
		    path);
	else
		app_say(app,
		    _("would take the ledger as it lies there; nothing was written "
		      "(--dry-run)"));
	return DQ_OK;
}

static int accept_one(struct app *app)
{
	const char *path = app->args.n_left > 1 ? app->args.left[1] : NULL;
	struct dq_error error = { 0 };
	enum dq_status status;

	if (args_is_on(&app->args, OPT_DRY_RUN))
		return rehearse_accept(app, path);
	status = dq_ledger_accept(app->dq, path, &error);
	if (status)
		return app_fail_dq(app, status, &error);
	app_say(app,
	    _("accepted; what had waited to be sent is not sent: 'dreamq watch' asks "
	      "what became of it"));
	return DQ_OK;
}

static int ledger_run(struct app *app)
{
	static const struct {
		const char *word;
		int (*run)(struct app *app);
		size_t n_words;
	} actions[] = {
		{ "accept", accept_one, 2 },
		{ "backup", backup, 2 },
		{ "check", check, 1 },
		{ "recover", recover, 2 },
	};
	const char *word = app->args.n_left > 0 ? app->args.left[0] : "";
	struct err err;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].word, word) != 0)
			continue;
		if (app->args.n_left > actions[i].n_words)
			return app_usage(app, "'ledger %s' takes no '%s'", word,
			    app->args.left[actions[i].n_words]);
		if (app_open(app, NULL, NULL, &err))
			return app_fail(app, &err);
		return actions[i].run(app);
	}
	return app_usage(app, "'ledger' needs one of: accept, backup, check, recover");
}

const struct command cmd_ledger = {
	.name = "ledger",
	.synopsis = "check | backup FILE [--force] | recover [FILE] | accept [FILE]",
	.summary =
	    N_("is the ledger whole? copy it, save what can be read, take another"),
	.details = N_(
	    "check: read every page, and compare the rows with what the ledger says of "
	    "itself, in the file and beside it. Exit status 6 when something is missing. "
	    "Nothing is changed.\n"
	    "backup: a copy as it is now, while others work on it, into FILE; whole, or "
	    "not there. 'dreamq ledger accept FILE' takes it back.\n"
	    "recover: write whatever can be read into FILE, a new ledger (default: the "
	    "ledger's name with .recovered), and print its name. The old one stays as it "
	    "is.\n"
	    "accept: the ledger is right as it lies there, although it lacks something "
	    "(an old copy was put back); where there is none, begin anew. With FILE, a "
	    "copy of that ledger takes its place; FILE stays as it is, and the old files "
	    "are kept as NAME.old-TIME. End every other dreamq first.\n"
	    "What had waited to be sent is asked for after recover and accept, and not "
	    "sent: it may have been sent since. With --dry-run backup, recover and "
	    "accept only tell what they would do."),
	.example = "dreamq ledger check",
	.opts = ledger_opts,
	.words = ledger_words,
	.takes = ARGS_WORDS,
	.makes_no_events = true,
	.run = ledger_run,
};
