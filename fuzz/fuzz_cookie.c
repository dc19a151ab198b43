/*
 * Whatever is in a cookie file: what comes out can be a header's value, and no
 * error shows a part of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "service/jimeng/send/cookie.h"

static const struct cookie_home home = { "https://127.0.0.1:8080", "jianying.com" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	_cleanup_free_ char *cookie = NULL;
	int64_t expires_unix = 0;
	struct err err = { .kind = ERR_OK };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (cookie_parse(text, &home, &cookie, &expires_unix, &err)) {
		require(err.kind == ERR_AUTH && err.msg[0] && !cookie);
		return 0;
	}
	require(strstr(cookie, "sessionid") != NULL);
	for (const char *c = cookie; *c; c++)
		require((unsigned char)*c >= ' ' && *c != 0x7f);
	require(cookie_expires_unix(cookie) >= 0 && expires_unix >= 0);
	return 0;
}
