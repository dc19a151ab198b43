/*
 * settings.h - the settings of an account's service, from dq_options.
 */
#pragma once

#include "base/err.h"
#include "dreamq/dreamq.h"
#include "service/service.h"

/*
 * Takes the defaults of the service, then the rows, then the addresses. ERR_USAGE for
 * what it does not have, or can't be. *ret_settings is the caller's
 * (service_settings_free), and *ret_traits belongs to it.
 */
enum err_kind settings_make(const struct service_ops *ops,
    const struct dq_options *options, struct service_settings **ret_settings,
    struct service_traits *ret_traits, struct err *err);
/* The region that a row names; NULL: none does. */
const char *settings_region(const struct dq_options *options);
