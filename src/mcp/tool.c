#include "mcp/tool.h"

#include <string.h>

const struct tool *const tools[] = {
	&tool_get,
	&tool_list,
	&tool_preview,
	&tool_query,
	&tool_show,
	&tool_stats,
	&tool_status,
	&tool_sync,
	&tool_verify,
	&tool_wait,
	NULL,
};

const struct tool *tool_find(const char *name)
{
	for (const struct tool *const *at = tools; *at; at++)
		if (!strcmp((*at)->name, name))
			return *at;
	return NULL;
}

/* Every tool can be called again: that pays nothing, and replaces no file. */
static cJSON *annotations(const struct tool *tool)
{
	struct put hints = put_make();

	put_bool(&hints, "readOnlyHint", tool->reads_only);
	put_bool(&hints, "destructiveHint", false);
	put_bool(&hints, "idempotentHint", true);
	put_bool(&hints, "openWorldHint", tool->asks_service);
	return put_take(&hints);
}

static cJSON *tool_json(const struct tool *tool)
{
	struct put row = put_make();

	put_text(&row, "name", tool->name);
	put_text(&row, "title", tool->title);
	put_text(&row, "description", tool->description);
	put_item(&row, "inputSchema", params_schema(tool->params));
	if (tool->output)
		put_item(&row, "outputSchema", shape_schema(tool->output));
	put_item(&row, "annotations", annotations(tool));
	return put_take(&row);
}

cJSON *tools_json(void)
{
	struct put result = put_make();
	cJSON *list = put_array(&result, "tools");

	for (const struct tool *const *at = tools; list && *at; at++)
		result.failed |= !cJSON_AddItemToArray(list, tool_json(*at));
	return put_take(&result);
}
