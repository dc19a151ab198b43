/*
 * Whatever a link looks like: an expiry is 0 or a time that makes sense, and
 * its object has a name.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "service/jimeng/read/assetlink.h"
#include "service/jimeng/read/expiry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);
	_cleanup_free_ char *url = malloc(size + 1);
	int64_t expires;

	if (!url)
		return 0;
	memcpy(url, data, size);
	url[size] = '\0';
	expires = expiry_of_link(url);
	require(expires == 0 || (expires >= 1420070400 && expires <= 4102444800));
	if (assetlink_is_usable(url)) {
		const char *object = assetlink_object(&arena, url);

		require(object && object[0] && !strpbrk(object, "?#"));
	}
	return 0;
}
