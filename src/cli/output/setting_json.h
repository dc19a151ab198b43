/*
 * setting_json.h - lines of JSON about the config file (docs/schema/setting.schema.json,
 * mistake.schema.json). Of the command line alone: the library knows no config file.
 */
#pragma once

/* A key, its value, and where that comes from; NULL is null. */
struct setting {
	const char *key, *value;
	const char *origin; /* "default", "config", "profile", "environment", "option" */
	const char *file; /* of "config" and "profile" */
	unsigned line; /* 0: null */
	const char *name; /* of the variable or the option */
};

/* One object without newline, malloc'ed; NULL: no memory. */
char *setting_json(const struct setting *setting);
char *mistake_json(const char *file, unsigned line, const char *text);
