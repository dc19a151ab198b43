/*
 * idcurl.h - tasks out of curl commands, as a browser copies them: of the address and of
 * the body, which is JSON. Headers and cookies are passed over. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/verbs/idjson.h"

/* Does the text begin with such a command? */
bool idcurl_is_one(const char *text, size_t len);
/*
 * Reads all commands of a text; numbers are theirs. pass_over() is told of a command
 * without an id.
 */
enum err_kind idcurl_read(
    const char *text, size_t len, const struct idjson_taker *taker, struct err *err);
