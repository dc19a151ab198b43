/*
 * hours.h - a watch that downloads in certain hours only (dq_watch.hours). What is under
 * way when they end is cut, and goes on from its partial when they come again; polling
 * and submitting go on all the time. A link that dies meanwhile is asked for again, as
 * ever.
 */
#pragma once

#include "core/engine/run.h"

void engine_step_hours(struct engine *engine);
int64_t engine_hours_next_ms(const struct engine *engine);
