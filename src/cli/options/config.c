#include "cli/options/config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/term/i18n.h"

struct parser {
	const char *path;
	struct config config;
	size_t room;
	bool is_inside; /* a section has begun */
	enum config_section section;
	const char *profile;
	unsigned line;
};

static const char *const cookie_names[] = { "cookie", "cookies", "session", "sessionid",
	"sessionid_ss", "sid_guard", "sid_tt", "uid_tt", "uid_tt_ss", "sid_ucp_v1",
	"ssid_ucp_v1" };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Drop blanks at both ends, in place. */
static char *trim(char *text)
{
	size_t len;

	while (is_blank(*text))
		text++;
	len = strlen(text);
	while (len > 0 && is_blank(text[len - 1]))
		text[--len] = '\0';
	return text;
}

static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || value[0] != '"' || value[len - 1] != '"')
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

static bool is_cookie(const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(cookie_names) / sizeof(cookie_names[0]); i++)
		if (!strcasecmp(key, cookie_names[i]))
			return true;
	return strcasestr(value, "sessionid=") || strcasestr(value, "sid_guard=") ||
	    strcasestr(value, "sid_tt=");
}

static bool is_name(const char *name)
{
	size_t len = strspn(name,
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return len > 0 && len <= 64 && name[len] == '\0';
}

static enum err_kind read_section(struct parser *p, char *text, struct err *err)
{
	size_t len = strlen(text);
	char *name;

	if (text[len - 1] != ']')
		return err_set(
		    err, ERR_USAGE, "%s:%u: the section has no ']'", p->path, p->line);
	text[len - 1] = '\0';
	name = trim(text + 1);
	p->is_inside = true;
	p->profile = NULL;
	if (!strcmp(name, "default")) {
		p->section = CONFIG_DEFAULT;
	} else if (!strcmp(name, "wire")) {
		p->section = CONFIG_WIRE;
	} else if (!strncmp(name, "profile", 7) && is_blank(name[7]) &&
	    is_name(trim(name + 7))) {
		p->section = CONFIG_PROFILE;
		p->profile = trim(name + 7);
	} else {
		return err_set(err, ERR_USAGE,
		    "%s:%u: unknown section '%s'; there are [default], [profile NAME] "
		    "and "
		    "[wire]",
		    p->path, p->line, name);
	}
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

	if (!equals || is_cookie(text, text))
		return err_set(err, ERR_USAGE, "%s:%u: %s", p->path, p->line,
		    is_cookie(text, text)
			? N_("a cookie does not belong into this file; run 'dreamq "
			     "auth import'")
			: N_("expected 'key = value'"));
	*equals = '\0';
	entry.key = trim(text);
	entry.value = unquote(trim(equals + 1));
	if (is_cookie(entry.key, entry.value))
		return err_set(err, ERR_USAGE,
		    "%s:%u: a cookie does not belong into this file; run 'dreamq auth "
		    "import'",
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
	text = trim(text);
	if (*text == '\0' || *text == '#' || *text == ';')
		return ERR_OK;
	if (*text == '[')
		return read_section(p, text, err);
	return read_entry(p, text, err);
}

static struct config take(struct config *config)
{
	struct config taken = *config;

	*config = (struct config){ 0 };
	return taken;
}

enum err_kind config_parse(
    char *text, size_t len, const char *path, struct config *ret_config, struct err *err)
{
	_cleanup_(config_release) struct config owned = { .text = text };
	struct parser p = { .path = path };
	char *rest = text;
	enum err_kind kind = ERR_OK;

	if (text && memchr(text, '\0', len))
		return err_set(
		    err, ERR_USAGE, "'%s' is not a text file; it has NUL bytes", path);
	if (rest && !strncmp(rest, "\xef\xbb\xbf", 3))
		rest += 3;
	while (rest && !kind)
		kind = read_line(&p, strsep(&rest, "\n"), err);
	owned.entries = p.config.entries;
	owned.n_entries = p.config.n_entries;
	if (!kind)
		*ret_config = take(&owned);
	return kind;
}

void config_release(struct config *config)
{
	free(config->entries);
	free(config->text);
	*config = (struct config){ 0 };
}
