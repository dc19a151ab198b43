#include "model/taskid.h"
#include "service/jimeng/jimeng.h"
#include "service/jimeng/read/verdict.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/commerce.h"
#include "service/jimeng/send/cookie.h"

static enum err_kind settings_new(struct service_settings **ret_settings, struct err *err)
{
	struct wire *wire;

	if (wire_new(&wire, err))
		return err->kind;
	*ret_settings = (struct service_settings *)wire;
	return ERR_OK;
}

static enum err_kind settings_set(struct service_settings *settings, const char *name,
    const char *value, struct err *err)
{
	return wire_set((struct wire *)settings, name, value, err);
}

static void settings_free(struct service_settings *settings)
{
	wire_free((struct wire *)settings);
}

static struct service_traits traits(const struct service_settings *settings)
{
	const struct wire *wire = wire_of(settings);

	return (struct service_traits){
		.address = wire->api_base,
		.submit_address = api_submit_address(wire),
		.region = wire->cluster,
		.cookie_domain = wire->cookie_domain,
		.batch_max = wire->batch_max,
		.page_max = wire->page_max,
		.files_max = wire->files_max,
		.assets_max = ANSWER_ASSETS_MAX,
		.stall_seconds = wire->stall_seconds,
		.slow_seconds = wire->slow_seconds,
		.time_scale = wire->time_scale,
	};
}

static enum err_kind read_credential(const struct service_settings *settings,
    const char *text, char **ret_credential, int64_t *ret_expires_unix, struct err *err)
{
	const struct wire *wire = wire_of(settings);
	const struct cookie_home home = { wire->api_base, wire->cookie_domain };

	return cookie_parse(text, &home, ret_credential, ret_expires_unix, err);
}

static char *credential_as_file(
    const struct service_settings *settings, const char *credential, int64_t expires_unix)
{
	const struct wire *wire = wire_of(settings);
	const struct cookie_home home = { wire->api_base, wire->cookie_domain };

	return cookie_as_file(credential, expires_unix, &home);
}

static enum err_kind body(const struct service_settings *settings,
    const struct service_request *request, char **ret_body, struct err *err)
{
	return api_submit_body(wire_of(settings), request, ret_body, err);
}

static const struct service_settings_ops settings_ops = {
	.make = settings_new,
	.set = settings_set,
	.free = settings_free,
	.name_at = wire_name_at,
	.traits = traits,
};

static const char *const regions[] = { "cn", NULL };

const struct service_ops service_jimeng = {
	.name = "jimeng",
	.regions = regions,
	.settings = &settings_ops,
	.read_credential = read_credential,
	.credential_as_file = credential_as_file,
	.body = body,
	.n_ways = 2,
	.way = jimeng_way,
	.other_id = jimeng_other_id,
	.may_be_other_id = taskid_is_history,
	.absence_ms = verdict_absence_ms,
	.listings = jimeng_listings,
	.poll = jimeng_poll,
	.browse = jimeng_browse,
	.files = jimeng_files,
	.kind_of_uri = jimeng_kind_of_uri,
	.has_files = { [SERVICE_ORIGINALS] = true,
	    [SERVICE_IMAGES] = true,
	    [SERVICE_FILMS] = true },
	.send = api_submit,
	.rename = api_submit_rename,
	.cancel = api_cancel,
	.credit = api_credit,
	.statement = api_statement,
	.asked = api_asked,
};
