/*
 * search.h - what a watch finds in the ledger: everything unfinished that nobody
 * owns becomes an item of it.
 */
#pragma once

#include "core/engine.h"

enum err_kind search_open(struct engine *engine, int64_t now_ms, struct err *err);
