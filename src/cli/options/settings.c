#include "cli/options/settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/term/i18n.h"
#include "dreamq/dreamq.h"

enum { CONFIG_MAX = 64 * 1024, WHERE_MAX = 400, WIRE_ROWS_MAX = 100 };

static enum err_kind load_environment(struct args *args, struct err *err)
{
	for (enum opt_id id = 0; id < OPT_COUNT; id++) {
		const char *value = options[id].env ? getenv(options[id].env) : NULL;

		if (value && *value &&
		    args_put(args, id, value, FROM_ENVIRONMENT, options[id].env, err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind refuse_name(const char *where, const char *key,
    const char *const *names, const char *what, struct err *err)
{
	const char *nearest = text_nearest(key, names);

	if (nearest)
		return err_set(err, ERR_USAGE, "%s: unknown %s '%s'; did you mean '%s'?",
		    where, what, key, nearest);
	return err_set(err, ERR_USAGE, "%s: unknown %s '%s'", where, what, key);
}

static enum err_kind refuse_key(const char *where, const char *key, struct err *err)
{
	const char *names[OPT_COUNT + 1] = { NULL };
	size_t n = 0;

	if (options_find(key) != OPT_COUNT)
		return err_set(err, ERR_USAGE,
		    "%s: '%s' can only be given on the command line", where, key);
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (options[id].in_config)
			names[n++] = options[id].name;
	return refuse_name(where, key, names, _("key"), err);
}

/* Keep a text that was made here; NULL (no memory) stays NULL. */
static char *own(struct settings *settings, char *text)
{
	char **owned = reallocarray(
	    settings->owned, settings->n_owned + 1, sizeof(*settings->owned));

	if (!owned || !text) {
		free(text);
		if (owned)
			settings->owned = owned;
		return NULL;
	}
	settings->owned = owned;
	owned[settings->n_owned++] = text;
	return text;
}

static enum err_kind expand_home(
    struct settings *settings, enum opt_id id, const char **value, struct err *err)
{
	const char *home = getenv("HOME");
	char *path;

	if (options[id].type != OPT_FILE && options[id].type != OPT_FOLDER &&
	    id != OPT_LEDGER)
		return ERR_OK;
	if (strncmp(*value, "~/", 2) != 0 || !home || !*home)
		return ERR_OK;
	path = own(settings, fs_join(home, *value + 2));
	if (!path)
		return err_set(err, ERR_NOMEM, "out of memory");
	*value = path;
	return ERR_OK;
}

/* Adds a row "name=value". */
static enum err_kind add_wire(
    struct settings *settings, const char *name, const char *value, struct err *err)
{
	size_t n = 0;
	char *row = NULL;
	const char **wire;

	while (settings->wire && settings->wire[n])
		n++;
	wire = reallocarray(settings->wire, n + 2, sizeof(*wire));
	if (!wire)
		return err_set(err, ERR_NOMEM, "out of memory");
	settings->wire = wire;
	wire[n] = wire[n + 1] = NULL;
	if (asprintf(&row, "%s=%s", name, value) < 0)
		row = NULL;
	wire[n] = own(settings, row);
	return wire[n] ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_kind apply_wire(struct settings *settings,
    const struct config_entry *entry, const char *where, struct err *err)
{
	const char *names[WIRE_ROWS_MAX + 1] = { NULL };
	bool is_known = false;

	for (size_t i = 0; i < WIRE_ROWS_MAX && dq_wire_name_at(i); i++) {
		names[i] = dq_wire_name_at(i);
		is_known = is_known || !strcmp(names[i], entry->key);
	}
	return is_known ? add_wire(settings, entry->key, entry->value, err)
			: refuse_name(where, entry->key, names, _("wire row"), err);
}

/* Names are checked in every section, values only where they count. */
static enum err_kind apply_entry(struct settings *settings, struct args *args,
    const struct config_entry *entry, const char *where, struct err *err)
{
	const char *profile = args_text(args, OPT_PROFILE);
	bool is_profile = entry->section == CONFIG_PROFILE;
	enum opt_id id = options_find(entry->key);
	const char *value = entry->value;

	if (id == OPT_COUNT || !options[id].in_config ||
	    (is_profile && id == OPT_PROFILE))
		return refuse_key(where, entry->key, err);
	if (is_profile && strcmp(entry->profile, profile ? profile : "default") != 0)
		return ERR_OK;
	if (expand_home(settings, id, &value, err))
		return err->kind;
	return args_put(
	    args, id, value, is_profile ? FROM_PROFILE : FROM_CONFIG, where, err);
}

/* [default] and [wire] first: [default] may name the profile. */
static enum err_kind apply_config(struct settings *settings, struct args *args,
    const char *path, bool is_profile_round, struct err *err)
{
	for (size_t i = 0; i < settings->config.n_entries; i++) {
		const struct config_entry *entry = &settings->config.entries[i];
		char where[WHERE_MAX];

		if ((entry->section == CONFIG_PROFILE) != is_profile_round)
			continue;
		(void)snprintf(where, sizeof(where), "%s:%u", path, entry->line);
		if (entry->section == CONFIG_WIRE
			? apply_wire(settings, entry, where, err)
			: apply_entry(settings, args, entry, where, err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind load_config(
    struct settings *settings, struct args *args, struct err *err)
{
	const char *told = args_text(args, OPT_CONFIG);
	_cleanup_free_ char *standard =
	    told ? NULL : dq_default_path(DQ_PATH_CONFIG, NULL);
	const char *path = told ? told : standard;
	_cleanup_(buf_release) struct buf text = buf_make(CONFIG_MAX);
	size_t len;

	if (!path || (!told && !fs_exists(path)))
		return ERR_OK;
	if (fs_read_all(path, &text, err))
		return err_note(err, "config file");
	len = text.len;
	if (len == 0)
		return ERR_OK;
	if (config_parse(buf_take(&text), len, path, &settings->config, err))
		return err->kind;
	if (apply_config(settings, args, path, false, err))
		return err->kind;
	return apply_config(settings, args, path, true, err);
}

enum err_kind settings_load(
    struct args *args, struct settings *ret_settings, struct err *err)
{
	_cleanup_(settings_release) struct settings settings = { 0 };
	static const struct {
		enum opt_id id;
		const char *name; /* of a row of [wire] */
	} rows[] = { { OPT_REGION, "cluster" }, { OPT_SUBMIT_VIA, "submit_via" } };

	if (load_environment(args, err) || load_config(&settings, args, err))
		return err->kind;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *value = args_text(args, rows[i].id);

		if (value && add_wire(&settings, rows[i].name, value, err))
			return err->kind;
	}
	*ret_settings = settings;
	settings = (struct settings){ 0 };
	return ERR_OK;
}

void settings_release(struct settings *settings)
{
	config_release(&settings->config);
	for (size_t i = 0; i < settings->n_owned; i++)
		free(settings->owned[i]);
	free(settings->owned);
	free(settings->wire);
	*settings = (struct settings){ 0 };
}
