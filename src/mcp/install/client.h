/*
 * client.h - the programs that start an MCP server, a row for each: where their
 * configuration lies, in which form, and what an entry of it looks like.
 * 'dreamq mcp install', its completion, and the tests of docs/agents.md walk the rows.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

enum client_form {
	FORM_JSON, /* comments are a mistake there */
	FORM_JSONC, /* JSON with comments and trailing commas */
	FORM_TOML,
};

enum client_system { SYSTEM_LINUX, SYSTEM_MACOS, SYSTEM_COUNT };

/* What an entry holds under a key; a text is JSON, which TOML has as well. */
struct client_pair {
	const char *key; /* NULL: the end */
	const char *text; /* NULL: made of the command */
	enum { PAIR_TEXT, PAIR_PROGRAM, PAIR_ARGUMENTS, PAIR_WHOLE } holds;
	bool is_choice; /* only in a new entry: the person may have chosen otherwise */
};

struct client {
	const char *name; /* as it is typed */
	const char *title; /* as it calls itself */
	enum client_form form;
	const char *variable; /* whose value replaces the folder; NULL: none */
	const char *folders[SYSTEM_COUNT]; /* "~/..." or "XDG_CONFIG_HOME/..." */
	const char *file; /* there */
	const char *other_file; /* which is taken when it is there; NULL: none */
	const char *project; /* the file in a project's folder; NULL: it has none */
	const char *list; /* the key that the servers stand under */
	const struct client_pair *entry;
};

/* By name. The last has no name. */
extern const struct client clients[];
/* Their names, NULL-terminated. */
extern const char *const client_names[];

/* ERR_USAGE: there is none, and which is near. */
enum err_kind client_find(
    const char *name, const struct client **ret_client, struct err *err);

/*
 * Where its configuration is: in that project's folder, or NULL: the person's own.
 * Absolute, malloc'ed; it need not be there. ERR_USAGE: it has no such place.
 */
enum err_kind client_path(
    const struct client *client, const char *project, char **ret_path, struct err *err);
