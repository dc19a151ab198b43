/*
 * Whatever an answer is made of: mending ends, leaves what can be read as it is, and has
 * nothing left to do the second time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	struct err err = { .kind = ERR_OK };
	bool was_readable;
	size_t mended;

	if (!text)
		return 0;
	memcpy(text, data, size);
	was_readable = !json_scan(text, size, &err);
	mended = json_mend(text, size);
	require(!was_readable || (mended == 0 && !memcmp(text, data, size)));
	require(mended > 0 || !memcmp(text, data, size));
	require(json_mend(text, size) == 0);
	return 0;
}
