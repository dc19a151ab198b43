/*
 * paths.c - where things lie when nobody says (XDG base directories).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "dreamq/dreamq.h"

/* XDG folders must be absolute; anything else is to be ignored (XDG spec). */
static char *xdg_folder(const char *variable, const char *below_home)
{
	const char *folder = getenv(variable);
	const char *home = getenv("HOME");
	char *path = NULL;

	if (folder && folder[0] == '/')
		return strdup(folder);
	if (!home || home[0] != '/' || asprintf(&path, "%s/%s", home, below_home) < 0)
		return NULL;
	return path;
}

char *dq_default_path(enum dq_path which, const char *profile)
{
	static const struct {
		const char *variable, *below_home, *below_folder, *suffix;
	} places[] = {
		[DQ_PATH_CONFIG] = { "XDG_CONFIG_HOME", ".config", "dreamq/config.ini",
		    NULL },
		[DQ_PATH_LEDGER] = { "XDG_STATE_HOME", ".local/state", "dreamq/ledger.db",
		    NULL },
		[DQ_PATH_COOKIE] = { "XDG_CONFIG_HOME", ".config", "dreamq/cookies/",
		    ".cookie" },
		[DQ_PATH_THUMBS] = { "XDG_CACHE_HOME", ".cache", "dreamq/thumbs", NULL },
	};
	_cleanup_free_ char *folder =
	    xdg_folder(places[which].variable, places[which].below_home);
	const char *suffix = places[which].suffix;
	char *path = NULL;

	if (!folder)
		return NULL;
	if (asprintf(&path, "%s/%s%s%s", folder, places[which].below_folder,
		suffix ? profile : "", suffix ? suffix : "") < 0)
		return NULL;
	return path;
}
