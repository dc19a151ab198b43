/*
 * help.h - help for people, made from the tables of verbs and options.
 */
#pragma once

#include "base/buf.h"
#include "cli/options/command.h"
#include "cli/options/config.h"

enum { HELP_MAX = 256 * 1024 };

struct help_row {
	const char *name, *text;
};
/* Exit statuses, variables, files: for help and manual. End with { 0 }. */
extern const struct help_row help_statuses[], help_variables[], help_hook[], help_files[];

/* With the aliases of the config file, if there are any. */
void help_add_main(struct buf *into, const struct config *config);
void help_add_short(struct buf *into); /* for a call without arguments */
void help_add_verb(struct buf *into, const struct command *command);

/* Adds "-o, --output-dir DIR". */
void help_add_option_name(struct buf *into, enum opt_id id);
