/*
 * sidecar_text.h - what a sidecar says of its task: what 'show --json' says, without link
 * and cookie, and of places only those that `is_here` knows.
 */
#pragma once

#include <stdbool.h>

#include "model/task.h"

/* Returns the text, malloc'ed; NULL: no memory. */
char *sidecar_text(const struct task *task,
    bool (*is_here)(void *payload, const struct asset *asset), void *payload);
