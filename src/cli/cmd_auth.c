#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/redact.h"
#include "cli/app.h"
#include "cli/i18n.h"
#include "cli/secret.h"
#include "cli/words.h"

enum { WORDS_SHOWN_MAX = 300 };

static const char *const auth_words[] = { "import", "remove", "status", NULL };

/* --- import --- */

/* An argument that is no file but looks like the cookie itself is not repeated. */
static int refuse_value(struct app *app, const char *word)
{
	if (!strchr(word, '=') && strlen(word) < 32)
		return 0;
	if (strchr(word, '/') || fs_exists(word))
		return 0;
	return app_usage(app,
	    _("'auth import' takes a file, not the cookie: what stands on a command "
	      "line, "
	      "others can see; give it on standard input"));
}

static int import_text(struct app *app, const char *path, char text[SECRET_MAX])
{
	size_t len = 0;
	bool is_exposed = false;
	struct dq_error error = { 0 };
	struct err err;
	enum dq_status status;

	if (secret_read(
		path, _("cookie (it is not shown): "), text, &len, &is_exposed, &err))
		return app_fail(app, &err);
	if (is_exposed)
		app_warn(app, _("'%s' can be read by others; remove it now"), path);
	status = dq_auth_import(app->dq, text, len, &error);
	return status ? app_fail_dq(app, status, &error) : DQ_OK;
}

static int auth_import(struct app *app)
{
	const char *path = app->args.n_left > 1 ? app->args.left[1] : NULL;
	char text[SECRET_MAX];
	int status;

	if (app->args.n_left > 2)
		return app_usage(app, _("'auth import' takes one file"));
	status = path ? refuse_value(app, path) : 0;
	if (status)
		return status;
	status = import_text(app, path, text);
	redact_wipe(text, sizeof(text));
	if (!status)
		app_say(
		    app, _("the cookie is kept; 'dreamq auth status' asks the service"));
	return status;
}

/* --- status --- */

static bool add_time(cJSON *object, const char *key, int64_t unix_s)
{
	char iso[CLOCK_ISO_MAX];

	if (unix_s <= 0)
		return cJSON_AddNullToObject(object, key);
	return cJSON_AddStringToObject(object, key, clock_iso(unix_s * 1000, iso));
}

static bool add_or_null(cJSON *object, const char *key, bool is_known, cJSON *value)
{
	if (is_known && value)
		return cJSON_AddItemToObject(object, key, value);
	cJSON_Delete(value);
	return cJSON_AddNullToObject(object, key);
}

/* docs/schema/login.schema.json */
static void print_json(struct app *app, const struct dq_login *login)
{
	_cleanup_(json_deletep) cJSON *object = cJSON_CreateObject();
	_cleanup_free_ char *line = NULL;

	if (!object ||
	    !cJSON_AddNumberToObject(object, "schema_version", DQ_SCHEMA_VERSION) ||
	    !cJSON_AddStringToObject(object, "event", "login") ||
	    !cJSON_AddStringToObject(
		object, "profile", login->profile ? login->profile : "default") ||
	    !cJSON_AddStringToObject(object, "path", login->path) ||
	    !cJSON_AddBoolToObject(object, "exists", login->exists) ||
	    !add_or_null(
		object, "valid", login->was_asked, cJSON_CreateBool(login->is_valid)) ||
	    !add_time(object, "expires_at", login->expires_unix) ||
	    !add_or_null(object, "credit", login->credit >= 0,
		cJSON_CreateNumber((double)login->credit)))
		return;
	line = cJSON_PrintUnformatted(object);
	if (line)
		app_out(app, line);
}

static void print_field(struct app *app, const char *label, const char *value)
{
	char line[WORDS_SHOWN_MAX + sizeof(((struct dq_login *)0)->path)];

	(void)snprintf(line, sizeof(line), "%s: %s", label, value);
	app_out(app, line);
}

static void print_login(struct app *app, const struct dq_login *login)
{
	char text[WORDS_TIME_MAX];
	const char *verdict =
	    login->is_valid ? _("accepted by the service") : _("refused by the service");

	print_field(app, _("profile"), login->profile ? login->profile : "default");
	print_field(app, _("cookie file"), login->path);
	if (!login->exists)
		verdict = _("no usable cookie");
	else if (!login->was_asked)
		verdict = _("there; the service could not be asked");
	print_field(app, _("login"), verdict);
	if (login->expires_unix > 0)
		print_field(
		    app, _("expires"), words_time(login->expires_unix * 1000, text));
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
			print_json(app, &login);
		else
			print_login(app, &login);
	}
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
} sub_verbs[] = {
	{ "import", auth_import, 3 },
	{ "remove", auth_remove, 1 },
	{ "status", auth_status, 1 },
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
			    app, _("'auth %s' takes no argument"), sub_verbs[i].word);
		if (app_open(app, NULL, NULL, &err))
			return app_fail(app, &err);
		return sub_verbs[i].run(app);
	}
	return app_usage(app, _("'auth' needs one of: import, remove, status"));
}

const struct command cmd_auth = {
	.name = "auth",
	.synopsis = "import [FILE] | status | remove",
	.summary = N_("the account's cookie: keep it, ask about it, remove it"),
	.details = N_(
	    "'import' reads it from a file or standard input (typed, it is not shown): "
	    "'name=value; ...', a bare sessionid, or the lines of a cookies.txt. It is "
	    "kept in a file that only you can read. 'status' asks the service whether "
	    "it holds. 'remove' overwrites and removes it."),
	.example = "dreamq auth import < cookie.txt",
	.words = auth_words,
	.takes = ARGS_WORDS,
	.run = auth_run,
};
