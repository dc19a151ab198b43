/*
 * search.h - what a watch finds in the ledger: everything unfinished that nobody
 * owns becomes an item of it.
 */
#pragma once

#include "core/engine/run.h"

/* Only counts, for saw_nothing_open: while a pause keeps us from taking anything. */
enum err_kind search_is_idle(struct engine *engine, struct err *err);
enum err_kind search_open(struct engine *engine, struct err *err);
