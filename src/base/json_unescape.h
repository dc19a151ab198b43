/*
 * json_unescape.h - what the text of a JSON string means. For the files behind
 * base/json.h only; everybody else wants that.
 */
#pragma once

#include <stddef.h>

/*
 * Writes what a string means, of `len` bytes between its quotes that json_scan_body() has
 * accepted; `to` has room for as many. Returns how many it takes.
 */
size_t json_unescape_into(const char *from, size_t len, char *to);
