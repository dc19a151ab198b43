#include "mcp/http_mirror.h"

#include <string.h>

#include "base/hmac.h"

#define VERSION_KEY "io.modelcontextprotocol/protocolVersion"

enum { VALUE_MAX = 4096 };

/* Which member of the params a method's Mcp-Name has. */
static const struct {
	const char *method, *member;
} names[] = {
	{ "prompts/get", "name" },
	{ "resources/read", "uri" },
	{ "tasks/cancel", "taskId" },
	{ "tasks/get", "taskId" },
	{ "tasks/update", "taskId" },
	{ "tools/call", "name" },
};

static const char *text_of(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* A value that no header can have travels as "=?base64?...?="; blanks around it are none
 * of it. */
static bool is_same(const char *header, const char *body)
{
	static const char begin[] = "=?base64?", end[] = "?=";
	const size_t both = strlen(begin) + strlen(end);
	unsigned char plain[VALUE_MAX];
	size_t plain_len, len;

	header += strspn(header, " \t");
	len = strlen(header);
	while (len > 0 && (header[len - 1] == ' ' || header[len - 1] == '\t'))
		len--;
	if (len < both || strncmp(header, begin, strlen(begin)) != 0 ||
	    strncmp(header + len - strlen(end), end, strlen(end)) != 0)
		return len == strlen(body) && !strncmp(header, body, len);
	return base64_read(header + strlen(begin), len - both, plain, sizeof(plain),
		   &plain_len) &&
	    plain_len == strlen(body) && !memcmp(plain, body, plain_len);
}

/* Is there one such field, with what the body has? A body without it is judged later. */
static bool has(const struct web_request *request, const char *field, const char *body)
{
	size_t n;
	const char *value = web_field(request, field, &n);

	return !body || (n == 1 && is_same(value, body));
}

const char *mirror_fault(const struct web_request *request, const struct message *message)
{
	const cJSON *meta = cJSON_GetObjectItemCaseSensitive(message->params, "_meta");

	if (!has(request, "MCP-Protocol-Version", text_of(meta, VERSION_KEY)))
		return "header mismatch: MCP-Protocol-Version must be as in _meta";
	if (!has(request, "Mcp-Method", message->method))
		return "header mismatch: Mcp-Method must be the method";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i].method, message->method) &&
		    !has(request, "Mcp-Name", text_of(message->params, names[i].member)))
			return "header mismatch: Mcp-Name must be as in the params";
	return NULL;
}
