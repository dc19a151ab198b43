#include "cli/options/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/term/i18n.h"

struct parser {
	const char *path;
	struct config config;
	size_t room;
	const struct config_ear *ear; /* NULL: the first mistake ends it */
	bool is_inside; /* a section has begun */
	bool is_lost; /* in a section that there is not: what it has is passed over */
	enum config_section section;
	const char *profile;
	unsigned line;
};

static const char *const cookie_names[] = { "cookie", "cookies", "session", "sessionid",
	"sessionid_ss", "sid_guard", "sid_tt", "uid_tt", "uid_tt_ss", "sid_ucp_v1",
	"ssid_ucp_v1" };

static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || value[0] != '"' || value[len - 1] != '"')
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

bool config_is_cookie(const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(cookie_names) / sizeof(cookie_names[0]); i++)
		if (!strcasecmp(key, cookie_names[i]))
			return true;
	return strcasestr(value, "sessionid=") || strcasestr(value, "sid_guard=") ||
	    strcasestr(value, "sid_tt=");
}

bool config_is_name(const char *name)
{
	size_t len = strspn(name,
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return len > 0 && len <= 64 && name[len] == '\0';
}

bool config_read_section(
    char *line, enum config_section *ret_section, const char **ret_profile)
{
	static const struct {
		const char *name;
		enum config_section section;
	} sections[] = {
		{ "default", CONFIG_DEFAULT },
		{ "wire", CONFIG_WIRE },
		{ "alias", CONFIG_ALIAS },
	};
	const size_t len = strlen(line);
	char *name;

	if (len < 2 || line[0] != '[' || line[len - 1] != ']')
		return false;
	line[len - 1] = '\0';
	name = text_trim(line + 1);
	*ret_profile = NULL;
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		if (strcmp(name, sections[i].name) != 0)
			continue;
		*ret_section = sections[i].section;
		return true;
	}
	if (strncmp(name, "profile", 7) != 0 || !strchr(" \t\r", name[7]) ||
	    !config_is_name(text_trim(name + 7)))
		return false;
	*ret_section = CONFIG_PROFILE;
	*ret_profile = text_trim(name + 7);
	return true;
}

static enum err_kind read_section(struct parser *p, char *text, struct err *err)
{
	p->is_inside = true;
	p->is_lost = true;
	if (text[strlen(text) - 1] != ']')
		return err_set(
		    err, ERR_USAGE, "%s:%u: the section has no ']'", p->path, p->line);
	if (!config_read_section(text, &p->section, &p->profile))
		return err_set(err, ERR_USAGE,
		    "%s:%u: unknown section '%s'; there are [default], [profile NAME], "
		    "[alias] and [wire]",
		    p->path, p->line, text_trim(text + 1));
	p->is_lost = false;
	return ERR_OK;
}

static const struct config_entry *find_twin(
    const struct config *config, const struct config_entry *entry)
{
	for (size_t i = 0; i < config->n_entries; i++) {
		const struct config_entry *other = &config->entries[i];

		if (other->section == entry->section && !strcmp(other->key, entry->key) &&
		    !strcmp(other->profile ? other->profile : "",
			entry->profile ? entry->profile : ""))
			return other;
	}
	return NULL;
}

static enum err_kind add_entry(
    struct parser *p, const struct config_entry *entry, struct err *err)
{
	struct config *config = &p->config;

	if (!ARRAY_RESERVE(config->entries, p->room, config->n_entries + 1))
		return err_set(err, ERR_NOMEM, "out of memory");
	config->entries[config->n_entries++] = *entry;
	return ERR_OK;
}

static enum err_kind read_entry(struct parser *p, char *text, struct err *err)
{
	char *equals = strchr(text, '=');
	struct config_entry entry = {
		.section = p->section, .profile = p->profile, .line = p->line
	};
	const struct config_entry *twin;

	if (!equals || config_is_cookie(text, text))
		return err_set(err, ERR_USAGE, "%s:%u: %s", p->path, p->line,
		    config_is_cookie(text, text)
			? N_("a cookie does not belong into this file: take the line "
			     "out, and run 'dreamq auth import'")
			: N_("expected 'key = value'"));
	*equals = '\0';
	entry.key = text_trim(text);
	entry.value = unquote(text_trim(equals + 1));
	if (config_is_cookie(entry.key, entry.value))
		return err_set(err, ERR_USAGE,
		    "%s:%u: a cookie does not belong into this file: take the line out, "
		    "and "
		    "run 'dreamq auth import'",
		    p->path, p->line);
	if (!p->is_inside)
		return err_set(err, ERR_USAGE,
		    "%s:%u: '%s' stands before the first section; write [default] "
		    "above "
		    "it",
		    p->path, p->line, entry.key);
	twin = find_twin(&p->config, &entry);
	if (twin)
		return err_set(err, ERR_USAGE, "%s:%u: '%s' was set on line %u already",
		    p->path, p->line, entry.key, twin->line);
	return add_entry(p, &entry, err);
}

static enum err_kind read_line(struct parser *p, char *text, struct err *err)
{
	p->line++;
	text = text_trim(text);
	if (*text == '\0' || *text == '#' || *text == ';')
		return ERR_OK;
	if (*text == '[')
		return read_section(p, text, err);
	if (p->is_lost)
		return ERR_OK;
	return read_entry(p, text, err);
}

static struct config take(struct config *config)
{
	struct config taken = *config;

	*config = (struct config){ 0 };
	return taken;
}

enum err_kind config_parse_all(char *text, size_t len, const char *path,
    const struct config_ear *ear, struct config *ret_config, struct err *err)
{
	_cleanup_(config_release) struct config owned = { .text = text };
	struct parser p = { .path = path, .ear = ear };
	char *rest = text;
	enum err_kind kind = ERR_OK;

	if (text && memchr(text, '\0', len))
		return err_set(
		    err, ERR_USAGE, "'%s' is not a text file; it has NUL bytes", path);
	if (rest && !strncmp(rest, "\xef\xbb\xbf", 3))
		rest += 3;
	while (rest && !kind) {
		kind = read_line(&p, strsep(&rest, "\n"), err);
		if (kind != ERR_USAGE || !ear)
			continue;
		ear->on_mistake(ear->payload, p.line, err);
		kind = ERR_OK;
	}
	owned.entries = p.config.entries;
	owned.n_entries = p.config.n_entries;
	if (!kind)
		*ret_config = take(&owned);
	return kind;
}

enum err_kind config_parse(
    char *text, size_t len, const char *path, struct config *ret_config, struct err *err)
{
	return config_parse_all(text, len, path, NULL, ret_config, err);
}

void config_release(struct config *config)
{
	free(config->entries);
	free(config->text);
	*config = (struct config){ 0 };
}
