/*
 * at_once.h - verbs that answer at once: `query` and `list`, also under the names
 * that the service's own CLI gives them.
 */
#pragma once

#include <stddef.h>

#include "cli/app/app.h"

/* Both return the exit status, with everything said. */
int query_at_once(struct app *app, const char *const *ids, size_t n);
int list_at_once(struct app *app);
