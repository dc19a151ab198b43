/*
 * look.h - verbs that answer at once: `query` and `list`, also under the names
 * that the service's own CLI gives them.
 */
#pragma once

#include <stddef.h>

#include "cli/app/app.h"

/* Both return the exit status, with everything said. */
int look_query(struct app *app, const char *const *ids, size_t n);
int look_list(struct app *app);
