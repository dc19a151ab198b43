/*
 * place.c - a browser has one folder for all its profiles, in one of a few places (its
 * own package's, snap's, flatpak's). Firefox lists them in profiles.ini, the others in
 * the JSON of "Local State".
 */
#include "core/browser/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"

enum { LIST_MAX = 8 << 20, NAMES_MAX = 300, NAME_BYTES = 200 };

const struct browser browsers[] = {
	{ "firefox", "Firefox", NULL,
	    { ".mozilla/firefox", ".config/mozilla/firefox",
		"snap/firefox/common/.mozilla/firefox",
		".var/app/org.mozilla.firefox/.mozilla/firefox",
		".var/app/org.mozilla.firefox/config/mozilla/firefox" } },
	{ "chromium", "Chromium", "chromium",
	    { ".config/chromium", "snap/chromium/common/chromium",
		".var/app/org.chromium.Chromium/config/chromium" } },
	{ "chrome", "Google Chrome", "chrome",
	    { ".config/google-chrome",
		".var/app/com.google.Chrome/config/google-chrome" } },
	{ "edge", "Microsoft Edge", "chromium",
	    { ".config/microsoft-edge",
		".var/app/com.microsoft.Edge/config/microsoft-edge" } },
	{ "brave", "Brave", "brave",
	    { ".config/BraveSoftware/Brave-Browser",
		"snap/brave/current/.config/BraveSoftware/Brave-Browser",
		".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser" } },
	{ 0 },
};

const struct browser *browser_find(const char *name)
{
	const size_t len = strcspn(name, ":");

	for (const struct browser *b = browsers; b->name; b++)
		if (strlen(b->name) == len && !memcmp(b->name, name, len))
			return b;
	return NULL;
}

/* One profile of a list. */
struct profile {
	char folder[NAME_BYTES], name[NAME_BYTES];
	bool is_default, is_relative;
};

/* What is looked for in a list, and what was found. */
struct search {
	const char *root; /* the browser's folder */
	const char *wanted; /* NULL: the default one */
	char names[NAMES_MAX]; /* of all, for the message */
	char found[PATH_MAX]; /* the profile's folder; "": none */
	bool is_sure; /* no later one is better */
};

static void note_name(struct search *search, const struct profile *profile)
{
	const size_t len = strlen(search->names);

	if (len + strlen(profile->name) + 3 < sizeof(search->names))
		(void)snprintf(search->names + len, sizeof(search->names) - len, "%s%s",
		    len > 0 ? ", " : "",
		    profile->name[0] ? profile->name : profile->folder);
}

static void take(struct search *search, const struct profile *profile)
{
	if (profile->is_relative)
		(void)snprintf(search->found, sizeof(search->found), "%s/%s",
		    search->root, profile->folder);
	else
		(void)snprintf(
		    search->found, sizeof(search->found), "%s", profile->folder);
}

static void consider(struct search *search, const struct profile *profile)
{
	if (!profile->folder[0])
		return;
	note_name(search, profile);
	if (search->is_sure)
		return;
	if (search->wanted) {
		search->is_sure = !strcmp(search->wanted, profile->folder) ||
		    !strcasecmp(search->wanted, profile->name);
		if (search->is_sure)
			take(search, profile);
	} else if (!search->found[0] || profile->is_default) {
		take(search, profile);
		search->is_sure = profile->is_default;
	}
}

/* --- Firefox ----------------------------------------------------------------- */

static void copy_value(char into[NAME_BYTES], const char *value)
{
	(void)snprintf(into, NAME_BYTES, "%s", value);
}

static void read_pair(struct profile *profile, const char *line)
{
	if (!strncmp(line, "Name=", 5))
		copy_value(profile->name, line + 5);
	else if (!strncmp(line, "Path=", 5))
		copy_value(profile->folder, line + 5);
	else if (!strcmp(line, "IsRelative=1"))
		profile->is_relative = true;
	else if (!strcmp(line, "Default=1"))
		profile->is_default = true;
}

/* What an [Install...] section opens counts more than what [Profile...] calls default. */
static void read_installed(char *text, char installed[NAME_BYTES])
{
	bool is_install = false;

	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (*line == '[')
			is_install = !strncmp(line, "[Install", 8);
		if (is_install && !strncmp(line, "Default=", 8))
			(void)snprintf(installed, NAME_BYTES, "%.*s",
			    (int)strcspn(line + 8, "\r\n"), line + 8);
		next = next ? next + 1 : NULL;
	}
}

static void read_profiles_ini(struct search *search, char *text)
{
	struct profile profile = { .is_relative = false };
	char installed[NAME_BYTES] = "";
	bool is_profile = false;

	read_installed(text, installed);
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		line[strcspn(line, "\r")] = '\0';
		if (*line == '[') {
			if (is_profile && installed[0])
				profile.is_default = !strcmp(installed, profile.folder);
			if (is_profile)
				consider(search, &profile);
			profile = (struct profile){ .is_relative = false };
			is_profile = !strncmp(line, "[Profile", 8);
		} else if (is_profile) {
			read_pair(&profile, line);
		}
	}
	if (is_profile && installed[0])
		profile.is_default = !strcmp(installed, profile.folder);
	if (is_profile)
		consider(search, &profile);
}

/* --- Chromium and its kin ----------------------------------------------------- */

static void read_local_state(struct search *search, const char *text, size_t len)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	const cJSON *profiles, *one;
	const char *last;
	struct err ignored;

	if (json_parse(text, len, &json, &ignored))
		return;
	last = json_get_string(json, "profile.last_used", NULL);
	profiles = json_find(json, "profile.info_cache");
	cJSON_ArrayForEach(one, profiles) {
		struct profile profile = { .is_relative = true };
		const char *name = json_get_string(one, "name", NULL);

		copy_value(profile.folder, one->string ? one->string : "");
		copy_value(profile.name, name ? name : "");
		profile.is_default = !strcmp(profile.folder, last ? last : "Default");
		consider(search, &profile);
	}
}

/* One that was never listed, as that of a first start. */
static void consider_default(struct search *search)
{
	struct profile profile = { .folder = "Default", .is_relative = true };
	_cleanup_free_ char *path = fs_join(search->root, "Default");

	if (!search->found[0] && !search->wanted && path && fs_exists(path))
		consider(search, &profile);
}

/* --- all --------------------------------------------------------------------- */

static void search_root(const struct browser *browser, struct search *search)
{
	const char *list = browser->keyring ? "Local State" : "profiles.ini";
	_cleanup_free_ char *path = fs_join(search->root, list);
	_cleanup_(buf_release) struct buf text = buf_make(LIST_MAX);
	struct err ignored;

	if (path && !fs_read_all(path, &text, &ignored) && text.len > 0) {
		if (browser->keyring)
			read_local_state(search, text.data, text.len);
		else
			read_profiles_ini(search, text.data);
	}
	if (browser->keyring)
		consider_default(search);
}

/* False: a profile without cookies. */
static bool find_cookies(
    const struct browser *browser, const char *folder, char ret_path[PATH_MAX])
{
	static const char *const names[2][3] = { { "cookies.sqlite", NULL },
		{ "Network/Cookies", "Cookies", NULL } };

	for (const char *const *name = names[browser->keyring != NULL]; *name; name++)
		if (snprintf(ret_path, PATH_MAX, "%s/%s", folder, *name) < PATH_MAX &&
		    fs_exists(ret_path))
			return true;
	return false;
}

/* What was seen in all places of a browser. */
struct seen {
	const char *wanted;
	char names[NAMES_MAX]; /* of profiles */
	char without[PATH_MAX]; /* one that has no cookies; "": none */
};

static enum err_kind refuse(
    const struct browser *browser, struct seen *seen, struct err *err)
{
	const char *home = getenv("HOME");

	text_make_printable(seen->names);
	if (seen->without[0])
		return err_set(err, ERR_AUTH,
		    "the profile of %s in '%.200s' has no cookies yet: log in there "
		    "first",
		    browser->title, seen->without);
	if (seen->wanted && seen->names[0])
		return err_set(err, ERR_USAGE, "%s has no profile '%.60s'; there are: %s",
		    browser->title, seen->wanted, seen->names);
	return err_set(err, ERR_USAGE,
	    "no profile of %s was found below '%.100s'; is it another browser, or "
	    "another "
	    "user's? A cookie can also come from a file: see 'dreamq help auth'",
	    browser->title, home ? home : "?");
}

/* ".config" may be elsewhere. */
static char *root_of(const char *home, const char *folder)
{
	const char *config = getenv("XDG_CONFIG_HOME");

	if (config && config[0] == '/' && !strncmp(folder, ".config/", 8))
		return fs_join(config, folder + 8);
	return fs_join(home, folder);
}

/* True: its cookies are found. */
static bool look_in(const struct browser *browser, const char *root, struct seen *seen,
    char ret_path[PATH_MAX])
{
	struct search search = { .root = root, .wanted = seen->wanted };

	memcpy(search.names, seen->names, sizeof(search.names));
	search_root(browser, &search);
	memcpy(seen->names, search.names, sizeof(seen->names));
	if (!search.found[0])
		return false;
	if (find_cookies(browser, search.found, ret_path))
		return true;
	memcpy(seen->without, search.found, sizeof(seen->without));
	return false;
}

enum err_kind browser_place(const struct browser *browser, const char *profile,
    char ret_path[PATH_MAX], struct err *err)
{
	const char *home = getenv("HOME");
	struct seen seen = { .wanted = profile };

	for (const char *const *folder = browser->folders; home && *folder; folder++) {
		_cleanup_free_ char *root = root_of(home, *folder);

		if (root && fs_exists(root) && look_in(browser, root, &seen, ret_path))
			return ERR_OK;
	}
	return refuse(browser, &seen, err);
}
