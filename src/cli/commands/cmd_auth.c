#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/redact.h"
#include "cli/app/app.h"
#include "cli/app/app_open.h"
#include "cli/app/profile.h"
#include "cli/app/secret.h"
#include "cli/output/table.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"
#include "dreamq/json.h"
#include "dreamq/login.h"

enum { WORDS_SHOWN_MAX = 300 };

static const enum opt_id auth_opts[] = { OPT_FROM_BROWSER, OPT_KEYRING, OPT_COUNT };
static const char *const auth_words[] = { "import", "list", "remove", "status", NULL };

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, EXPIRY_MAX = 128 };

/* Says "2026-11-22 21:30:05 (in 3 days)". */
static const char *describe_expiry(const struct dq_login *login, char into[EXPIRY_MAX])
{
	const long long left_s = (long long)login->expires_in_s;
	char when[WORDS_TIME_MAX];

	if (login->expires_unix <= 0)
		return _("unknown");
	(void)words_time(login->expires_unix * 1000, when);
	if (left_s <= 0)
		(void)snprintf(into, EXPIRY_MAX, _("%s (over)"), when);
	else if (left_s >= 3LL * DAY_S)
		(void)snprintf(
		    into, EXPIRY_MAX, _("%s (in %lld days)"), when, left_s / DAY_S);
	else if (left_s >= HOUR_S)
		(void)snprintf(
		    into, EXPIRY_MAX, _("%s (in %lld h)"), when, left_s / HOUR_S);
	else
		(void)snprintf(
		    into, EXPIRY_MAX, _("%s (in %lld min)"), when, (left_s + 59) / 60);
	return into;
}

/* --- import --- */

/* An argument that is no file but looks like the cookie itself is not repeated. */
static int refuse_value(struct app *app, const char *word)
{
	if (!strchr(word, '=') && strlen(word) < 32)
		return 0;
	if (strchr(word, '/') || fs_exists(word))
		return 0;
	return app_usage(app,
	    "'auth import' takes a file, not the cookie: what stands on a command "
	    "line, "
	    "others can see; give it on standard input");
}

static int import_text(struct app *app, const char *path, char text[SECRET_MAX])
{
	size_t len = 0;
	bool is_exposed = false;
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (secret_read(app, path, text, &len, &is_exposed, &err))
		return app_fail(app, &err);
	if (is_exposed)
		app_warn(app, _("'%s' can be read by others; remove it now"), path);
	status = args_is_on(&app->args, OPT_KEYRING)
	    ? dq_auth_import_to_keyring(app->dq, text, len, &error)
	    : dq_auth_import(app->dq, text, len, &error);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

/* Is a cookie about to be replaced? Neither keyring nor service is asked. */
static bool has_cookie(const struct app *app)
{
	const char *profile = args_text(&app->args, OPT_PROFILE);
	const char *named = args_text(&app->args, OPT_COOKIE_FILE);
	_cleanup_free_ char *standard =
	    dq_default_path(DQ_PATH_COOKIE, profile ? profile : "default");

	if (named || !standard)
		return named && fs_exists(named);
	return profile_has_cookie(profile ? profile : "default");
}

static void say_kept(struct app *app, bool was_there)
{
	const char *profile = args_text(&app->args, OPT_PROFILE);
	struct dq_login login = { .credit = -1 };
	char expiry[EXPIRY_MAX];

	app_say(app,
	    was_there ? _("the cookie of profile '%s' is replaced; 'dreamq auth status' "
			  "asks the service")
		      : _("the cookie of profile '%s' is kept; 'dreamq auth status' asks "
			  "the service"),
	    profile ? profile : "default");
	if (args_is_on(&app->args, OPT_KEYRING) ||
	    dq_auth_status(app->dq, false, &login, NULL) || login.expires_unix <= 0)
		return;
	app_say(app, _("it ends on %s"), describe_expiry(&login, expiry));
}

static int import_browser(struct app *app, const char *browser)
{
	struct dq_error error = { 0 };
	enum dq_status status;

	if (app->args.n_left > 1)
		return app_usage(
		    app, "'auth import' takes a file or --from-browser, not both");
	status = dq_auth_import_from_browser(
	    app->dq, browser, args_is_on(&app->args, OPT_KEYRING), &error);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

static int auth_import(struct app *app)
{
	const char *browser = args_text(&app->args, OPT_FROM_BROWSER);
	const char *path = app->args.n_left > 1 ? app->args.left[1] : NULL;
	const bool was_there = has_cookie(app);
	char text[SECRET_MAX];
	int status;

	if (app->args.n_left > 2)
		return app_usage(app, "'auth import' takes one file");
	status = path ? refuse_value(app, path) : 0;
	if (status)
		return status;
	status = browser ? import_browser(app, browser) : import_text(app, path, text);
	redact_wipe(text, sizeof(text));
	if (!status)
		say_kept(app, was_there);
	return status;
}

/* --- status --- */

static const char *name_of(const struct dq_login *login)
{
	return login->profile ? login->profile : "default";
}

static void print_field(struct app *app, const char *label, const char *value)
{
	char line[WORDS_SHOWN_MAX + sizeof(((struct dq_login *)0)->path)];

	(void)snprintf(line, sizeof(line), "%s: %s", label, value);
	app_out_path(app, line); /* a path may be in it */
}

static void print_login(struct app *app, const struct dq_login *login)
{
	char text[EXPIRY_MAX];
	const char *verdict =
	    login->is_valid ? _("accepted by the service") : _("refused by the service");

	print_field(app, _("profile"), name_of(login));
	print_field(app, login->is_in_keyring ? _("cookie") : _("cookie file"),
	    login->is_in_keyring ? _("in the keyring") : login->path);
	if (!login->exists)
		verdict = _("no usable cookie");
	else if (!login->was_asked)
		verdict = _("there; the service could not be asked");
	print_field(app, _("login"), verdict);
	if (login->expires_unix > 0)
		print_field(app, _("expires"), describe_expiry(login, text));
	if (login->credit >= 0) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)login->credit);
		print_field(app, _("credit"), text);
	}
}

static int auth_status(struct app *app)
{
	struct dq_login login = { .credit = -1 };
	struct dq_error error = { 0 };
	enum dq_status status = dq_auth_status(app->dq, true, &login, &error);

	if (login.path[0]) {
		if (app->is_json)
			app_out_json(app, dq_login_json(&login));
		else
			print_login(app, &login);
	}
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

/* --- list --- */

static const char *place_of(const struct dq_login *login)
{
	if (login->is_in_keyring)
		return _("in the keyring");
	return login->exists ? _("in a file") : _("in a file, not usable");
}

struct listing {
	struct app *app;
	struct table table;
};

static void hear_login(void *payload, const struct dq_login *login)
{
	struct listing *listing = payload;
	char expiry[EXPIRY_MAX];
	const struct cell row[] = {
		{ name_of(login), TONE_PLAIN },
		{ place_of(login), login->exists ? TONE_PLAIN : TONE_BAD },
		{ describe_expiry(login, expiry),
		    login->expires_unix > 0 && login->expires_in_s <= 0 ? TONE_BAD
									: TONE_PLAIN },
	};

	if (listing->app->is_json)
		app_out_json(listing->app, dq_login_json(login));
	else
		(void)table_add(&listing->table, row);
}

static void print_table(struct app *app, const struct table *table)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		struct buf line = buf_make(WORDS_MAX);

		table_format(table, table_row(table, i), app->out_style, 0, &line);
		if (!buf_failed(&line))
			app_out(app, line.data);
		buf_release(&line);
	}
}

static int auth_list(struct app *app)
{
	struct listing listing = { app, table_make(3) };
	struct dq_error error = { 0 };
	enum dq_status status = dq_auth_list(app->dq, hear_login, &listing, &error);

	print_table(app, &listing.table);
	table_release(&listing.table);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

/* --- remove --- */

static int auth_remove(struct app *app)
{
	struct dq_error error = { 0 };
	enum dq_status status = dq_auth_remove(app->dq, &error);

	if (status)
		return app_fail_dq(app, status, &error);
	app_say(app, _("the cookie is removed"));
	return DQ_OK;
}

static const struct {
	const char *word;
	int (*run)(struct app *app);
	size_t words_max;
	bool is_of_profile; /* which must be there */
} sub_verbs[] = {
	{ "import", auth_import, 3, false },
	{ "list", auth_list, 1, false },
	{ "remove", auth_remove, 1, true },
	{ "status", auth_status, 1, true },
};

static int auth_run(struct app *app)
{
	const struct args *args = &app->args;
	struct err err;

	for (size_t i = 0; i < sizeof(sub_verbs) / sizeof(sub_verbs[0]); i++) {
		if (args->n_left == 0 || strcmp(args->left[0], sub_verbs[i].word) != 0)
			continue;
		if (args->n_left > sub_verbs[i].words_max)
			return app_usage(
			    app, "'auth %s' takes no argument", sub_verbs[i].word);
		if (args->of[OPT_KEYRING].origin == FROM_ARGV &&
		    sub_verbs[i].run != auth_import)
			return app_usage(app, "--keyring belongs to 'auth import'");
		if (args_has(args, OPT_FROM_BROWSER) && sub_verbs[i].run != auth_import)
			return app_usage(app, "--from-browser belongs to 'auth import'");
		if (app_open(app, NULL, NULL, &err))
			return app_fail(app, &err);
		if (sub_verbs[i].is_of_profile && profile_check(app, &err))
			return app_fail(app, &err);
		return sub_verbs[i].run(app);
	}
	return app_usage(app, "'auth' needs one of: import, list, remove, status");
}

const struct command cmd_auth = {
	.name = "auth",
	.synopsis = "import [--keyring] [FILE | --from-browser BROWSER[:PROFILE]] | "
		    "status | list | remove",
	.summary = N_("the account's cookie: keep it, ask about it, remove it"),
	.details = N_(
	    "'import' reads it from a file or standard input (typed, it is not shown): "
	    "'name=value; ...', a bare sessionid, a cookies.txt, cookies as JSON from a "
	    "browser's extension, or a request as a browser copies it (as cURL, "
	    "PowerShell, fetch, HAR, or its header lines), or with --from-browser from a "
	    "browser that is logged in. Of these only the cookies for "
	    "the service are taken. It is kept in a file that only you can read, or with "
	    "--keyring in the desktop's "
	    "keyring. 'status' asks the service whether it holds. 'list' shows every "
	    "profile's, without asking. 'remove' overwrites and removes it."),
	.example = "dreamq auth import < cookie.txt",
	.opts = auth_opts,
	.words = auth_words,
	.takes = ARGS_WORDS,
	.run = auth_run,
};
