/*
 * view.h - what the library knows, in the shape that dreamq.h shows.
 */
#pragma once

#include "dreamq/dreamq.h"
#include "model/task.h"

/* Strings are borrowed from `task`. */
struct dq_asset view_asset(const struct asset *asset);

struct view {
	struct dq_task task;
	struct dq_asset *assets;
	const char **choices;
};
/* Makes the public form. False: no memory. Release with view_release(), also then. */
bool view_make(const struct task *task, struct view *ret_view);
void view_release(struct view *view);
