/*
 * cli_json.h - lines of JSON that the command line alone has: about its config file
 * (docs/schema/setting.schema.json, mistake.schema.json) and about the configurations of
 * agents' clients (client.schema.json). The library knows neither.
 */
#pragma once

#include <stdbool.h>

/* A key, its value, and where that comes from; NULL is null. */
struct setting {
	const char *key, *value;
	const char *origin; /* "default", "config", "profile", "environment", "option" */
	const char *file; /* of "config" and "profile" */
	unsigned line; /* 0: null */
	const char *name; /* of the variable or the option */
};

/* A client of 'dreamq mcp', and the file that says which servers it starts. */
struct client_line {
	const char *name, *title, *path;
	const char *state; /* "absent", "installed", "not_installed", "unreadable" */
	bool is_written; /* just now */
	const char *backup; /* what was there before; NULL: none was made */
};

/* One object without newline, malloc'ed; NULL: no memory. */
char *client_json(const struct client_line *client);
char *setting_json(const struct setting *setting);
char *mistake_json(const char *file, unsigned line, const char *text);
