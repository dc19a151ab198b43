#include "core/account/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static enum err_kind set_row(struct dq *dq, const char *row, struct err *err)
{
	const char *equals = strchr(row, '=');
	_cleanup_free_ char *name = NULL;

	if (!equals)
		return err_set(
		    err, ERR_USAGE, "wire setting '%s' is not name=value", row);
	name = strndup(row, (size_t)(equals - row));
	if (!name)
		return err_set(err, ERR_NOMEM, "out of memory");
	return dq->ops->settings_set(dq->settings, name, equals + 1, err);
}

static enum err_kind set_base(
    struct dq *dq, const char *name, const char *url, struct err *err)
{
	if (!url)
		return ERR_OK;
	return dq->ops->settings_set(dq->settings, name, url, err);
}

enum err_kind settings_apply(
    struct dq *dq, const struct dq_options *options, struct err *err)
{
	if (dq->ops->settings_new(&dq->settings, err))
		return err->kind;
	for (const char *const *row = options->wire; row && *row; row++)
		if (set_row(dq, *row, err))
			return err->kind;
	if (set_base(dq, "api_base", options->api_base, err) ||
	    set_base(dq, "submit_base", options->submit_base, err))
		return err->kind;
	dq->traits = dq->ops->traits(dq->settings);
	if (net_check_base_url("the API's address", dq->traits.address, err))
		return err->kind;
	return net_check_base_url(
	    "the address for submits", dq->traits.submit_address, err);
}

const char *settings_region(const struct dq_options *options)
{
	static const char key[] = "region=";
	const char *region = NULL;

	for (const char *const *row = options->wire; row && *row; row++)
		if (!strncmp(*row, key, sizeof(key) - 1))
			region = *row + sizeof(key) - 1;
	return region;
}
