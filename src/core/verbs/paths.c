/*
 * paths.c - where things lie when nobody says (XDG base directories), and
 * the lists of names that front ends show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/account/session.h"
#include "dreamq/dreamq.h"
#include "service/jimeng/send/wire.h"
#include "store/name.h"

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

enum dq_status dq_parse_duration(
    const char *text, int64_t *ret_ms, struct dq_error *ret_error)
{
	struct err err;

	if (text_duration_ms(text, ret_ms, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

const char *const *dq_name_fields(void)
{
	return name_fields();
}

const char *dq_wire_name_at(size_t i)
{
	return wire_name_at(i);
}

const char *const *dq_state_names(void)
{
	static const char *const names[] = {
#define X(name, text, is_final) text,
		TASK_STATES(X)
#undef X
		    NULL,
	};

	return names;
}
