#include "mcp/tool.h"

#include <string.h>

const struct tool *const tools[] = {
	&tool_cancel,
	&tool_forget,
	&tool_get,
	&tool_list,
	&tool_preview,
	&tool_query,
	&tool_reroll,
	&tool_run,
	&tool_show,
	&tool_stats,
	&tool_status,
	&tool_submit,
	&tool_sync,
	&tool_verify,
	&tool_wait,
	NULL,
};

static bool is_there(const struct mcp_may *may, const struct tool *tool)
{
	switch (tool->needs) {
	case NEEDS_SUBMIT:
		return may->submit;
	case NEEDS_DELETE:
		return may->remove;
	case NEEDS_NOTHING:
		break;
	}
	return true;
}

const struct tool *tool_find(const struct mcp_may *may, const char *name)
{
	for (const struct tool *const *at = tools; *at; at++)
		if (!strcmp((*at)->name, name))
			return is_there(may, *at) ? *at : NULL;
	return NULL;
}

/* Every tool can be called again: that pays nothing more, and replaces no file. */
static cJSON *annotations(const struct tool *tool)
{
	struct put hints = put_make();

	put_bool(&hints, "readOnlyHint", tool->reads_only);
	put_bool(&hints, "destructiveHint", tool->needs != NEEDS_NOTHING);
	put_bool(&hints, "idempotentHint", true);
	put_bool(&hints, "openWorldHint", tool->asks_service);
	return put_take(&hints);
}

/* Where a client knows this, it asks at each call, whatever was allowed for good. */
static cJSON *paid_meta(void)
{
	struct put meta = put_make();

	put_bool(&meta, "anthropic/requiresUserInteraction", true);
	return put_take(&meta);
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
	if (tool->needs == NEEDS_SUBMIT)
		put_item(&row, "_meta", paid_meta());
	return put_take(&row);
}

cJSON *tools_json(const struct mcp_may *may)
{
	struct put result = put_make();
	cJSON *list = put_array(&result, "tools");

	for (const struct tool *const *at = tools; list && *at; at++)
		if (is_there(may, *at))
			result.failed |= !cJSON_AddItemToArray(list, tool_json(*at));
	return put_take(&result);
}
