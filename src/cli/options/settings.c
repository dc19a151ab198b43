#include "cli/options/settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/options/alias.h"
#include "cli/options/keys.h"
#include "cli/term/i18n.h"
#include "dreamq/dreamq.h"

enum { CONFIG_MAX = 64 * 1024, WHERE_MAX = 400 };

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

/* Names are checked in every section, values only where they count. */
static enum err_kind apply_option(struct settings *settings, struct args *args,
    const struct config_entry *entry, const char *where, struct err *err)
{
	const char *profile = args_text(args, OPT_PROFILE);
	const bool is_profile = entry->section == CONFIG_PROFILE;
	const enum opt_id id = options_find(entry->key);
	const char *value = entry->value;

	if (key_check(entry->section, entry->key, where, err))
		return err->kind;
	if (is_profile && strcmp(entry->profile, profile ? profile : "default") != 0)
		return ERR_OK;
	if (expand_home(settings, id, &value, err))
		return err->kind;
	return args_put(
	    args, id, value, is_profile ? FROM_PROFILE : FROM_CONFIG, where, err);
}

static enum err_kind apply_entry(struct settings *settings, struct args *args,
    const struct config_entry *entry, const char *where, struct err *err)
{
	switch (entry->section) {
	case CONFIG_WIRE:
		if (key_check(CONFIG_WIRE, entry->key, where, err) ||
		    key_check_value(CONFIG_WIRE, entry->key, entry->value, where, err))
			return err->kind;
		return add_wire(settings, entry->key, entry->value, err);
	case CONFIG_ALIAS:
		return alias_check(entry->key, entry->value, where, err);
	case CONFIG_DEFAULT:
	case CONFIG_PROFILE:
		break;
	}
	return apply_option(settings, args, entry, where, err);
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
		if (apply_entry(settings, args, entry, where, err))
			return err->kind;
	}
	return ERR_OK;
}

char *settings_path(const struct args *args)
{
	const char *told = args_text(args, OPT_CONFIG);

	if (!told)
		told = getenv(options[OPT_CONFIG].env);
	return told && *told ? strdup(told) : dq_default_path(DQ_PATH_CONFIG, NULL);
}

/* Mistakes go to the ear, if there is one. */
static enum err_kind read_file(const struct args *args, const char *path,
    const struct config_ear *ear, struct config *ret_config, struct err *err)
{
	_cleanup_free_ char *standard = dq_default_path(DQ_PATH_CONFIG, NULL);
	_cleanup_(buf_release) struct buf text = buf_make(CONFIG_MAX);
	const bool is_told =
	    args_has(args, OPT_CONFIG) || !standard || strcmp(path, standard) != 0;
	size_t len;

	*ret_config = (struct config){ 0 };
	if (!is_told && !fs_exists(path))
		return ERR_OK;
	if (fs_read_all(path, &text, err))
		return err_note(err, "config file");
	len = text.len;
	if (len == 0)
		return ERR_OK;
	return config_parse_all(buf_take(&text), len, path, ear, ret_config, err);
}

enum err_kind settings_read(
    const struct args *args, struct config *ret_config, struct err *err)
{
	_cleanup_free_ char *path = settings_path(args);

	*ret_config = (struct config){ 0 };
	return path ? read_file(args, path, NULL, ret_config, err) : ERR_OK;
}

static enum err_kind load_config(
    struct settings *settings, struct args *args, struct err *err)
{
	_cleanup_free_ char *path = settings_path(args);

	if (!path)
		return ERR_OK;
	if (read_file(args, path, NULL, &settings->config, err))
		return err->kind;
	if (apply_config(settings, args, path, false, err))
		return err->kind;
	return apply_config(settings, args, path, true, err);
}

static enum err_kind check_entry(
    const struct config_entry *entry, const char *where, struct err *err)
{
	if (entry->section == CONFIG_ALIAS)
		return alias_check(entry->key, entry->value, where, err);
	if (key_check(entry->section, entry->key, where, err))
		return err->kind;
	return key_check_value(entry->section, entry->key, entry->value, where, err);
}

static bool is_option(const struct config_entry *entry)
{
	return entry->section == CONFIG_DEFAULT || entry->section == CONFIG_PROFILE;
}

enum err_kind settings_check(
    const struct args *args, const struct config_ear *ear, struct err *err)
{
	_cleanup_free_ char *path = settings_path(args);
	_cleanup_(config_release) struct config config = { 0 };

	if (!path)
		return ERR_OK;
	if (read_file(args, path, ear, &config, err))
		return err->kind;
	for (size_t i = 0; i < config.n_entries; i++) {
		char where[WHERE_MAX];

		(void)snprintf(
		    where, sizeof(where), "%s:%u", path, config.entries[i].line);
		if (check_entry(&config.entries[i], where, err) ||
		    (ear->check && is_option(&config.entries[i]) &&
			ear->check(
			    config.entries[i].key, config.entries[i].value, where, err)))
			ear->on_mistake(ear->payload, config.entries[i].line, err);
	}
	return ERR_OK;
}

unsigned settings_line(
    const struct settings *settings, const struct args *args, enum opt_id id)
{
	const enum origin origin = args->of[id].origin;
	const char *profile = args_text(args, OPT_PROFILE);

	for (size_t i = 0; i < settings->config.n_entries; i++) {
		const struct config_entry *entry = &settings->config.entries[i];

		if (strcmp(entry->key, options[id].name) != 0)
			continue;
		if (origin == FROM_CONFIG && entry->section == CONFIG_DEFAULT)
			return entry->line;
		if (origin == FROM_PROFILE && entry->section == CONFIG_PROFILE &&
		    !strcmp(entry->profile, profile ? profile : "default"))
			return entry->line;
	}
	return 0;
}

const char *settings_where(const struct settings *settings, const struct args *args,
    enum opt_id id, struct settings_where *into)
{
	const unsigned line = settings_line(settings, args, id);
	_cleanup_free_ char *path = line > 0 ? settings_path(args) : NULL;

	if (path)
		(void)snprintf(into->text, sizeof(into->text), "%s:%u", path, line);
	else if (args->of[id].origin == FROM_ENVIRONMENT)
		(void)snprintf(into->text, sizeof(into->text), "%s", options[id].env);
	else
		(void)snprintf(
		    into->text, sizeof(into->text), _("option '--%s'"), options[id].name);
	return into->text;
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
