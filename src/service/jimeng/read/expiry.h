/*
 * expiry.h - until when does a signed link live (PROTOCOL A3, B9)?
 */
#pragma once

#include <stdint.h>

/*
 * Returns Unix seconds of the server's clock, or 0 when the link does not tell:
 * x-expires; the hex segment of a video path; X-Tos-Date + X-Tos-Expires; X-Amz-Date +
 * X-Amz-Expires. Absurd values (before 2015, after 2100) are 0.
 */
int64_t expiry_of_link(const char *url);
