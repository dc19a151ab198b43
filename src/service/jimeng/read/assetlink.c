#include "service/jimeng/read/assetlink.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *host_of(const char *url)
{
	if (!strncasecmp(url, "https://", 8))
		return url + 8;
	if (!strncasecmp(url, "http://", 7))
		return url + 7;
	return NULL;
}

bool assetlink_is_usable(const char *url)
{
	const char *host = url ? host_of(url) : NULL;

	if (!host || strnlen(url, ASSETLINK_MAX + 1) > ASSETLINK_MAX ||
	    strcspn(host, "/?#") == 0)
		return false;
	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return false;
	return true;
}

/* Finds the place behind "<digits hex>/"; NULL when the path does not begin like that. */
static const char *behind_hex(const char *path, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		if (!isxdigit((unsigned char)path[i]))
			return NULL;
	return path[digits] == '/' ? path + digits + 1 : NULL;
}

/* Finds the place behind "<32 hex>/<8 hex>/" of a signed video path. */
static const char *behind_signature(const char *path)
{
	const char *expiry = behind_hex(path, 32);
	const char *object = expiry ? behind_hex(expiry, 8) : NULL;

	return object ? object : path;
}

char *assetlink_object(struct arena *arena, const char *url)
{
	const char *host = host_of(url);
	const char *object;

	if (!host)
		host = url;
	object = host + strcspn(host, "/?#");
	object = behind_signature(object + strspn(object, "/"));
	if (strcspn(object, "?#~") > 0)
		return arena_strndup(arena, object, strcspn(object, "?#~"));
	return arena_strndup(arena, host, strcspn(host, "/?#"));
}
