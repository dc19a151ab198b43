/*
 * reply.h - the frames that we write: results, errors, notices of progress. Each is one
 * line. An id, or a token, is written as it came.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "mcp/message.h"
#include "mcp/wire.h"

struct reply_to {
	const char *id; /* NULL: it could not be read */
	bool is_modern; /* a result says that it is complete, and whose it is */
};

/* Takes `result`; NULL: there was no memory for it, which is an error of ours. */
void reply_result(struct wire *wire, const struct reply_to *to, cJSON *result);
/* Takes `data`, or NULL. */
void reply_error(struct wire *wire, const struct reply_to *to, enum rpc_code code,
    const char *message, cJSON *data);
/* A request of ours, with this id as JSON has it; NULL: a notice. Takes `params`. */
void reply_request(struct wire *wire, const char *id, const char *method, cJSON *params);
void reply_progress(struct wire *wire, const char *token, double progress, double total,
    const char *message);

/* Puts our name and version there. */
cJSON *reply_server_info(void);
