/*
 * check.h - would a session take this value? For whoever keeps settings, and wants to
 * refuse a wrong one where it is written. Nothing is opened, asked or made.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * `name` is that of a member of dq_options, dq_network, dq_get or dq_watch: "api_base",
 * "doh_url", "hours", "ledger", "limit_rate", "name_template", "profile", "proxy",
 * "sink", "submit_base"; "webhook", "webhook_events" are the url and the events of
 * dq_webhook, "wire" is one row of dq_options.wire. DQ_USAGE says what is wrong with the
 * value, as the verb would that gets it. Of any other member every text is taken.
 */
DQ_API enum dq_status dq_value_check(
    const char *name, const char *value, struct dq_error *err);

#ifdef __cplusplus
}
#endif
