/* A URL, and behind the first line break a Location that leads away from it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever came in, only https or loopback comes out, and no user, no line break. */
static void check(const struct link *link)
{
	if (!link->is_tls && !link->is_loopback)
		abort();
	if (!link->host || !link->url || strpbrk(link->url, "\r\n "))
		abort();
	if (strncmp(link->url, link->is_tls ? "https://" : "http://",
		link->is_tls ? 8 : 7) != 0)
		abort();
	if (strchr(link->shown, '?') || link->port > 65535)
		abort();
}

static void follow(const struct link *from, const char *location)
{
	struct link to = { 0 };
	struct err err;

	if (link_follow(from, location, &to, &err) != ERR_OK)
		return;
	check(&to);
	if (from->is_tls && !to.is_tls)
		abort();
	link_release(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct link link = { 0 };
	struct err err;
	char *location;

	if (!text)
		return 0;
	location = strchr(text, '\n');
	if (location)
		*location++ = '\0';
	if (link_make(text, ERR_CONTRACT, &link, &err) != ERR_OK)
		return 0;
	check(&link);
	if (location)
		follow(&link, location);
	link_release(&link);
	return 0;
}
