#include "base/gunzip.h"

#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum {
	HEAD_AND_END = 18, /* bytes of the shortest head, and of sum and length */
	RATIO_MAX = 1032, /* bytes that one packed byte can become: 258 for two bits */
};

static void unpacker_freep(struct libdeflate_decompressor **unpacker)
{
	libdeflate_free_decompressor(*unpacker);
}

/* The last four bytes: little endian, of what comes out, modulo 2^32. */
static size_t told_length(const unsigned char *packed, size_t len)
{
	const unsigned char *end = packed + len - 4;

	return end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 |
	    (uint32_t)end[3] << 24;
}

enum gunzip_result gunzip(
    const void *packed, size_t len, size_t max, char **ret_bytes, size_t *ret_len)
{
	_cleanup_(unpacker_freep) struct libdeflate_decompressor *unpacker = NULL;
	_cleanup_free_ char *bytes = NULL;
	size_t told, taken = 0;

	if (len < HEAD_AND_END)
		return GUNZIP_DAMAGED;
	told = told_length(packed, len);
	if (told / RATIO_MAX > len)
		return GUNZIP_DAMAGED; /* so much can't be in it */
	if (told > max)
		return GUNZIP_TOO_LARGE;
	unpacker = libdeflate_alloc_decompressor();
	bytes = malloc(told + 1);
	if (!unpacker || !bytes)
		return GUNZIP_NO_MEMORY;
	if (libdeflate_gzip_decompress_ex(
		unpacker, packed, len, bytes, told, &taken, NULL) != LIBDEFLATE_SUCCESS ||
	    taken != len)
		return GUNZIP_DAMAGED;
	*ret_len = told;
	*ret_bytes = TAKE_PTR(bytes);
	return GUNZIP_OK;
}
