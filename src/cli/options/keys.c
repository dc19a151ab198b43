#include "cli/options/keys.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/options/alias.h"
#include "cli/options/args.h"
#include "cli/term/i18n.h"
#include "dreamq/dreamq.h"

enum { WIRE_ROWS_MAX = 100 };

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

	if (config_is_cookie(key, ""))
		return err_set(err, ERR_USAGE,
		    "%s: a cookie does not belong into this file; run 'dreamq auth "
		    "import'",
		    where);
	if (options_find(key) != OPT_COUNT)
		return err_set(err, ERR_USAGE,
		    "%s: '%s' can only be given on the command line", where, key);
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (options[id].in_config)
			names[n++] = options[id].name;
	return refuse_name(where, key, names, _("key"), err);
}

static enum err_kind check_wire(const char *name, const char *where, struct err *err)
{
	const char *names[WIRE_ROWS_MAX + 1] = { NULL };

	for (size_t i = 0; i < WIRE_ROWS_MAX && dq_wire_name_at(i); i++) {
		names[i] = dq_wire_name_at(i);
		if (!strcmp(names[i], name))
			return ERR_OK;
	}
	return refuse_name(where, name, names, _("wire row"), err);
}

enum err_kind key_check(
    enum config_section section, const char *name, const char *where, struct err *err)
{
	const enum opt_id id = options_find(name);

	if (section == CONFIG_WIRE)
		return check_wire(name, where, err);
	if (id == OPT_COUNT || !options[id].in_config ||
	    (section == CONFIG_PROFILE && id == OPT_PROFILE))
		return refuse_key(where, name, err);
	return ERR_OK;
}

/* As the session will read it. */
static enum err_kind check_row(
    const char *name, const char *value, const char *where, struct err *err)
{
	_cleanup_free_ char *row = NULL;

	if (asprintf(&row, "%s=%s", name, value) < 0) {
		row = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	return args_check_as("wire", row, where, err);
}

enum err_kind key_check_value(enum config_section section, const char *name,
    const char *value, const char *where, struct err *err)
{
	struct args scratch = { 0 };

	if (section == CONFIG_ALIAS)
		return alias_check(name, value, where, err);
	if (section == CONFIG_WIRE)
		return check_row(name, value, where, err);
	return args_put(&scratch, options_find(name), value, FROM_CONFIG, where, err);
}

/* "profile.NAME.KEY": the name has no dot. */
static enum err_kind read_profile(
    const char *text, const char *where, struct key *ret_key, struct err *err)
{
	const size_t len = strcspn(text, ".");

	if (len <= KEY_PROFILE_MAX)
		(void)snprintf(
		    ret_key->profile, sizeof(ret_key->profile), "%.*s", (int)len, text);
	if (len > KEY_PROFILE_MAX || text[len] != '.' ||
	    !config_is_name(ret_key->profile))
		return err_set(err, ERR_USAGE,
		    "%s: 'profile.%s' is not of the form profile.NAME.KEY", where, text);
	ret_key->name = text + len + 1;
	return ERR_OK;
}

enum err_kind key_read(
    const char *text, const char *where, struct key *ret_key, struct err *err)
{
	struct key key = { .section = CONFIG_DEFAULT, .name = text };

	if (!strncmp(text, "wire.", 5)) {
		key.section = CONFIG_WIRE;
		key.name = text + 5;
	} else if (!strncmp(text, "alias.", 6)) {
		key.section = CONFIG_ALIAS;
		key.name = text + 6;
	} else if (!strncmp(text, "profile.", 8)) {
		key.section = CONFIG_PROFILE;
		if (read_profile(text + 8, where, &key, err))
			return err->kind;
	}
	if (key.section == CONFIG_ALIAS ? alias_check_name(key.name, where, err)
					: key_check(key.section, key.name, where, err))
		return err->kind;
	*ret_key = key;
	return ERR_OK;
}
