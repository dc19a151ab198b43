#include "mcp/uri.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mcp/params.h"

enum { INDEX_MAX = 1000, SUM_LEN = 64 };

static struct uri name(enum uri_kind kind, const char *id, size_t len, int64_t index)
{
	struct uri uri = { .kind = kind, .index = index };

	(void)snprintf(uri.id, sizeof(uri.id), "%.*s", (int)len, id);
	return uri;
}

static struct uri read_file(const char *at)
{
	const size_t len = strcspn(at, "/");
	uint64_t index;

	if (!at[len] && len == SUM_LEN && strspn(at, "0123456789abcdef") == len)
		return name(URI_OF_SUM, at, len, 0);
	if (params_is_id(at, len) && at[len] == '/' &&
	    text_uint(at + len + 1, 0, INDEX_MAX, &index))
		return name(URI_OF_FILE, at, len, (int64_t)index);
	return (struct uri){ .kind = URI_NONE };
}

struct uri uri_of_file(const char *id, int64_t index)
{
	return name(URI_OF_FILE, id, strlen(id), index);
}

struct uri uri_read(const char *text)
{
	const char *at = text + strlen(URI_TASK);

	if (!strncmp(text, URI_TASK, strlen(URI_TASK)) && params_is_id(at, strlen(at)))
		return name(URI_OF_TASK, at, strlen(at), 0);
	if (!strncmp(text, URI_FILE, strlen(URI_FILE)))
		return read_file(text + strlen(URI_FILE));
	return (struct uri){ .kind = URI_NONE };
}
