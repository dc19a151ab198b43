/*
 * command.h - one row per verb; help, completion and the manual are made from
 * these rows, so a verb cannot exist undocumented.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/options/options.h"

struct app;

/* What its arguments are, for checking and completion; ARGS_TAGS: ids, and "-word". */
enum args_kind {
	ARGS_NONE,
	ARGS_FILES,
	ARGS_IDS,
	ARGS_NAMES,
	ARGS_TAGS,
	ARGS_WORDS,
	ARGS_VERB
};

struct command {
	const char *name;
	const char *synopsis; /* behind the name; names its most important options */
	const char *summary; /* one line, lower case, no full stop */
	const char *details; /* sentences, a paragraph a line */
	const char *example; /* one command line */
	const enum opt_id *opts; /* its own, ends with OPT_COUNT; NULL: none */
	const char *const *words; /* ARGS_WORDS: what may stand first; NULL-terminated */
	const char *const *second_words; /* and behind one of them; NULL: files */
	enum args_kind takes;
	bool needs_no_settings; /* works with a broken config file too */
	bool makes_no_events; /* no webhook hears of it: works with a broken one, too */
	int (*run)(struct app *app); /* returns the exit status */
};

extern const struct command cmd_adopt, cmd_auth, cmd_cancel, cmd_completion, cmd_config,
    cmd_credits, cmd_doctor, cmd_embed, cmd_export, cmd_forget, cmd_get, cmd_help,
    cmd_ledger, cmd_list, cmd_list_task, cmd_mcp, cmd_note, cmd_open, cmd_preview,
    cmd_prune, cmd_query, cmd_query_result, cmd_rename, cmd_rescue, cmd_reveal, cmd_run,
    cmd_setup, cmd_sheet, cmd_show, cmd_stats, cmd_submit, cmd_sync, cmd_tag, cmd_verify,
    cmd_version, cmd_wait, cmd_watch, cmd_webhook;

/* In the order of help: by name. NULL-terminated. */
extern const struct command *const commands[];

/* Returns NULL when there is none. */
const struct command *command_find(const char *name);
/* The verb somebody may have meant, NULL when none is near. */
const char *command_nearest(const char *name);
