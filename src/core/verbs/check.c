/*
 * check.c - values are read by whoever reads them when they are used.
 */
#include "dreamq/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hours.h"
#include "core/account/network.h"
#include "core/account/session.h"
#include "core/account/settings.h"
#include "core/account/target.h"
#include "dreamq/network.h"
#include "ledger/care.h"
#include "store/name.h"
#include "store/sink.h"

static enum err_kind check_base(const char *value, struct err *err)
{
	return net_check_base_url(N_("the address"), value, err);
}

static enum err_kind check_hours(const char *value, struct err *err)
{
	struct hours_list hours;

	return hours_list_parse(value, &hours, err);
}

static enum err_kind check_template(const char *value, struct err *err)
{
	return name_check(&(struct naming){ .template = value }, err);
}

static enum err_kind check_rate(const char *value, struct err *err)
{
	return network_check(&(struct dq_network){ .limit_rate = value }, err);
}

static enum err_kind check_proxy(const char *value, struct err *err)
{
	return network_check(&(struct dq_network){ .proxy = value }, err);
}

static enum err_kind check_doh(const char *value, struct err *err)
{
	return network_check(&(struct dq_network){ .doh_url = value }, err);
}

static enum err_kind check_sink(const char *value, struct err *err)
{
	_cleanup_free_ char *place = NULL;

	return place_of_url(value, &place, err);
}

static enum err_kind check_webhook(const char *value, struct err *err)
{
	return net_check_base_url("webhook", value, err);
}

static enum err_kind check_events(const char *value, struct err *err)
{
	bool wants[NOTICES];

	return target_read_events(value, wants, err);
}

static enum err_kind check_wire(const char *value, struct err *err)
{
	const char *const rows[] = { value, NULL };
	const struct service_ops *ops = service_find(NULL);
	struct service_settings *settings;
	struct service_traits traits;

	if (settings_make(
		ops, &(struct dq_options){ .wire = rows }, &settings, &traits, err))
		return err->kind;
	service_settings_free(ops, settings);
	return ERR_OK;
}

enum dq_status dq_value_check(
    const char *name, const char *value, struct dq_error *ret_error)
{
	static const struct {
		const char *name;
		enum err_kind (*check)(const char *value, struct err *err);
	} rows[] = {
		{ "api_base", check_base },
		{ "doh_url", check_doh },
		{ "hours", check_hours },
		{ "ledger", care_check_name },
		{ "limit_rate", check_rate },
		{ "name_template", check_template },
		{ "profile", session_check_profile },
		{ "proxy", check_proxy },
		{ "sink", check_sink },
		{ "submit_base", check_base },
		{ "webhook", check_webhook },
		{ "webhook_events", check_events },
		{ "wire", check_wire },
	};
	struct err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name) && rows[i].check(value, &err))
			return session_fail(&err, ret_error);
	return DQ_OK;
}
