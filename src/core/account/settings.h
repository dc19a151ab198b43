/*
 * settings.h - the settings of an account's service, from dq_options.
 */
#pragma once

#include "core/account/session.h"

/* The defaults, then the rows, then the addresses: dq->settings and dq->traits. ERR_USAGE
 * for what the service does not have, or can't be. */
enum err_kind settings_apply(
    struct dq *dq, const struct dq_options *options, struct err *err);
/* The region that a row names; NULL: none does. */
const char *settings_region(const struct dq_options *options);
