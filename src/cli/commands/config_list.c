#include "cli/commands/config_list.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/options/keys.h"
#include "cli/output/cli_json.h"
#include "cli/output/table.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"

enum { TEXT_BYTES = 4200, KEY_BYTES = 200 };

struct listing {
	struct app *app;
	const char *path; /* of the config file */
	const char *wanted; /* keys that begin so, or are this one */
	bool is_whole; /* `wanted` is a whole key */
	struct table table;
	size_t n;
	bool has_value; /* of the last one */
};

/* --- one row ----------------------------------------------------------------- */

static const char *whence(const struct setting *row, char into[TEXT_BYTES])
{
	if (row->line)
		(void)snprintf(into, TEXT_BYTES, "%s:%u", row->file, row->line);
	else if (row->name)
		(void)snprintf(into, TEXT_BYTES, "%s%s",
		    strcmp(row->origin, "option") ? "" : "--", row->name);
	else
		(void)snprintf(
		    into, TEXT_BYTES, "%s", row->value ? _("default") : _("not set"));
	return into;
}

/* What stands behind the host of a webhook may be what protects it. */
static const char *webhook_host(const char *value, struct buf *made)
{
	const char *scheme = strstr(value, "://");
	const char *rest = scheme ? scheme + 3 + strcspn(scheme + 3, "/?#") : value;

	if (!*rest || !strcmp(rest, "/"))
		return value;
	buf_addf(made, "%.*s/***", (int)(rest - value), value);
	return buf_failed(made) ? "***" : made->data;
}

/*
 * A list is shown to others, in a report of an error, say: of a proxy's name and password
 * it tells that they are there, and of a webhook its host. Only 'get' says them. Returns
 * `value`, or what is in `made`.
 */
static const char *without_password(const char *key, const char *value, struct buf *made)
{
	const char *name = strrchr(key, '.');
	const char *at = value ? strrchr(value, '@') : NULL;
	const char *scheme = at ? strstr(value, "://") : NULL;

	if (value && !strcmp(name ? name + 1 : key, options[OPT_WEBHOOK].name))
		return webhook_host(value, made);
	if (!at || strcmp(name ? name + 1 : key, options[OPT_PROXY].name) != 0)
		return value;
	if (scheme && scheme < at)
		buf_add(made, value, (size_t)(scheme + 3 - value));
	buf_addf(made, "***%s", at);
	return buf_failed(made) ? "***" : made->data;
}

static void add_row(struct listing *listing, const struct setting *given)
{
	_cleanup_(buf_release) struct buf shut = buf_make(WORDS_MAX);
	_cleanup_(buf_release) struct buf value = buf_make(WORDS_MAX);
	struct setting row = *given;
	char text[TEXT_BYTES];
	const struct cell cells[] = {
		{ row.key, row.value ? TONE_PLAIN : TONE_DIM },
		{ NULL, TONE_PLAIN },
		{ whence(&row, text), TONE_DIM },
	};
	struct cell shown[3];

	if (listing->is_whole
		? strcmp(row.key, listing->wanted) != 0
		: strncmp(row.key, listing->wanted, strlen(listing->wanted)) != 0)
		return;
	if (!listing->is_whole)
		row.value = without_password(row.key, row.value, &shut);
	listing->n++;
	listing->has_value = row.value != NULL;
	if (listing->app->is_json) {
		app_out_json(listing->app, setting_json(&row));
		return;
	}
	words_add_clean(&value, row.value ? row.value : "");
	if (listing->is_whole && row.value) {
		app_out_path(listing->app, row.value);
		return;
	}
	memcpy(shown, cells, sizeof(shown));
	shown[1].text = value.data;
	(void)table_add(&listing->table, shown);
}

/* --- which there are --------------------------------------------------------- */

/* What the library does without the option; malloc'ed, or NULL. */
static char *made_default(const struct app *app, enum opt_id id)
{
	const char *profile = args_text(&app->args, OPT_PROFILE);

	if (id == OPT_LEDGER)
		return dq_default_path(DQ_PATH_LEDGER, NULL);
	if (id == OPT_COOKIE_FILE)
		return dq_default_path(DQ_PATH_COOKIE, profile ? profile : "default");
	return NULL;
}

static void add_option(struct listing *listing, enum opt_id id)
{
	static const char *const origins[] = {
		[FROM_NOWHERE] = "default",
		[FROM_CONFIG] = "config",
		[FROM_PROFILE] = "profile",
		[FROM_ENVIRONMENT] = "environment",
		[FROM_ARGV] = "option",
	};
	const struct app *app = listing->app;
	const struct value *value = &app->args.of[id];
	const struct opt *opt = &options[id];
	_cleanup_free_ char *made = made_default(app, id);
	struct setting row = { .key = opt->name, .origin = origins[value->origin] };

	row.value = value->text;
	if (opt->type == OPT_SWITCH)
		row.value = value->number ? "yes" : "no";
	else if (value->origin == FROM_NOWHERE)
		row.value = made ? made : opt->fallback;
	if (value->origin == FROM_ARGV)
		row.name = opt->name;
	if (value->origin == FROM_ENVIRONMENT)
		row.name = opt->env;
	row.line = settings_line(&app->settings, &app->args, id);
	row.file = row.line ? listing->path : NULL;
	add_row(listing, &row);
}

/* What stands in the file and is no value of this profile's options. */
static void add_entry(struct listing *listing, const struct config_entry *entry)
{
	const char *profile = args_text(&listing->app->args, OPT_PROFILE);
	char key[KEY_BYTES];
	struct setting row = { .key = key,
		.value = entry->value,
		.origin = "config",
		.file = listing->path,
		.line = entry->line };

	switch (entry->section) {
	case CONFIG_WIRE:
		(void)snprintf(key, sizeof(key), "wire.%s", entry->key);
		break;
	case CONFIG_ALIAS:
		(void)snprintf(key, sizeof(key), "alias.%s", entry->key);
		break;
	case CONFIG_PROFILE:
		if (!listing->is_whole && !*listing->wanted &&
		    !strcmp(entry->profile, profile ? profile : "default"))
			return; /* it counts, and stands above */
		(void)snprintf(
		    key, sizeof(key), "profile.%s.%s", entry->profile, entry->key);
		break;
	case CONFIG_DEFAULT:
		return;
	}
	add_row(listing, &row);
}

static int list(struct listing *listing)
{
	struct app *app = listing->app;
	struct err err;

	if (settings_load(&app->args, &app->settings, &err))
		return app_fail(app, &err);
	app_configure(app);
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (options[id].in_config)
			add_option(listing, id);
	for (size_t i = 0; i < app->settings.config.n_entries; i++)
		add_entry(listing, &app->settings.config.entries[i]);
	return DQ_OK;
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

/* --- verbs ------------------------------------------------------------------- */

/* An alias' beginning, say, is no key, and a list of none is one. */
int config_list(struct app *app, const char *path)
{
	const char *wanted = app->args.n_left > 1 ? app->args.left[1] : "";
	struct listing listing = { app, path, wanted, false, table_make(3), 0, false };
	int status = list(&listing);
	struct key key;
	struct err err;

	if (!status)
		print_table(app, &listing.table);
	table_release(&listing.table);
	if (!status && listing.n == 0 && !strchr(wanted, '.') &&
	    key_read(wanted, "config list", &key, &err))
		return app_fail(app, &err);
	return status;
}

int config_get(struct app *app, const char *path)
{
	const char *name = app->args.left[1];
	struct listing listing = { app, path, name, true, table_make(3), 0, false };
	struct key key;
	struct err err;
	int status;

	if (key_read(name, "config get", &key, &err))
		return app_fail(app, &err);
	status = list(&listing);
	table_release(&listing.table);
	if (status || (listing.n > 0 && listing.has_value))
		return status;
	app->has_told_error = true; /* the value is null */
	app_say(app, _("'%s' is not set, and has no default"), name);
	return DQ_FAILED;
}
