/*
 * era.h - which revision a request is served by.
 *
 * A request that names its revision in params._meta is served by that alone, whatever
 * came before (2026-07-28). Else it belongs to the revisions that begin with
 * 'initialize', and before that only this one and 'ping' are answered.
 */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "mcp/message.h"

#define ERA_MODERN_REVISION "2026-07-28"

enum era { ERA_LEGACY = 1, ERA_MODERN = 2 };

/*
 * RPC_OK; else why the request can't be served: a sentence, and data (to be freed; NULL:
 * none) for the error. *ret_era is written in any case.
 */
enum rpc_code era_of(const struct message *message, bool is_initialized,
    enum era *ret_era, const char **ret_why, cJSON **ret_data);

/* Returns the revision to answer an 'initialize' with: `wanted`, if we speak it. */
const char *era_legacy_revision(const char *wanted);
bool era_is_legacy(const char *revision);
/* Does this request of 2026-07-28 declare the extension? */
bool era_has_extension(const struct message *message, const char *extension);
/* Returns the data of RPC_CAPABILITY for it. */
cJSON *era_needs_extension(const char *extension);
/* Does a client with these capabilities show forms to a person? */
bool era_has_forms(const cJSON *capabilities);
/* The capabilities that a request of 2026-07-28 brings. */
const cJSON *era_capabilities(const struct message *message);
/* Returns ["2026-07-28"]. */
cJSON *era_supported(void);
