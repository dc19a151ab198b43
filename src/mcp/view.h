/*
 * view.h - what tools tell of a task and its files. Never a link: those are secrets.
 * What strangers wrote is made visible, and cut.
 */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "mcp/answer.h"

/* Returns it as schemas.h has a task; NULL: no memory. */
cJSON *view_task(const struct dq_task *task);
/* The same with when it was made, and how its prompt begins. */
cJSON *view_row(const struct dq_task *task);
cJSON *view_file(const struct dq_task *task, const struct dq_asset *asset);

/* Returns its media type, "image/png"; malloc'ed; NULL: unknown. */
char *view_mime(const struct dq_asset *asset);

bool view_has_ended(const cJSON *task);
/* Adds a line about it to the text. */
void view_say(struct answer *answer, const cJSON *task);
