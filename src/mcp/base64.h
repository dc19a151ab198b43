/*
 * base64.h - bytes as text (RFC 4648, with padding). malloc'ed; NULL: no memory.
 */
#pragma once

#include <stddef.h>

char *base64(const void *bytes, size_t len);
