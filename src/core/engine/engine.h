/*
 * engine.h - run one of the verbs that wait: query, submit, wait, get, watch.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/account/session.h"
#include "core/engine/goal.h"

enum { ENGINE_TICK_MS = 200 /* between two TICK events */ };

/* Run until all is done; the session's parts are open. */
enum err_kind engine_run(struct dq *dq, const struct run_spec *spec, struct err *err);
