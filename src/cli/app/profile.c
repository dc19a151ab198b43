#include "cli/app/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/term/i18n.h"
#include "dreamq/login.h"

enum { NAMES_MAX = 12, NAME_BYTES = DQ_ID_MAX + 1, LISTED_MAX = 1000, LINE_BYTES = 300 };

static const char first_profile[] = "default";

/* --- is it known? ------------------------------------------------------------------ */

/* Which need no cookie: that one was named tells nothing of the profile. */
static bool reads_ledger_only(const struct command *command)
{
	static const char *const names[] = { "export", "forget", "list", "list_task",
		"show", "stats", "verify" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(command->name, names[i]))
			return true;
	return false;
}

bool profile_has_cookie(const char *profile)
{
	_cleanup_free_ char *path = dq_default_path(DQ_PATH_COOKIE, profile);
	_cleanup_(buf_release) struct buf note = buf_make((size_t)LINE_BYTES * 16);

	if (!path)
		return false;
	buf_addf(&note, "%s.keyring", path);
	return fs_exists(path) || (!buf_failed(&note) && fs_exists(note.data));
}

bool profile_has_login(const struct args *args)
{
	const char *named = args_text(args, OPT_COOKIE_FILE);
	const char *profile = args_text(args, OPT_PROFILE);

	return named ? fs_exists(named)
		     : profile_has_cookie(profile ? profile : first_profile);
}

static bool has_section(const struct app *app, const char *profile)
{
	const struct config *config = &app->settings.config;

	for (size_t i = 0; i < config->n_entries; i++)
		if (config->entries[i].profile &&
		    !strcmp(config->entries[i].profile, profile))
			return true;
	return false;
}

/* --- which are there? ------------------------------------------------------------ */

struct names {
	char of[NAMES_MAX][NAME_BYTES];
	size_t n, n_more;
};

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->of[i], name))
			return;
	if (names->n == NAMES_MAX)
		names->n_more++;
	else
		(void)snprintf(names->of[names->n++], NAME_BYTES, "%s", name);
}

static void hear_login(void *payload, const struct dq_login *login)
{
	if (login->profile)
		add_name(payload, login->profile);
}

static void hear_task(void *payload, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_TASK && event->task->account)
		add_name(payload, event->task->account);
}

/* False when the ledger can't tell. Ids that the service has never known tell of a
 * profile, too, but are only listed when asked for. */
static bool add_of_ledger(struct app *app, bool all, struct names *names)
{
	static const char *const states[] = { NULL, "not_found" };
	const bool was_quiet = app->is_quiet;
	enum dq_status status = DQ_OK;
	struct dq_error error;

	app_listen(app, hear_task, names);
	app->is_quiet = true;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states) && status == DQ_OK; i++) {
		const struct dq_filter filter = { .size_bytes = sizeof(filter),
			.state = states[i],
			.limit = all ? LISTED_MAX : 1,
			.all_accounts = all };

		status = dq_list(app->dq, &filter, &error);
	}
	app->is_quiet = was_quiet;
	return status == DQ_OK;
}

static enum err_kind refuse(struct app *app, const char *profile, struct err *err)
{
	_cleanup_(buf_release) struct buf list = buf_make(LINE_BYTES);
	const struct config *config = &app->settings.config;
	struct names names = { 0 };
	struct dq_error ignored;

	add_name(&names, first_profile);
	(void)dq_auth_list(app->dq, hear_login, &names, &ignored);
	for (size_t i = 0; i < config->n_entries; i++)
		if (config->entries[i].profile)
			add_name(&names, config->entries[i].profile);
	(void)add_of_ledger(app, true, &names);
	for (size_t i = 0; i < names.n; i++) {
		if (list.len + strlen(names.of[i]) > LINE_BYTES / 2) {
			names.n_more += names.n - i;
			break;
		}
		buf_addf(&list, "%s%s", i ? ", " : "", names.of[i]);
	}
	if (names.n_more)
		buf_addf(&list, ", ...");
	return err_set(err, ERR_USAGE,
	    "there is no profile '%s'; known are: %s ('dreamq auth import' makes a new "
	    "one)",
	    profile, list.data);
}

enum err_kind profile_check(struct app *app, struct err *err)
{
	const char *profile = args_text(&app->args, OPT_PROFILE);
	void (*const hear)(void *, const struct dq_event *) = app->hear;
	void *const payload = app->payload;
	struct names names = { 0 };
	enum err_kind kind = ERR_OK;

	if (!profile || !strcmp(profile, first_profile) || profile_has_cookie(profile) ||
	    has_section(app, profile))
		return ERR_OK;
	if (args_has(&app->args, OPT_COOKIE_FILE) && !reads_ledger_only(app->command))
		return ERR_OK;
	if (add_of_ledger(app, false, &names) && names.n == 0)
		kind = refuse(app, profile, err);
	app_listen(app, hear, payload);
	return kind;
}
