/*
 * range.h - the Range header, as one range of a body of known size.
 */
#pragma once

#include <stdint.h>

enum range_result {
	RANGE_WHOLE, /* no header, several ranges, or not understood: send everything */
	RANGE_PART,
	RANGE_REFUSED, /* 416 */
};

/* `header` may be NULL. For RANGE_PART *ret_first and *ret_last are inside the body. */
enum range_result range_read(
    const char *header, uint64_t size, uint64_t *ret_first, uint64_t *ret_last);
