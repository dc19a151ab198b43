#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/app/app.h"
#include "cli/app/network.h"
#include "cli/app/report.h"
#include "cli/commands/config_check.h"
#include "cli/options/advice.h"
#include "cli/output/table.h"
#include "cli/term/i18n.h"
#include "cli/term/wrap.h"
#include "dreamq/doctor.h"
#include "dreamq/json.h"

static const enum opt_id doctor_opts[] = { OPT_MAX_WAIT, OPT_OUTPUT_DIR, OPT_SINK,
	OPT_COUNT };

enum {
	LINE_BYTES = 16384,
	LINES_BYTES = 32768,
	NAME_COLUMNS = 12,
	VERDICT_COLUMNS = 6,
	TEXT_COLUMN = VERDICT_COLUMNS + 1 + NAME_COLUMNS + 1,
	TEXT_MIN = 30, /* with less room the text comes below */
};

static const char *verdict_shown(const char *verdict)
{
	static const struct {
		const char *verdict, *shown;
	} words[] = {
		{ "ok", N_("ok") },
		{ "warn", N_("warn") },
		{ "bad", N_("bad") },
		{ "skipped", N_("skip") },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].verdict, verdict))
			return _(words[i].shown);
	return verdict;
}

static enum tone verdict_tone(const char *verdict)
{
	if (!strcmp(verdict, "ok"))
		return TONE_GOOD;
	if (!strcmp(verdict, "bad"))
		return TONE_BAD;
	return !strcmp(verdict, "warn") ? TONE_BUSY : TONE_DIM;
}

static int blanks_behind(const char *text, size_t columns)
{
	const size_t width = text_width(text);

	return (int)(width < columns ? columns - width : 0);
}

/* What was found, and what to do: beside `head`, and broken on a terminal only. */
static void add_text(struct buf *line, const char *head, const char *text, size_t columns)
{
	if (columns == 0)
		buf_addf(line, "%s %s\n", head, text);
	else if (columns < TEXT_COLUMN + TEXT_MIN) {
		buf_addf(line, "%s\n", head);
		wrap_add(line, text, 2, (unsigned)columns);
	} else {
		buf_addf(line, "%s ", head);
		wrap_add_beside(line, text, TEXT_COLUMN, (unsigned)columns);
	}
}

/* Verdict, what it is about, what was found; and what to do. */
static void print_check(struct app *app, const struct dq_check *check)
{
	const char *verdict = verdict_shown(check->verdict);
	const enum tone tone = verdict_tone(check->verdict);
	_cleanup_(buf_release) struct buf lines = buf_make(LINES_BYTES);
	char head[128], text[LINE_BYTES];

	(void)snprintf(head, sizeof(head), "%s%s%s%*s %s%*s",
	    style_on(app->out_style, tone), verdict, style_off(app->out_style, tone),
	    blanks_behind(verdict, VERDICT_COLUMNS), "", check->name,
	    blanks_behind(check->name, NAME_COLUMNS), "");
	(void)snprintf(text, sizeof(text), "%s%s%s%s", check->shown,
	    *check->todo_shown ? _(" (") : "", check->todo_shown,
	    *check->todo_shown ? _(")") : "");
	add_text(&lines, head, text, report_columns(app));
	if (lines.len > 0)
		lines.data[lines.len - 1] = '\0'; /* app_out() ends the last one */
	app_out(app, lines.data);
}

/* A command that is advised is about what was looked at, not about the defaults. */
static void hear_check(void *payload, const struct dq_check *check)
{
	struct app *app = payload;
	struct dq_check whole = *check;
	const char **texts[] = { &whole.message, &whole.shown, &whole.todo,
		&whole.todo_shown };
	char *completed[4];

	for (size_t i = 0; i < 4; i++) {
		completed[i] = advice_complete(&app->args, *texts[i]);
		*texts[i] = completed[i] ? completed[i] : *texts[i];
	}
	if (app->is_json)
		app_out_json(app, dq_check_json(&whole));
	else
		print_check(app, &whole);
	for (size_t i = 0; i < 4; i++)
		free(completed[i]);
}

/* --- the config file, which the library does not know ------------------------- */

struct mistakes {
	size_t n;
	struct err first;
};

static void hear_mistake(void *payload, unsigned line, const struct err *err)
{
	struct mistakes *mistakes = payload;

	(void)line;
	if (mistakes->n++ == 0)
		mistakes->first = *err;
}

/* Whoever has no file has no mistakes. Returns whether it is good. */
static bool check_config(struct app *app)
{
	struct mistakes mistakes = { 0 };
	const struct config_ear ear = { hear_mistake, config_check_value, &mistakes };
	_cleanup_free_ char *path = settings_path(&app->args);
	struct err said = { 0 }, todo = { 0 };
	const bool can_read = !settings_check(&app->args, &ear, &said);
	const bool is_good = can_read && mistakes.n == 0;

	if (can_read && mistakes.n > 0)
		said = mistakes.first;
	else if (can_read && path && fs_exists(path))
		err_set(&said, ERR_OK, "'%.300s' has no mistakes", path);
	else if (can_read)
		err_set(&said, ERR_OK, "there is none, and none is needed");
	if (!is_good)
		err_set(&todo, ERR_OK, "run 'dreamq config edit'");
	text_make_printable(said.msg);
	text_make_printable(said.shown);
	const struct dq_check told = { .name = "config",
		.verdict = is_good ? "ok" : "bad",
		.message = said.msg,
		.shown = err_shown(&said),
		.todo = todo.msg,
		.todo_shown = err_shown(&todo) };

	hear_check(app, &told);
	return is_good;
}

/* The one of the config file is about tasks. */
static int64_t max_wait_ms(const struct args *args)
{
	const struct value *value = &args->of[OPT_MAX_WAIT];

	if (value->origin != FROM_ARGV)
		return 0;
	return value->number > 0 ? value->number : 1;
}

static int doctor_run(struct app *app)
{
	const struct args *args = &app->args;
	const bool is_config_good = check_config(app);
	struct dq_network network;
	struct err err;

	if (settings_load(&app->args, &app->settings, &err))
		args_drop_file(&app->args);
	app_configure(app);
	app_out_at_once();
	if (network_options(app, &network, &err))
		return app_fail(app, &err);
	const struct dq_options dq_options = {
		.size_bytes = sizeof(dq_options),
		.api_base = args_text(args, OPT_API_BASE),
		.submit_base = args_text(args, OPT_SUBMIT_BASE),
		.cookie_file = args_text(args, OPT_COOKIE_FILE),
		.ledger = args_text(args, OPT_LEDGER),
		.profile = args_text(args, OPT_PROFILE),
		.wire = app->settings.wire,
		.network = &network,
	};
	const struct dq_doctor doctor = {
		.size_bytes = sizeof(doctor),
		.folder = app_folder(app),
		.max_wait_ms = max_wait_ms(args),
		.on_check = hear_check,
		.payload = app,
	};
	struct dq_error error;
	const enum dq_status status = dq_doctor(&dq_options, &doctor, &error);

	if (status && status != DQ_FAILED)
		return app_fail_dq(app, status, &error);
	app->has_told_error = true; /* the checks are the lines */
	return status || !is_config_good ? DQ_FAILED : DQ_OK;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.synopsis = "[-o DIR] [--max-wait DUR]",
	.summary = N_("is all well? the network, the login, the disks, the ledger"),
	.details = N_(
	    "A line for each check: ok, warn, bad or skip, what was found, and what to "
	    "do. "
	    "The config file, libraries, language, disk of the files and of the ledger, "
	    "the ledger itself, proxy, name, certificate, clock, cookie, API and CDN. "
	    "Nothing is submitted: the balance is asked for once, and the newest task "
	    "that "
	    "has succeeded, for a link of the CDN. Each check has 5 seconds "
	    "(--max-wait). "
	    "Exit status 1 when one is bad, else 0."),
	.example = "dreamq doctor",
	.opts = doctor_opts,
	.takes = ARGS_NONE,
	.needs_no_settings = true,
	.run = doctor_run,
};
