#include "mcp/era.h"

#include <string.h>

#include "mcp/put.h"

#define VERSION_KEY "io.modelcontextprotocol/protocolVersion"
#define CAPABILITIES_KEY "io.modelcontextprotocol/clientCapabilities"

/* The first is what a client of an unknown revision is offered. */
static const char *const legacy[] = { "2025-11-25", "2025-06-18", "2025-03-26",
	"2024-11-05" };

bool era_is_legacy(const char *revision)
{
	for (size_t i = 0; i < sizeof(legacy) / sizeof(*legacy); i++)
		if (!strcmp(legacy[i], revision))
			return true;
	return false;
}

const char *era_legacy_revision(const char *wanted)
{
	return wanted && era_is_legacy(wanted) ? wanted : legacy[0];
}

cJSON *era_supported(void)
{
	static const char *const modern[] = { ERA_MODERN_REVISION };

	return cJSON_CreateStringArray(modern, 1);
}

static enum rpc_code check_modern(
    const cJSON *meta, const cJSON *version, const char **ret_why, cJSON **ret_data)
{
	*ret_why = "_meta \"" VERSION_KEY "\" must be a string";
	if (!cJSON_IsString(version))
		return RPC_PARAMS;
	if (strcmp(version->valuestring, ERA_MODERN_REVISION) != 0) {
		struct put data = put_make();

		*ret_why = "unsupported protocol version";
		put_item(&data, "supported", era_supported());
		put_strange(&data, "requested", version->valuestring, 100);
		*ret_data = put_take(&data);
		return RPC_VERSION;
	}
	*ret_why = "_meta \"" CAPABILITIES_KEY "\" must be an object";
	if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(meta, CAPABILITIES_KEY)))
		return RPC_PARAMS;
	return RPC_OK;
}

const cJSON *era_capabilities(const struct message *message)
{
	const cJSON *meta = cJSON_GetObjectItemCaseSensitive(message->params, "_meta");

	return cJSON_GetObjectItemCaseSensitive(meta, CAPABILITIES_KEY);
}

/* An empty object means forms; who names modes, and not this one, has none. */
bool era_has_forms(const cJSON *capabilities)
{
	const cJSON *elicitation =
	    cJSON_GetObjectItemCaseSensitive(capabilities, "elicitation");

	return cJSON_IsObject(elicitation) &&
	    (!elicitation->child ||
		cJSON_GetObjectItemCaseSensitive(elicitation, "form"));
}

enum rpc_code era_of(const struct message *message, bool is_initialized,
    enum era *ret_era, const char **ret_why, cJSON **ret_data)
{
	const cJSON *meta = cJSON_GetObjectItemCaseSensitive(message->params, "_meta");
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(meta, VERSION_KEY);

	*ret_data = NULL;
	*ret_era = version ? ERA_MODERN : ERA_LEGACY;
	if (version)
		return check_modern(meta, version, ret_why, ret_data);
	*ret_why = "missing _meta \"" VERSION_KEY "\"";
	if (is_initialized || !strcmp(message->method, "initialize") ||
	    !strcmp(message->method, "ping"))
		return RPC_OK;
	return RPC_PARAMS;
}

bool era_has_extension(const struct message *message, const char *extension)
{
	const cJSON *meta = cJSON_GetObjectItemCaseSensitive(message->params, "_meta");
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(meta, CAPABILITIES_KEY);
	const cJSON *extensions = cJSON_GetObjectItemCaseSensitive(all, "extensions");

	return cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(extensions, extension));
}

cJSON *era_needs_extension(const char *extension)
{
	struct put data = put_make(), needed = put_make(), extensions = put_make();

	put_item(&extensions, extension, cJSON_CreateObject());
	put_item(&needed, "extensions", put_take(&extensions));
	put_item(&data, "requiredCapabilities", put_take(&needed));
	return put_take(&data);
}
