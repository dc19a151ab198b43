#include "cli/options/command.h"

#include <string.h>

#include "base/text.h"

const struct command *const commands[] = {
	&cmd_adopt,
	&cmd_auth,
	&cmd_cancel,
	&cmd_completion,
	&cmd_config,
	&cmd_credits,
	&cmd_doctor,
	&cmd_embed,
	&cmd_export,
	&cmd_forget,
	&cmd_get,
	&cmd_help,
	&cmd_ledger,
	&cmd_list,
	&cmd_list_task,
	&cmd_mcp,
	&cmd_note,
	&cmd_open,
	&cmd_preview,
	&cmd_prune,
	&cmd_query,
	&cmd_query_result,
	&cmd_rename,
	&cmd_rescue,
	&cmd_reveal,
	&cmd_run,
	&cmd_setup,
	&cmd_sheet,
	&cmd_show,
	&cmd_stats,
	&cmd_submit,
	&cmd_sync,
	&cmd_tag,
	&cmd_verify,
	&cmd_version,
	&cmd_wait,
	&cmd_watch,
	&cmd_webhook,
	NULL,
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) - 1 };

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

const char *command_nearest(const char *name)
{
	const char *names[COMMAND_COUNT + 1];

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i]->name;
	names[COMMAND_COUNT] = NULL;
	return text_nearest(name, names);
}
