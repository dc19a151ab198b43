#include "service/plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "net/net.h"

enum {
	ASSETS_MAX = 256,
	PAGE_MAX = 20,
	FILES_MAX = 20,
	STALL_SECONDS = 30,
	SLOW_SECONDS = 60,
	CREDENTIAL_MAX = 8 << 10,
};

enum { API_BASE, SUBMIT_BASE, REGION, NAMES };

static const char *const names[NAMES + 1] = { "api_base", "submit_base", "region", NULL };

struct service_settings {
	const struct service_ops *ops;
	char *values[NAMES]; /* NULL: not set */
};

/* --- settings ----------------------------------------------------------------------- */

bool plain_has_region(const struct service_ops *ops, const char *region)
{
	for (const char *const *name = ops->regions; *name; name++)
		if (!strcmp(*name, region))
			return true;
	return false;
}

enum err_kind plain_settings_new(const struct service_ops *ops,
    struct service_settings **ret_settings, struct err *err)
{
	struct service_settings *settings = calloc(1, sizeof(*settings));

	if (!settings)
		return err_set(err, ERR_NOMEM, "no memory for the settings");
	settings->ops = ops;
	*ret_settings = settings;
	return ERR_OK;
}

void plain_settings_free(struct service_settings *settings)
{
	if (!settings)
		return;
	for (size_t i = 0; i < NAMES; i++)
		free(settings->values[i]);
	free(settings);
}

static enum err_kind refuse_name(const char *name, struct err *err)
{
	const char *nearest = text_nearest(name, names);

	if (nearest)
		return err_set(err, ERR_USAGE,
		    "there is no wire setting '%s'; did you mean '%s'?", name, nearest);
	return err_set(err, ERR_USAGE, "there is no wire setting '%s'", name);
}

static enum err_kind check_region(
    const struct service_ops *ops, const char *value, struct err *err)
{
	if (plain_has_region(ops, value))
		return ERR_OK;
	return err_set(
	    err, ERR_USAGE, "service '%s' has no region '%.80s'", ops->name, value);
}

ANALYZER_LOSES_SIGHT
enum err_kind plain_settings_set(struct service_settings *settings, const char *name,
    const char *value, struct err *err)
{
	size_t which = 0, len = strlen(value);
	char *copy;

	while (which < NAMES && strcmp(names[which], name) != 0)
		which++;
	if (which == NAMES)
		return refuse_name(name, err);
	if (which == REGION ? check_region(settings->ops, value, err)
			    : net_check_base_url(name, value, err))
		return err->kind;
	while (which != REGION && len && value[len - 1] == '/')
		len--;
	copy = strndup(value, len);
	if (!copy)
		return err_set(err, ERR_NOMEM, "no memory for the settings");
	free(settings->values[which]);
	settings->values[which] = copy;
	return ERR_OK;
}

ANALYZER_SEES_AGAIN

const char *plain_setting_name_at(size_t i)
{
	return i < NAMES ? names[i] : NULL;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	if (a)
		return a;
	return b ? b : c;
}

static unsigned number_or(unsigned number, unsigned when_zero)
{
	return number ? number : when_zero;
}

struct service_traits plain_traits(const struct service_settings *settings)
{
	const struct service_traits *given = &settings->ops->plain;
	char *const *values = settings->values;
	const char *address = first_of(values[API_BASE], given->address, "");

	return (struct service_traits){
		.address = address,
		.submit_address =
		    first_of(values[SUBMIT_BASE], given->submit_address, address),
		.region =
		    first_of(values[REGION], given->region, settings->ops->regions[0]),
		.batch_max = number_or(given->batch_max, 1),
		.page_max = number_or(given->page_max, PAGE_MAX),
		.files_max = number_or(given->files_max, FILES_MAX),
		.assets_max = number_or(given->assets_max, ASSETS_MAX),
		.stall_seconds = number_or(given->stall_seconds, STALL_SECONDS),
		.slow_seconds = number_or(given->slow_seconds, SLOW_SECONDS),
		.time_scale = number_or(given->time_scale, 1),
	};
}

/* --- logins ------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum err_kind plain_read_credential(
    const char *text, char **ret_credential, int64_t *ret_expires_unix, struct err *err)
{
	size_t len = 0, rest;

	while (is_blank(*text))
		text++;
	while (text[len] > ' ' && text[len] <= '~')
		len++;
	for (rest = len; is_blank(text[rest]); rest++)
		;
	if (len == 0 || len > CREDENTIAL_MAX || text[rest])
		return err_set(
		    err, ERR_AUTH, "a login of this service is one word on one line");
	*ret_credential = strndup(text, len);
	if (!*ret_credential)
		return err_set(err, ERR_NOMEM, "no memory for the login");
	*ret_expires_unix = 0;
	return ERR_OK;
}
