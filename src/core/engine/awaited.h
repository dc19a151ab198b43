/*
 * awaited.h - what a run waits for just now, for the line that breaks the silence.
 */
#pragma once

#include "core/engine/run.h"

void awaited_step(struct engine *engine);
int64_t awaited_next_ms(const struct engine *engine);
