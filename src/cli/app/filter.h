/*
 * filter.h - --state, --since, --limit, --all-accounts as the library wants them.
 */
#pragma once

#include "cli/app/app.h"

/* Reads "2d" (ago), "2026-01-31" (local midnight), "2026-01-31T10:00:00Z" -> unix ms. */
enum err_kind filter_since(
    const char *text, int64_t now_unix_ms, int64_t *ret_unix_ms, struct err *err);
enum err_kind filter_make(
    const struct app *app, struct dq_filter *ret_filter, struct err *err);
