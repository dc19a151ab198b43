/*
 * assetlink.h - is this a link we would fetch, and what object does it name?
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

enum { ASSETLINK_MAX = 8 << 10 };

/*
 * Has it http or https, a host, no control characters or blanks, at most ASSETLINK_MAX
 * bytes?
 */
bool assetlink_is_usable(const char *url);

/*
 * Returns what stays the same when a link is signed again: the path without the signature
 * segments of a video, the "~template" of an image, and the query. "" never: the host
 * when there is no path. NULL: no memory.
 */
char *assetlink_object(struct arena *arena, const char *url);
