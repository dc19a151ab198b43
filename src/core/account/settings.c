#include "core/account/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "net/net.h"

static enum err_kind set_row(const struct service_ops *ops,
    struct service_settings *settings, const char *row, struct err *err)
{
	const char *equals = strchr(row, '=');
	_cleanup_free_ char *name = NULL;

	if (!equals)
		return err_set(
		    err, ERR_USAGE, "wire setting '%s' is not name=value", row);
	name = strndup(row, (size_t)(equals - row));
	if (!name)
		return err_set(err, ERR_NOMEM, "out of memory");
	return service_settings_set(ops, settings, name, equals + 1, err);
}

static enum err_kind set_told(const struct service_ops *ops,
    struct service_settings *settings, const char *name, const char *url, struct err *err)
{
	return url ? service_settings_set(ops, settings, name, url, err) : ERR_OK;
}

/* The value of a row of that name; NULL: it is another. */
static const char *value_in(const char *row, const char *name)
{
	const size_t len = strlen(name);

	return !strncmp(row, name, len) && row[len] == '=' ? row + len + 1 : NULL;
}

/* The last one counts; NULL: there is none. */
static const char *value_of(const struct dq_options *options, const char *name)
{
	const char *value = NULL;

	for (const char *const *row = options->wire; row && *row; row++)
		if (value_in(*row, name))
			value = value_in(*row, name);
	return value;
}

static enum err_kind check_addresses(const struct service_traits *traits, struct err *err)
{
	if (net_check_base_url(N_("the API's address"), traits->address, err))
		return err->kind;
	return net_check_base_url(
	    N_("the address for submits"), traits->submit_address, err);
}

static const char cluster[] = "cluster";

static enum err_kind fill(const struct service_ops *ops, const struct dq_options *options,
    struct service_settings *settings, struct service_traits *ret_traits, struct err *err)
{
	/* What belongs to a cluster comes first: the rows say what is different. */
	if (set_told(ops, settings, cluster, value_of(options, cluster), err))
		return err->kind;
	for (const char *const *row = options->wire; row && *row; row++)
		if (!value_in(*row, cluster) && set_row(ops, settings, *row, err))
			return err->kind;
	if (set_told(ops, settings, "api_base", options->api_base, err) ||
	    set_told(ops, settings, "submit_base", options->submit_base, err))
		return err->kind;
	*ret_traits = service_traits_of(ops, settings);
	return check_addresses(ret_traits, err);
}

enum err_kind settings_make(const struct service_ops *ops,
    const struct dq_options *options, struct service_settings **ret_settings,
    struct service_traits *ret_traits, struct err *err)
{
	struct service_settings *settings = NULL;

	if (service_settings_new(ops, &settings, err))
		return err->kind;
	if (fill(ops, options, settings, ret_traits, err)) {
		service_settings_free(ops, settings);
		return err->kind;
	}
	*ret_settings = settings;
	return ERR_OK;
}

const char *settings_region(const struct dq_options *options)
{
	return value_of(options, "region");
}
