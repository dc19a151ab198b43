#include "mcp/install/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"

#ifdef __APPLE__
#define SYSTEM_HERE SYSTEM_MACOS
#else
#define SYSTEM_HERE SYSTEM_LINUX
#endif

static const struct client_pair plain[] = {
	{ "command", .holds = PAIR_PROGRAM },
	{ "args", .holds = PAIR_ARGUMENTS },
	{ .key = NULL },
};
static const struct client_pair typed[] = {
	{ "type", "\"stdio\"", .holds = PAIR_TEXT },
	{ "command", .holds = PAIR_PROGRAM },
	{ "args", .holds = PAIR_ARGUMENTS },
	{ .key = NULL },
};
/* Some releases cut a call after 60 s unless told; none of ours takes so long. */
static const struct client_pair codex_entry[] = {
	{ "command", .holds = PAIR_PROGRAM },
	{ "args", .holds = PAIR_ARGUMENTS },
	{ "tool_timeout_sec", "60", .is_choice = true },
	{ .key = NULL },
};
static const struct client_pair copilot_entry[] = {
	{ "type", "\"local\"", .holds = PAIR_TEXT },
	{ "command", .holds = PAIR_PROGRAM },
	{ "args", .holds = PAIR_ARGUMENTS },
	{ "tools", "[\"*\"]", .is_choice = true },
	{ .key = NULL },
};
static const struct client_pair opencode_entry[] = {
	{ "type", "\"local\"", .holds = PAIR_TEXT },
	{ "command", .holds = PAIR_WHOLE },
	{ "enabled", "true", .is_choice = true },
	{ .key = NULL },
};
static const struct client_pair zed_entry[] = {
	{ "source", "\"custom\"", .holds = PAIR_TEXT },
	{ "command", .holds = PAIR_PROGRAM },
	{ "args", .holds = PAIR_ARGUMENTS },
	{ .key = NULL },
};

/* clang-format off */
const struct client clients[] = {
	{ "claude-code", "Claude Code", FORM_JSON, "CLAUDE_CONFIG_DIR", { "~", "~" },
	    ".claude.json", NULL, ".mcp.json", "mcpServers", typed },
	{ "claude-desktop", "Claude Desktop", FORM_JSON, NULL,
	    { "XDG_CONFIG_HOME/Claude", "~/Library/Application Support/Claude" },
	    "claude_desktop_config.json", NULL, NULL, "mcpServers", plain },
	{ "codex", "Codex", FORM_TOML, "CODEX_HOME", { "~/.codex", "~/.codex" },
	    "config.toml", NULL, ".codex/config.toml", "mcp_servers", codex_entry },
	{ "copilot-cli", "GitHub Copilot CLI", FORM_JSON, "COPILOT_HOME",
	    { "~/.copilot", "~/.copilot" },
	    "mcp-config.json", NULL, ".github/mcp.json", "mcpServers", copilot_entry },
	{ "cursor", "Cursor", FORM_JSON, NULL, { "~/.cursor", "~/.cursor" },
	    "mcp.json", NULL, ".cursor/mcp.json", "mcpServers", plain },
	{ "gemini", "Gemini CLI", FORM_JSONC, NULL, { "~/.gemini", "~/.gemini" },
	    "settings.json", NULL, ".gemini/settings.json", "mcpServers", plain },
	{ "kiro", "Kiro", FORM_JSON, NULL, { "~/.kiro/settings", "~/.kiro/settings" },
	    "mcp.json", NULL, ".kiro/settings/mcp.json", "mcpServers", plain },
	{ "lmstudio", "LM Studio", FORM_JSON, NULL, { "~/.lmstudio", "~/.lmstudio" },
	    "mcp.json", NULL, NULL, "mcpServers", plain },
	{ "opencode", "opencode", FORM_JSONC, NULL,
	    { "XDG_CONFIG_HOME/opencode", "XDG_CONFIG_HOME/opencode" },
	    "opencode.json", "opencode.jsonc", "opencode.json", "mcp", opencode_entry },
	{ "qwen", "Qwen Code", FORM_JSONC, NULL, { "~/.qwen", "~/.qwen" },
	    "settings.json", NULL, ".qwen/settings.json", "mcpServers", plain },
	{ "vscode", "Visual Studio Code", FORM_JSONC, NULL,
	    { "XDG_CONFIG_HOME/Code/User", "~/Library/Application Support/Code/User" },
	    "mcp.json", NULL, ".vscode/mcp.json", "servers", typed },
	{ "windsurf", "Windsurf", FORM_JSON, NULL,
	    { "~/.codeium/windsurf", "~/.codeium/windsurf" },
	    "mcp_config.json", NULL, NULL, "mcpServers", plain },
	{ "zed", "Zed", FORM_JSONC, NULL,
	    { "XDG_CONFIG_HOME/zed", "~/.config/zed" },
	    "settings.json", NULL, ".zed/settings.json", "context_servers", zed_entry },
	{ .name = NULL },
};
/* clang-format on */

const char *const client_names[] = { "claude-code", "claude-desktop", "codex",
	"copilot-cli", "cursor", "gemini", "kiro", "lmstudio", "opencode", "qwen",
	"vscode", "windsurf", "zed", NULL };

enum err_kind client_find(
    const char *name, const struct client **ret_client, struct err *err)
{
	const char *nearest = text_nearest(name, client_names);

	for (const struct client *client = clients; client->name; client++)
		if (!strcmp(client->name, name)) {
			*ret_client = client;
			return ERR_OK;
		}
	if (nearest)
		return err_set(err, ERR_USAGE,
		    "'%s' is no client that is known here; did you mean '%s'?", name,
		    nearest);
	return err_set(err, ERR_USAGE,
	    "'%s' is no client that is known here; 'dreamq mcp clients' lists them",
	    name);
}

static enum err_kind no_home(struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "HOME is not set: nobody knows where the client's configuration is; name a "
	    "project's folder with --project");
}

static const char *set_variable(const char *name)
{
	const char *value = name ? getenv(name) : NULL;

	return value && *value ? value : NULL;
}

/* "~/x" is below HOME, "XDG_CONFIG_HOME/x" where that says. */
static enum err_kind expand(const char *pattern, char **ret_folder, struct err *err)
{
	static const char xdg[] = "XDG_CONFIG_HOME";
	const bool is_config = !strncmp(pattern, xdg, sizeof(xdg) - 1);
	const char *config = is_config ? set_variable(xdg) : NULL;
	const char *home = set_variable("HOME");
	const char *rest = pattern + (is_config ? sizeof(xdg) - 1 : 1);
	char *folder = NULL;
	int rc;

	if (config && *config != '/') /* as its specification says */
		config = NULL;
	if (!config && !home)
		return no_home(err);
	rc = config
	    ? asprintf(&folder, "%s%s", config, rest)
	    : asprintf(&folder, "%s%s%s", home, is_config ? "/.config" : "", rest);
	if (rc < 0)
		return err_set(err, ERR_NOMEM, "out of memory");
	*ret_folder = folder;
	return ERR_OK;
}

static enum err_kind own_path(
    const struct client *client, char **ret_path, struct err *err)
{
	const char *named = set_variable(client->variable);
	_cleanup_free_ char *folder = named ? strdup(named) : NULL;
	_cleanup_free_ char *other = NULL;

	if (!named && expand(client->folders[SYSTEM_HERE], &folder, err))
		return err->kind;
	if (folder && client->other_file)
		other = fs_join(folder, client->other_file);
	if (other && fs_exists(other))
		*ret_path = TAKE_PTR(other);
	else
		*ret_path = folder ? fs_join(folder, client->file) : NULL;
	return *ret_path ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

enum err_kind client_path(
    const struct client *client, const char *project, char **ret_path, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	if (project && !client->project)
		return err_set(err, ERR_USAGE,
		    "%s has one configuration for all projects; leave --project out",
		    client->title);
	if (project && !fs_exists(project))
		return err_set(err, ERR_USAGE, "there is no folder '%s'", project);
	if (!project && own_path(client, &path, err))
		return err->kind;
	if (project && !(path = fs_join(project, client->project)))
		return err_set(err, ERR_NOMEM, "out of memory");
	*ret_path = fs_absolute(path, err);
	return *ret_path ? ERR_OK : err->kind;
}
