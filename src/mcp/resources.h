/*
 * resources.h - the ledger as resources: a task as JSON, a stored file as its bytes.
 *
 * (uri.h has their names).
 *
 * Both methods run as calls do, on a thread and a session of their own; they stand in no
 * list of tools. No name or description has words of others.
 */
#pragma once

#include <cjson/cJSON.h>

#include "mcp/tool.h"

enum { RESOURCE_BYTES_MAX = 500000 /* of a file that is read: clients take 1 MiB */ };

extern const struct tool resources_list, resources_read;

/* Returns what resources/templates/list tells; NULL: no memory. */
cJSON *resources_templates(void);
